/** Cog's outputs: what each return annotation promises, what is held to it. */
import { afterAll, describe, expect, it } from 'vitest'
import { removeRunFolders, startRun } from '../../contract/runner/run-in-folder.ts'
import { removePythonModels, startPythonModel } from '../python-model.ts'
import { needsTestPython, testPython } from '../test-python.ts'

afterAll(async () => {
  await removePythonModels()
  removeRunFolders()
})

const head = `
import dataclasses, datetime, enum, io, os, tempfile, time
from typing import *
import cog
from cog import *
class Kind(enum.Enum):
    A = "a"
class Inner(BaseModel):
    file: Path
    tags: List[str] = []
class Out(BaseModel):
    name: str
    score: float = 0
    inner: Optional[Inner]
@dataclasses.dataclass
class Data:
    x: int
    when: datetime.date = datetime.date(2020, 1, 2)
def made(text="x", name="a.txt"):
    path = Path(tempfile.mkdtemp()) / name
    path.write_text(text)
    return path
`
/** A model with this return annotation, whose input chooses the value. */
const returning = (annotation: string, values: Record<string, string>): Record<string, string> => ({
  'predict.py': `${head}
VALUES = {${Object.entries(values)
    .map(([name, code]) => `"${name}": lambda: ${code}`)
    .join(', ')}}
def predict(which: str) -> ${annotation}:
    return VALUES[which]()
`,
})

/** Annotation; schema; Python values with the output they come to, undefined for invalid_output. */
const TABLE: [string, object, [code: string, output: unknown][]][] = [
  [
    'str',
    { type: 'string' },
    [
      ['"a"', 'a'],
      ['""', ''],
      ['Kind.A', 'a'],
      ['5', undefined],
      ['None', null],
      ['"é".encode()', 'é'],
      ['b"\\xff"', undefined],
    ],
  ],
  [
    'int',
    { type: 'integer' },
    [
      ['0', 0],
      ['2.0', 2],
      ['2.5', undefined],
    ],
  ],
  [
    'float',
    { type: 'number' },
    [
      ['0', 0],
      ['1.5', 1.5],
      ['float("inf")', undefined],
    ],
  ],
  [
    'bool',
    { type: 'boolean' },
    [
      ['False', false],
      ['[]', undefined],
    ],
  ],
  [
    'Optional[str]',
    { type: ['string', 'null'] },
    [
      ['None', null],
      ['"a"', 'a'],
    ],
  ],
  [
    'List[int]',
    { type: 'array', items: { type: 'integer' } },
    [
      ['[]', []],
      ['(1, 2)', [1, 2]],
      ['["x"]', undefined],
    ],
  ],
  [
    'Dict[str, int]',
    { type: 'object' },
    [
      ['{}', {}],
      ['{"a": (1, {2})}', { a: [1, [2]] }],
      ['[]', undefined],
    ],
  ],
  [
    'Any',
    {},
    [
      ['{"d": datetime.date(2020, 1, 2), "k": Kind.A}', { d: '2020-01-02', k: 'a' }],
      ['0', 0],
      ['Secret("x")', undefined],
    ],
  ],
  [
    'Union[int, str]',
    { anyOf: [{ type: 'integer' }, { type: 'string' }] },
    [
      ['"5"', '5'],
      ['5', 5],
      ['None', null],
    ],
  ],
  [
    'Kind',
    { enum: ['a'] },
    [
      ['Kind.A', 'a'],
      ['"b"', undefined],
    ],
  ],
  [
    'Secret',
    { type: 'string', format: 'password', writeOnly: true, 'x-cog-secret': true },
    [['Secret("hush")', '**********']],
  ],
  [
    'Path',
    { type: 'object', format: 'file', contentMediaType: '*/*' },
    [
      ['made()', null],
      ['open(made(), "rb")', null],
      ['"a.txt"', undefined],
      ['Path("/nowhere")', undefined],
      ['"https://host.example/a"', 'https://host.example/a'],
      ['"data:text/plain;base64,eA=="', null],
    ],
  ],
  [
    'Out',
    { type: 'object', required: ['name'] },
    [
      ['Out(name="n", inner=None)', { name: 'n', score: 0, inner: null }],
      ['Out(name="n", inner=Inner(made(), ["t"]))', { name: 'n', score: 0, inner: { file: null, tags: ['t'] } }],
      ['{"name": "n", "score": 1}', { name: 'n', score: 1, inner: null }],
      ['{"name": "n"}', { name: 'n', inner: null }],
      ['{"score": 1}', undefined],
      ['Out(name=5)', undefined],
      ['Out(name="n", score="high")', undefined],
      ['42', undefined],
    ],
  ],
  [
    'Data',
    { type: 'object', required: ['x'] },
    [
      ['Data(1)', { x: 1, when: '2020-01-02' }],
      ['Data("x")', undefined],
    ],
  ],
]

describe('an output of a Cog model', { timeout: 30_000 }, () => {
  it.each(TABLE)('annotated as %s is described by %j, and held to it', async (annotation, schema, values) => {
    const named = Object.fromEntries(values.map(([code], index) => [`v${index}`, code]))
    const runner = await startPythonModel({ source: returning(annotation, named) })
    expect((await runner.start()).output_schema).toMatchObject(schema)
    for (const [index, [code, output]] of values.entries()) {
      const outcome = await startRun(runner, { which: `v${index}` }).outcome
      const wanted = output === undefined ? { kind: 'failed', code: 'invalid_output' } : { kind: 'done', output }
      expect({ code, ...outcome }).toMatchObject(wanted)
    }
  })

  describe('with the real pydantic', () => {
    needsTestPython()
    it('may be a model of it with our types in it', async () => {
      const source = `
from typing import Optional
from pydantic import BaseModel as Pydantic
import cog
class Tag(cog.BaseModel):
    name: str
class Out(Pydantic):
    file: cog.Path
    also: Optional[cog.File] = None
    tag: Tag
def predict(which: str) -> Out:
    with open("a.txt", "w") as f: f.write("x")
    if which == "dict": return {"file": cog.Path("a.txt"), "tag": Tag("t")}
    if which == "wrong": return {"file": 5, "tag": 5}
    return Out(file=cog.Path("a.txt"), also=open("a.txt", "rb"), tag=Tag("t"))
`
      const runner = await startPythonModel({ source: { 'predict.py': source }, python: testPython })
      expect((await runner.start()).output_schema).toMatchObject({
        properties: { file: { format: 'file' }, also: { anyOf: [{ format: 'file' }, { type: 'null' }] } },
        required: ['file', 'tag'],
      })
      expect(await runner.start()).toMatchObject({ nullable_output: true })
      expect(await startRun(runner, { which: 'model' }).outcome).toMatchObject({
        ...{ kind: 'done', output: { file: null, also: null, tag: { name: 't' } } },
        files: [{ pointer: '/file' }, { pointer: '/also' }],
      })
      expect(await startRun(runner, { which: 'dict' }).outcome).toMatchObject({
        kind: 'done',
        output: { tag: { name: 't' } },
      })
      expect(await startRun(runner, { which: 'wrong' }).outcome).toMatchObject({
        kind: 'failed',
        code: 'invalid_output',
      })
    })
  })
})
