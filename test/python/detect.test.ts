import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'

const python = fileURLToPath(new URL('../../apps/runner/python/', import.meta.url))
const folders: string[] = []
const PROGRAM = `
import json, sys
sys.path.insert(0, sys.argv[1])
from millrace_runner.find.detect import detect
from millrace_runner.errors import SetupError
from millrace_runner.settings import Settings
try:
    found = detect(Settings(sys.argv[2]))
    print(json.dumps({"convention": found.convention, "ref": found.ref, "train": found.train_ref}))
except SetupError as error:
    print(json.dumps({"error": str(error)}))
`

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** What is found in a folder of these files. */
function detect(files: Record<string, string>, settings: Record<string, unknown> = {}): Record<string, unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-detect-'))
  folders.push(folder)
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  const said = execFileSync('python3', ['-c', PROGRAM, python, JSON.stringify({ folder, ...settings })])
  return JSON.parse(said.toString())
}

const COG = 'from cog import BasePredictor\nclass Predictor(BasePredictor):\n    def predict(self): ...\n'
const LOOP = 'import ai_integration\n'
const WRAPPER = 'from aiges.sdk import WrapperBase\nclass Wrapper(WrapperBase): ...\n'
const PLAIN = 'class Model:\n    def predict(self, data): ...\n'
const ENTRY = '[deepaas.v2.model]\nfindme = findme.api\n'

describe('the convention of a folder', () => {
  it.each([
    [
      'cog.yaml',
      { 'cog.yaml': 'build: {}\npredict: "a.py:Name"  # it\ntrain: "t.py:train"\n', 'wrapper.py': WRAPPER },
      { convention: 'cog', ref: 'a.py:Name', train: 't.py:train' },
    ],
    [
      'an entry point of an installed folder',
      { 'x-1.dist-info/entry_points.txt': ENTRY, 'wrapper.py': WRAPPER },
      { convention: 'deepaas', ref: 'findme = findme.api', train: null },
    ],
    [
      'an entry point in setup.cfg',
      { 'setup.cfg': '[options.entry_points]\ndeepaas.v2.model =\n    findme = findme.api:Model\n' },
      { convention: 'deepaas', ref: 'findme = findme.api:Model', train: null },
    ],
    [
      'an entry point in pyproject.toml',
      {
        'pyproject.toml':
          '[project]\nname = "x"\n[project.entry-points."deepaas.v2.model"]\nfindme = "findme.api"\n[tool.x]\na = "b"\n',
      },
      { convention: 'deepaas', ref: 'findme = findme.api', train: null },
    ],
    [
      'wrapper.py',
      { 'wrapper.py': WRAPPER, 'model.py': LOOP },
      { convention: 'aiges', ref: 'wrapper.py', train: null },
    ],
    [
      'an import of ai_integration',
      { 'run.py': LOOP, 'model.py': PLAIN },
      { convention: 'ai_integration', ref: 'run.py', train: null },
    ],
    ['an import of cog', { 'p.py': COG, 'helper.py': 'x = 1\n' }, { convention: 'cog', ref: 'p.py', train: null }],
    ['a class with predict', { 'm.py': PLAIN }, { convention: 'predict', ref: 'm.py', train: null }],
    ['a function predict', { 'm.py': 'def predict(data): ...\n' }, { convention: 'predict', ref: 'm.py', train: null }],
  ])('is told by %s', (_title, files, found) => {
    expect(detect(files as unknown as Record<string, string>)).toEqual(found)
  })

  it('is what the settings say, before all else', () => {
    const files = { 'cog.yaml': 'predict: p.py:P\n', 'm.py': PLAIN, 'p.py': COG }
    expect(detect(files, { convention: 'predict', ref: 'm.py' })).toMatchObject({ convention: 'predict', ref: 'm.py' })
    expect(detect(files, { ref: 'm.py' })).toMatchObject({ convention: 'predict', ref: 'm.py' })
    expect(detect({ 'a.py': PLAIN, 'b.py': LOOP }, { convention: 'predict' })).toMatchObject({ ref: 'a.py' })
  })

  it.each([
    ['nothing is there', { 'notes.txt': '' }, {}, 'name it by `convention:` and `ref:` in millrace.yaml'],
    ['two files could be meant', { 'a.py': PLAIN, 'b.py': PLAIN }, {}, 'a.py, b.py all look like predict models'],
    [
      'two entry points are there',
      { 'setup.cfg': '[options.entry_points]\ndeepaas.v2.model =\n    a = a\n    b = b\n' },
      {},
      'the entry points a, b are all there',
    ],
    ['the file cannot be parsed', { 'a.py': 'def predict(:\n' }, {}, 'a.py cannot be read'],
    ['the named file is missing', { 'a.py': PLAIN }, { ref: 'b.py:Model' }, 'names b.py, which is not in the folder'],
    ['the convention is unknown', { 'a.py': PLAIN }, { convention: 'keras' }, "convention 'keras' is none of"],
  ])('cannot be told when %s, and the message says what to do', (_title, files, settings, message) => {
    expect(detect(files as Record<string, string>, settings)).toEqual({ error: expect.stringContaining(message) })
  })

  it('is found without running any of the code', () => {
    expect(detect({ 'm.py': `${PLAIN}\nraise SystemExit(1)\n` })).toMatchObject({ convention: 'predict' })
  })
})
