import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { removeRunFolders, startRun } from '../../contract/runner/run-in-folder.ts'
import { createPythonModel, type PythonModel, removePythonModels, startPythonModel } from '../python-model.ts'
import { needsTestPython, testPython } from '../test-python.ts'

const start = (model: PythonModel) => startPythonModel({ python: testPython, ...model })

async function outputOf(model: PythonModel, input: unknown = {}, kind: 'prediction' | 'training' = 'prediction') {
  const outcome = await startRun(await start(model), input, { kind }).outcome
  return outcome.kind === 'done' ? outcome.output : outcome
}

/** Why a model cannot be loaded. */
function failureOf(model: PythonModel): Promise<{ message: string; traceback?: string }> {
  return new Promise((resolve) => {
    createPythonModel({ python: testPython, ...model, onLoadFailed: resolve })
      .start()
      .catch(() => undefined)
  })
}

afterEach(async () => {
  await removePythonModels()
  removeRunFolders()
})

/** Methods that count how often they were warmed, in the object itself. */
const METHODS = `
    warmed = 0
    @staticmethod
    def get_metadata(): return {"version": 1.5}
    def get_predict_args(self): return {}
    def warm(self): self.warmed += 1
    def predict(self): return {"warmed": self.warmed, "calls": self.count()}
    def count(self):
        self.calls = getattr(self, "calls", 0) + 1
        return self.calls
`
const BASE = 'from deepaas.model.v2.base import BaseModel\nfrom deepaas.model.v2 import wrapper\n'

describe('a DEEPaaS model', { timeout: 60_000 }, () => {
  needsTestPython()

  it.each([
    ['a class, which is instantiated', `class Model:${METHODS}`, 'pkg.api:Model'],
    ['a class of the base class', `${BASE}class Model(BaseModel):${METHODS}`, 'pkg.api:Model'],
    ['an object', `class Own:${METHODS}\nmodel = Own()`, 'pkg.api:model'],
    ['an object inside of another', `class Own:${METHODS}\nclass Box:\n    model = Own()`, 'pkg.api:Box.model [extra]'],
  ])('may be %s; what warm keeps in it stays', async (_title, text, target) => {
    const entry = `[deepaas.v2.model]\nit = ${target}\n`
    const runner = await start({
      source: { 'pkg/__init__.py': '', 'pkg/api.py': text, 'it-1.dist-info/entry_points.txt': entry },
    })
    for (const calls of [1, 2]) {
      expect(await startRun(runner, {}).outcome).toMatchObject({ output: { predictions: { warmed: 1, calls } } })
    }
  })

  it('may be a class with static methods, which is never instantiated', async () => {
    const text = `
class Model:
    def __init__(self): raise RuntimeError("never")
    state = []
    @staticmethod
    def get_predict_args(): return {}
    @classmethod
    def warm(cls): cls.state.append("warm")
    @classmethod
    def predict(cls): return cls.state
`
    expect(await outputOf({ source: { 'api.py': text }, convention: 'deepaas', ref: 'api:Model' })).toEqual({
      status: 'OK',
      predictions: ['warm'],
    })
  })

  it('is the one that `ref` names among several entry points, or a module, or a file', async () => {
    const source = {
      'setup.cfg': '[entry_points]\ndeepaas.v2.model =\n    one = pkg.one\n    two = pkg.two:Model\n',
      'src/pkg/__init__.py': '',
      'src/pkg/one.py': 'def get_predict_args(): return {}\ndef predict(): return "one"\n',
      'src/pkg/two.py':
        'class Model:\n    def get_predict_args(self): return {}\n    def predict(self): return "two"\n',
    }
    for (const [ref, predictions] of [
      ['one', 'one'],
      ['two', 'two'],
      ['pkg.one', 'one'],
      ['pkg.two', 'two'],
      ['src/pkg/two.py:Model', 'two'],
    ] as const) {
      const convention = ref.endsWith('Model') ? 'deepaas' : undefined
      expect(await outputOf({ source, ref, convention }), ref).toMatchObject({ predictions })
    }
    expect((await failureOf({ source })).message).toContain('the entry points one, two are all there')
  })

  it('takes the values of the settings when it is made', async () => {
    const text = `class Model:
    def __init__(self, size): self.size = size
    def get_predict_args(self): return {}
    def predict(self): return self.size
`
    expect(await outputOf({ source: { 'm.py': text }, config: { size: 7 } })).toMatchObject({ predictions: 7 })
  })

  it('may lack every function but one', async () => {
    const onlyTrain = { source: { 'm.py': 'def train(**args): return args\n' }, ref: 'm.py', convention: 'deepaas' }
    expect(await outputOf(onlyTrain, { a: 1 }, 'training')).toEqual({})
    expect(await outputOf(onlyTrain)).toMatchObject({
      code: 'model_error',
      message: "Not implemented by underlying model (loaded 'm.py')",
      details: { status: 501 },
    })
    const base = { source: { 'm.py': `${BASE}class Model(BaseModel):\n    def predict(self, **args): return 1\n` } }
    const settings = { ...base, ref: 'm.py:Model', convention: 'deepaas' }
    const manifest = await (await start(settings)).start()
    expect(manifest).toMatchObject({
      training: null,
      description: "Could not load description from underlying model (loaded 'm.py:Model')",
    })
    expect(await outputOf(settings)).toMatchObject({ predictions: 1 })
    expect(await outputOf(settings, {}, 'training')).toMatchObject({ details: { status: 501 } })
  })

  it('finds all that model files import from DEEPaaS', async () => {
    const text = `
import deepaas
from aiohttp.web import HTTPBadRequest, HTTPException
from deepaas import config, log
from deepaas.config import CONF
from deepaas.model.v2 import wrapper
from deepaas.model.v2.base import BaseModel
from deepaas.model.v2.wrapper import ReturnedFile, UploadedFile
LOG = log.getLogger(__name__)
def get_predict_args(): return {}
def predict():
    LOG.warning("to the log")
    return [issubclass(HTTPBadRequest, HTTPException), UploadedFile(), CONF.workers, bool(deepaas.__version__)]
`
    const run = startRun(await start({ source: { 'm.py': text } }), {})
    expect(await run.outcome).toMatchObject({ output: { predictions: [true, [null, null, null, null], 1, true] } })
    expect(run.logs).toMatchObject([{ message: 'to the log' }])
  })
})

