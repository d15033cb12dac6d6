/**
 * The originals run the same model files, and their answers are compared with ours: Cog's own servers of 0.16 and 0.23, the
 * server of DEEPaaS, and ai_integration in its test mode; aiges is in aiges-original.test.ts. Without the package index the
 * tests are skipped and say so.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { removeRunFolders, startRun } from '../../contract/runner/run-in-folder.ts'
import type { CogModel, Wanted } from '../cog/cases/cog-model.ts'
import { files } from '../cog/cases/files.ts'
import { inputs } from '../cog/cases/inputs.ts'
import { optional } from '../cog/cases/optional.ts'
import { outputs } from '../cog/cases/outputs.ts'
import { processes } from '../cog/cases/processes.ts'
import { structured } from '../cog/cases/structured.ts'
import { tryModel } from '../cog/cases/try-model.ts'
import { versions } from '../cog/cases/versions.ts'
import { removePythonModels, startPythonModel } from '../python-model.ts'
import { startCogServer } from './cog-server.ts'
import { needsOriginals } from './needs-originals.ts'
import { startOriginal } from './original-server.ts'

afterAll(async () => {
  await removePythonModels()
  removeRunFolders()
})

/** Rows that 0.16 can load. */
const CHOSEN = [
  'a text is taken as it is, and nothing else for one',
  'a flag is told from its usual words',
  'choices are all there is, given as a list, the keys of a dict, or two lists',
  'defaults that are nothing, below zero or constants of the file are defaults',
  'secrets are wrapped wherever they are, and show nothing',
  'a Path is a local file with the ending of its type',
  'a BaseModel with lists, optional fields and defaults',
  'an error of the model is told in its own words',
  '0.16.12: a union makes a last resort of what can be made',
  '0.16.12: BaseModel is that of pydantic, and what was not set is not in the output',
]
const OLD = ['cog==0.16.12', 'ai-integration==1.0.16']
const MORE: CogModel[] = [
  {
    shows: 'lists, and literals',
    model: `from typing import List, Literal, Optional
from cog import BasePredictor, Input
class Predictor(BasePredictor):
    def predict(
        self,
        names: List[str],
        counts: List[int] = [1],
        ratios: List[float] = Input(default=[0.5]),
        maybe: Optional[List[int]] = None,
        kind: Literal["a", "b"] = "a",
    ) -> str:
        return repr((names, counts, ratios, maybe, kind))
`,
    tries: [
      ...[{ names: ['a'] }, { names: [] }, { names: 'a' }, { names: [1] }, { names: [null] }, {}, { names: null }],
      ...[
        { counts: ['2', 3] },
        { counts: [1.5] },
        { counts: [2.0] },
        { counts: ['x'] },
        { counts: [true] },
        { counts: 1 },
      ],
      ...[{ ratios: [1, '.5'] }, { ratios: ['x'] }, { maybe: null }, { maybe: ['7'] }, { maybe: 7 }, { counts: null }],
      ...[{ kind: 'b' }, { kind: 'c' }, { kind: 1 }, { stranger: 1 }, { counts: [' 4 '] }, { counts: [''] }],
    ].map((input): [Record<string, unknown>, Wanted] => [{ names: ['n'], ...input }, {}]),
  },
  {
    shows: 'numbers, and the texts of numbers',
    model: `from cog import BasePredictor, Input
class Predictor(BasePredictor):
    def predict(self, n: int = Input(default=3, ge=1, le=9), r: float = Input(default=0.5, ge=0, le=2), f: float = 0.0) -> str:
        return repr((n, r, f))
`,
    tries: [
      ...[
        1,
        9,
        0,
        10,
        '1',
        '9',
        '0',
        '10',
        ' 2 ',
        '+2',
        '2.0',
        2.0,
        2.5,
        '2.5',
        '1e0',
        'x',
        '',
        true,
        false,
        [],
        {},
        '0x1',
        '1_0',
      ].map((n) => ({ n })),
      ...[0, 2, -0.1, 2.1, '0', '2.1', '.5', '5e-1', ' 1 ', 'nan', 'inf', 'x', '', true, [], '1_0'].map((r) => ({ r })),
      ...['inf', '-Infinity', 'nan', '1e400', 'Infinityx', '1__0'].map((f) => ({ f })),
    ].map((input): [Record<string, unknown>, Wanted] => [input, {}]),
  },
  {
    shows: 'an Iterator, and its error in the middle',
    model: `from typing import Iterator
from cog import BasePredictor
class Predictor(BasePredictor):
    def predict(self, text: str = "a b", stop: str = "") -> Iterator[str]:
        for word in text.split():
            if word == stop: raise RuntimeError("stopped")
            yield word
`,
    tries: [{}, { text: 'x' }, { text: 'x y', stop: 'y' }].map((input): [Record<string, unknown>, Wanted] => [
      input,
      {},
    ]),
  },
  {
    shows: 'outputs of many types',
    model: `import datetime, enum
from typing import Any
from cog import BasePredictor
class Kind(enum.Enum):
    A = "a"
class Predictor(BasePredictor):
    def predict(self, code: str) -> Any: return eval(code)
`,
    tries: [
      '1',
      '1.5',
      '"a"',
      '[1, (2, 3)]',
      '{"a": {"b": None}}',
      'Kind.A',
      '{1, 1}',
      'datetime.datetime(2020, 1, 2)',
      'True',
    ].map((code): [Record<string, unknown>, Wanted] => [{ code }, {}]),
  },
]
const ROWS = [...MORE, ...inputs, ...optional, ...files, ...outputs, ...structured, ...versions].filter(
  (row) => MORE.includes(row) || CHOSEN.includes(row.shows),
)

