/** Cog's outputs: what each return annotation promises, what is held to it, and outputs that come in pieces. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunnerProcess } from '../../apps/worker/src/runners/runner-process.ts'
import { removeRunFolders, startRun } from '../contract/run-in-folder.ts'
import { until } from '../support/until.ts'
import { removePythonModels, startPythonModel } from './python-model.ts'
import { needsTestPython, testPython } from './test-python.ts'

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
VALUES = {${Object.entries(values).map(([name, code]) => `"${name}": lambda: ${code}`).join(', ')}}
def predict(which: str) -> ${annotation}:
    return VALUES[which]()
`,
})

/** Annotation; schema; Python values with the output they come to, undefined for invalid_output. */
const TABLE: [string, object, [code: string, output: unknown][]][] = [
  ['str', { type: 'string' }, [['"a"', 'a'], ['""', ''], ['Kind.A', 'a'], ['5', undefined], ['None', undefined]]],
  ['int', { type: 'integer' }, [['0', 0], ['2.0', 2], ['2.5', undefined]]],
  ['float', { type: 'number' }, [['0', 0], ['1.5', 1.5], ['float("inf")', undefined]]],
  ['bool', { type: 'boolean' }, [['False', false], ['[]', undefined]]],
  ['Optional[str]', { type: ['string', 'null'] }, [['None', null], ['"a"', 'a']]],
  ['List[int]', { type: 'array', items: { type: 'integer' } }, [['[]', []], ['(1, 2)', [1, 2]], ['["x"]', undefined]]],
  ['Dict[str, int]', { type: 'object' }, [['{}', {}], ['{"a": (1, {2})}', { a: [1, [2]] }], ['[]', undefined]]],
  ['Any', {}, [['{"d": datetime.date(2020, 1, 2), "k": Kind.A}', { d: '2020-01-02', k: 'a' }], ['0', 0], ['Secret("x")', undefined]]],
  ['Union[int, str]', { anyOf: [{ type: 'integer' }, { type: 'string' }] }, [['"5"', '5'], ['5', 5], ['None', undefined]]],
  ['Kind', { enum: ['a'] }, [['Kind.A', 'a'], ['"b"', undefined]]],
  ['Secret', { type: 'string', format: 'password', writeOnly: true, 'x-cog-secret': true }, [['Secret("hush")', '**********']]],
  ['Path', { type: 'object', format: 'file', contentMediaType: '*/*' }, [['made()', null], ['open(made(), "rb")', null], ['"a.txt"', undefined], ['Path("/nowhere")', undefined], ['"https://host.example/a"', 'https://host.example/a'], ['"data:text/plain;base64,eA=="', null]]],
  ['Out', { type: 'object', required: ['name', 'score'] }, [
    ['Out(name="n", inner=None)', { name: 'n', score: 0, inner: null }],
    ['Out(name="n", inner=Inner(made(), ["t"]))', { name: 'n', score: 0, inner: { file: null, tags: ['t'] } }],
    ['{"name": "n", "score": 1}', { name: 'n', score: 1, inner: null }],
    ['Out(name=5)', undefined],
    ['Out(name="n", score="high")', undefined],
    ['42', undefined],
  ]],
  ['Data', { type: 'object', required: ['x'] }, [['Data(1)', { x: 1, when: '2020-01-02' }], ['Data("x")', undefined]]],
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
    expect(await startRun(runner, { which: 'model' }).outcome).toMatchObject({
      ...{ kind: 'done', output: { file: null, also: null, tag: { name: 't' } } },
      files: [{ pointer: '/file' }, { pointer: '/also' }],
    })
    expect(await startRun(runner, { which: 'dict' }).outcome).toMatchObject({ kind: 'done', output: { tag: { name: 't' } } })
    expect(await startRun(runner, { which: 'wrong' }).outcome).toMatchObject({ kind: 'failed', code: 'invalid_output' })
    })
  })
})