describe('a DEEPaaS model that cannot be loaded', { timeout: 120_000 }, () => {
  needsTestPython()
  const FIELDS = 'from webargs import fields\ndef predict(**args): ...\ndef get_predict_args(): '

  it.each([
    [
      'warm fails',
      'def warm(): raise OSError("no weights")\ndef get_predict_args(): return {}\ndef predict(): ...\n',
      'OSError: no weights',
    ],
    ['its schema is none', `schema = 3\n${FIELDS}return {}\n`, 'Model defined schema is invalid'],
    ['its arguments are no dict', `${FIELDS}return []\n`, 'get_predict_args gives a list'],
    [
      'an import of its own is missing',
      'import torch_of_tomorrow\ndef get_predict_args(): return {}\n',
      'ModuleNotFoundError: No module named',
    ],
  ])('says why when %s', async (_title, text, message) => {
    expect((await failureOf({ source: { 'm.py': text } })).message).toContain(message)
  })

  it('says what the module lacks', async () => {
    const source = { 'm.py': 'x = 1\n' }
    expect((await failureOf({ source, convention: 'deepaas', ref: 'm:Model' })).message).toBe('m has no Model')
    expect((await failureOf({ source, convention: 'deepaas', ref: 'm' })).message).toContain(
      'm has neither predict nor train',
    )
  })

  it('says what to install when the libraries are missing or too new', async () => {
    // Environments without packages; a release of tomorrow is stood in for by one that refuses the old keywords.
    const home = join(tmpdir(), `millrace-venv-${process.pid}`)
    execFileSync(testPython, ['-m', 'venv', '--without-pip', home])
    try {
      const python = join(home, 'bin', 'python')
      const source = { 'm.py': `${FIELDS}return {"a": fields.Str(missing=None)}\n` }
      const needed = 'install `webargs` and `marshmallow>=3.10,<4` into'
      expect(await failureOf({ source, python })).toEqual({
        message: `webargs is not installed; ${needed} the model's environment`,
      })
      const tomorrow = {
        ...source,
        'webargs.py': 'class fields:\n    class Str:\n        def __init__(self, *, load_default=None): ...\n',
        'marshmallow-4.1.0.dist-info/METADATA': 'Name: marshmallow\nVersion: 4.1.0\n',
      }
      expect((await failureOf({ source: tomorrow, python })).message).toMatch(
        /^the model does not work with marshmallow 4\.1\.0 \(TypeError: .*missing.*\); install `webargs` and `marshmallow>=3\.10,<4` into/,
      )
    } finally {
      rmSync(home, { recursive: true, force: true })
    }
  })
})