/** What is compared: whether it is taken, and what comes of it. Up to 0.16, Cog made null of a falsy output. */
function comparable({ refused, fails, gives }: Wanted): unknown {
  if (refused) return 'refused'
  return fails ? 'fails' : { gives: gives || null }
}

const inputsOf = ({ tries = [] }: CogModel): Record<string, unknown>[] => tries.map(([input]) => input)

async function compare(python: string, row: CogModel, isOld: boolean): Promise<void> {
  const model = typeof row.model === 'string' ? row.model : ''
  const [server, ours] = await Promise.all([
    startCogServer(python, model, isOld),
    startPythonModel({ source: { 'predict.py': model }, python }),
  ])
  const told = isOld ? comparable : ({ gives, fails }: Wanted): unknown => (fails ? 'fails' : { gives })
  let compared = 0
  try {
    for (const input of inputsOf(row)) {
      const theirs = await server.ask(input)
      if (!theirs) continue
      const own = await tryModel(ours, [input, {}])
      compared++
      expect({ input, answer: told(own) }).toEqual({ input, answer: told(theirs) })
    }
    expect(compared).toBeGreaterThan(0)
  } finally {
    await server.stop()
  }
}

describe("Cog's own server of 0.16.12", { timeout: 90_000 }, () => {
  const python = needsOriginals(...OLD)
  it.for(ROWS.map((row): [string, CogModel] => [row.shows, row]))('answers as we do: %s', ([, row]) =>
    compare(python(), row, true),
  )
})

/** Rows for the newest, whose server knows nothing of what is refused: that is in a file that its builder makes. */
const NEWEST = [
  'outputs of many types',
  'an Iterator, and its error in the middle',
  'an error of the model is told in its own words',
  'a BaseModel with lists, optional fields and defaults',
  'a BaseModel is a dataclass: fields, asdict, replace, equality, order of arguments',
  'a list and a dict of models, one that contains itself',
  'a typed dict, whole or with keys that may be missing',
  'what setup made is there, and state stays between runs',
]

describe("Cog's own server of 0.23.1", { timeout: 90_000 }, () => {
  const python = needsOriginals('cog==0.23.1')
  const rows = [...MORE, ...outputs, ...structured, ...processes].filter(({ shows }) => NEWEST.includes(shows))
  it.for(rows.map((row): [string, CogModel] => [row.shows, row]))('answers as we do: %s', ([, row]) =>
    compare(python(), row, false),
  )
})

const DEEPAAS_MODEL = {
  'shape_api.py': `from webargs import fields, validate
def get_metadata(): return {"name": "shape"}
def get_predict_args():
    return {
        "n": fields.Int(load_default=3, validate=validate.Range(min=1, max=9)),
        "r": fields.Float(load_default=0.5),
        "word": fields.Str(required=True, validate=validate.Length(max=4)),
        "kind": fields.Str(load_default="a", validate=validate.OneOf(["a", "b"])),
        "flag": fields.Bool(load_default=False),
        "many": fields.List(fields.Int(), load_default=[]),
    }
def predict(**args):
    if args["word"] == "fail": raise RuntimeError("told so")
    return {key: args[key] for key in sorted(args)}
`,
  'shape.dist-info/entry_points.txt': '[deepaas.v2.model]\nshape = shape_api\n',
  'shape.dist-info/METADATA': 'Metadata-Version: 2.1\nName: shape\nVersion: 1.0\n',
}
/** Queries, as its server takes them. */
const QUERIES: Record<string, string | string[]>[] = [
  ...[
    {},
    { n: '4' },
    { n: '0' },
    { n: '10' },
    { n: 'x' },
    { n: '' },
    { n: ' 4 ' },
    { n: '2.0' },
    { n: '+4' },
    { n: '1_0' },
  ],
  ...[{ r: '1e1' }, { r: '.5' }, { r: 'x' }, { r: 'nan' }, { r: 'inf' }, { r: '-3' }, { kind: 'b' }, { kind: 'c' }],
  ...[
    { flag: 'yes' },
    { flag: 'F' },
    { flag: '1' },
    { flag: 'perhaps' },
    { word: 'abcde' },
    { word: 'fail' },
    { x: '1' },
  ],
  ...[{ many: ['1', '2'] }, { many: ['1', 'x'] }],
]