describe('an output that comes in pieces', { timeout: 30_000 }, () => {
  let runner: RunnerProcess
  const source = `${head}
def frames():
    path = Path("frame.txt")
    growing = []
    for n in range(3):
        path.write_text("frame %d" % n)
        growing.append(n)
        yield {"file": path, "growing": growing}
def cleaned():
    try:
        yield "one"
        time.sleep(60)
    except CancelationException:
        print("told to stop")
        raise
    finally:
        print("cleaned")
def stubborn():
    yield "one"
    while True:
        try: time.sleep(60)
        except CancelationException: break
    yield "two"
ACTS = {
    "generator": lambda: (str(n) for n in range(3)),
    "iterator": lambda: iter(["a", "b"]),
    "map": lambda: map(str, [1, 2]),
    "list": lambda: ["a", "b"],
    "empty": lambda: iter(()),
    "files": frames, "cleaned": cleaned, "stubborn": stubborn,
    "text": lambda: "abc",
    "none": lambda: None,
    "handle": lambda: iter([io.BytesIO(b"x"), io.BytesIO(b"y")]),
    "huge": lambda: iter(["a", "x" * 2000000, "b"]),
}
def predict(which: str) -> Iterator[Any]:
    return ACTS[which]()
`
  beforeAll(async () => {
    runner = await startPythonModel({ source: { 'predict.py': source } })
  })

  it.each([
    ['generator', ['0', '1', '2']],
    ['iterator', ['a', 'b']],
    ['map', ['1', '2']],
    ['list', ['a', 'b']],
    ['empty', []],
  ])('is told as it comes, whatever iterates (%s)', async (which, output) => {
    const run = startRun(runner, { which })
    expect(await run.outcome).toMatchObject({ kind: 'done', output })
    expect(run.chunks).toEqual(output)
  })

  it('holds each piece as it was when it came, also a file that is written anew', async () => {
    const run = startRun(runner, { which: 'files' })
    const outcome = await run.outcome
    expect(outcome).toMatchObject({
      ...{ kind: 'done', output: [{ growing: [0] }, { growing: [0, 1] }, { growing: [0, 1, 2] }] },
      files: [{ pointer: '/0/file' }, { pointer: '/1/file' }, { pointer: '/2/file' }],
    })
    const texts = outcome.kind === 'done' && outcome.files.map(({ path }) => readFileSync(join(run.workDir, path), 'utf8'))
    expect(texts).toEqual(['frame 0', 'frame 1', 'frame 2'])
    expect(run.chunks[1]).toMatchObject({ file: { object: 'file', name: 'frame.txt' }, growing: [0, 1] })
  })

  it('takes two files from memory', async () => {
    const outcome = await startRun(runner, { which: 'handle' }).outcome
    expect(outcome).toMatchObject({ kind: 'done', output: [null, null], files: [{ pointer: '/0' }, { pointer: '/1' }] })
  })

  it('is broken off in the code of the generator, which can clean up', async () => {
    const run = startRun(runner, { which: 'cleaned' })
    await until('a piece came', () => run.chunks.length > 0)
    run.cancel()
    expect(await run.outcome).toMatchObject({ kind: 'canceled', killed: false, partial: { output: ['one'] } })
    expect(run.logs.map((log) => log.message)).toEqual(['told to stop', 'cleaned'])
  })

  it('is done all the same when the generator comes to its end instead', async () => {
    const run = startRun(runner, { which: 'stubborn' })
    await until('a piece came', () => run.chunks.length > 0)
    run.cancel()
    expect(await run.outcome).toMatchObject({ kind: 'done', output: ['one', 'two'] })
  })

  it('is refused when it is not made of pieces, or one is too large; the pieces before it are kept', async () => {
    for (const which of ['text', 'none']) {
      expect(await startRun(runner, { which }).outcome).toMatchObject({ kind: 'failed', code: 'invalid_output' })
    }
    expect(await startRun(runner, { which: 'huge' }).outcome).toMatchObject({
      ...{ kind: 'failed', code: 'invalid_output', partial: { output: ['a'] } },
    })
  })

  it('is held to the annotation piece by piece', async () => {
    const concatenated = `from cog import ConcatenateIterator\ndef predict() -> ConcatenateIterator[str]:\n    yield "a"\n    yield 5\n`
    const typed = await startPythonModel({ source: { 'predict.py': concatenated } })
    expect(await startRun(typed, {}).outcome).toMatchObject({ code: 'invalid_output', partial: { output: ['a'] } })
    const whole = await startPythonModel({ source: { 'predict.py': 'import cog\ndef predict() -> str:\n    yield "a"\n' } })
    expect(await startRun(whole, {}).outcome).toMatchObject({ kind: 'failed', code: 'invalid_output' })
  })
})

describe('metrics', { timeout: 30_000 }, () => {
  it('are replaced, counted, appended and nested, with the names that Cog takes', async () => {
    const source = `
from typing import List
from cog import BasePredictor, current_scope
class Predictor(BasePredictor):
    def predict(self) -> List[str]:
        self.record_metric("tokens", 1, mode="incr")
        self.record_metric("tokens", 2, mode="incr")
        current_scope().metrics["timing.decode"] = 0.5
        self.record_metric("logprobs", -1.5, mode="append")
        self.scope.record_metric("logprobs", -2.5, mode="append")
        self.record_metric("gone", 1); del self.scope.metrics["gone"]
        refused = []
        for name, value in [("predict_time", 1), ("cog.x", 1), ("_a", 1), ("a_", 1), ("a__b", 1), ("a.b.c.d.e", 1), ("x" * 129, 1), ("", 1), ("1a", 1), ("tokens", "text"), ("ok", object())]:
            try: self.record_metric(name, value)
            except (ValueError, TypeError) as error: refused.append(type(error).__name__[0])
        return refused
`
    const runner = await startPythonModel({ source: { 'predict.py': source } })
    expect(await startRun(runner, {}).outcome).toMatchObject({
      ...{ kind: 'done', output: [...'VVVVVVVVVTT'] },
      metrics: { tokens: 3, timing: { decode: 0.5 }, logprobs: [-1.5, -2.5] },
    })
  })
})