describe("DEEPaaS's own server of 2.6.0", { timeout: 90_000 }, () => {
  const python = needsOriginals('deepaas==2.6.0')

  it('answers as we do', async () => {
    const server = await startOriginal({
      python: python(),
      files: DEEPAAS_MODEL,
      args: (port) => ['-m', 'deepaas.cmd.run', '--listen-ip', '127.0.0.1', '--listen-port', String(port)],
      env: (_port, folder) => ({ PYTHONPATH: folder }),
      ready: ['/v2/models', 'shape'],
    })
    try {
      const ours = await startPythonModel({ source: DEEPAAS_MODEL, python: python() })
      for (const query of QUERIES) {
        const input = { word: 'a', ...query }
        const pairs = Object.entries(input).flatMap(([key, value]) =>
          [value].flat().map((one): [string, string] => [key, one]),
        )
        const search = new URLSearchParams(pairs).toString()
        const told = await fetch(`${server.url}/v2/models/shape/predict/?${search}`, {
          method: 'POST',
        })
        const theirs = told.status === 422 ? 'refused' : told.ok ? { gives: await told.json() } : 'fails'
        const { refused, fails, gives } = await tryModel(ours, [input, {}])
        expect({ input, answer: refused ? 'refused' : fails ? 'fails' : { gives } }).toEqual({ input, answer: theirs })
      }
    } finally {
      await server.stop()
    }
  })
})

const AI_MODEL = `import ai_integration, json
while True:
    with ai_integration.get_next_input(inputs_schema={"text": {"type": "text"}, "extra": {"type": "text"}}) as inputs:
        text = inputs["text"]
        if text == "fail":
            ai_integration.send_result({"content-type": "text/plain", "data": None, "success": False, "error": "told so"})
            continue
        data = json.dumps({"upper": text.upper(), "kind": type(text).__name__, "keys": sorted(inputs)})
        ai_integration.send_result({"content-type": "application/json", "data": data, "success": True, "error": None})
`

/** What the mode test_inputs_dict_json prints. */
async function printedByMode(python: string, inputs: object): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-original-'))
  writeFileSync(join(folder, 'model.py'), AI_MODEL)
  const env = { PATH: process.env.PATH, MODE: 'test_inputs_dict_json' }
  const child = spawn(python, ['-u', 'model.py'], { cwd: folder, env, stdio: ['pipe', 'pipe', 'ignore'] })
  child.stdin.end(JSON.stringify(inputs))
  let printed = ''
  for await (const chunk of child.stdout) printed += chunk
  rmSync(folder, { recursive: true, force: true })
  return printed
}

describe('ai_integration itself', { timeout: 60_000 }, () => {
  const python = needsOriginals(...OLD)
  it.each([
    ['a', '{"upper": "A", "kind": "str", "keys": ["extra", "text"]}'],
    ['é', '{"upper": "É", "kind": "str", "keys": ["extra", "text"]}'],
  ])('hands over %s as we do', async (text, output) => {
    const input = { text, extra: '' }
    const printed = await printedByMode(python(), input)
    expect(printed).toContain(output.replaceAll('"', "'"))
    const ours = await startPythonModel({ source: { 'model.py': AI_MODEL }, python: python() })
    const outcome = await startRun(ours, input).outcome
    expect(outcome).toMatchObject({ kind: 'done', output: { data: JSON.parse(output) } })
  })

  it('takes a result without success for a failure, as we do', async () => {
    const input = { text: 'fail', extra: '' }
    expect(await printedByMode(python(), input)).toContain('told so')
    const ours = await startPythonModel({ source: { 'model.py': AI_MODEL }, python: python() })
    expect(await startRun(ours, input).outcome).toMatchObject({
      kind: 'failed',
      code: 'model_error',
      message: 'told so',
    })
  })
})
