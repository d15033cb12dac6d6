/** Cog's outputs that come in pieces, and what a run tells besides: metrics, progress, inputs that are none. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunnerProcess } from '../../../libs/host/src/runners/runner-process.ts'
import { removeRunFolders, startRun } from '../../contract/runner/run-in-folder.ts'
import { until } from '../../support/until.ts'
import { removePythonModels, startPythonModel } from '../python-model.ts'

afterAll(async () => {
  await removePythonModels()
  removeRunFolders()
})

describe('an output that comes in pieces', { timeout: 30_000 }, () => {
  let runner: RunnerProcess
  const source = `
import io, os, signal, time
from typing import Any, Iterator
from cog import CancelationException, Path
def frames():
    path = Path("frame.txt")
    growing = []
    for n in range(3):
        path.write_text("frame %d" % n)
        growing.append(n)
        yield {"file": path, "growing": growing}
def dying():
    yield from frames()
    os.kill(os.getpid(), signal.SIGKILL)
def cleaned():
    try:
        yield "one"
        time.sleep(60)
    except CancelationException:
        print("told to stop")
        raise
    finally:
        print("cleaned")
def endless():
    try:
        while True:
            yield "x"
    except CancelationException:
        print("told to stop")
        raise
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
    "files": frames, "dying": dying, "endless": endless, "cleaned": cleaned, "stubborn": stubborn,
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
    const texts =
      outcome.kind === 'done' && outcome.files.map(({ path }) => readFileSync(join(run.workDir, path), 'utf8'))
    expect(texts).toEqual(['frame 0', 'frame 1', 'frame 2'])
    expect(run.chunks[1]).toMatchObject({ file: { object: 'file', name: 'frame.txt' }, growing: [0, 1] })
  })

  it('is kept with its files when the process dies', async () => {
    const run = startRun(runner, { which: 'dying' })
    const outcome = await run.outcome
    expect(outcome).toMatchObject({
      ...{ kind: 'crashed', signal: 'SIGKILL' },
      partial: {
        output: [0, 1, 2].map((n) => ({ file: null, growing: [0, 1, 2].slice(0, n + 1) })),
        files: [{ pointer: '/0/file', name: 'frame.txt' }, { pointer: '/1/file' }, { pointer: '/2/file' }],
      },
    })
    const [first] = (outcome.kind === 'crashed' && outcome.partial?.files) || []
    expect(readFileSync(join(run.workDir, first?.path ?? ''), 'utf8')).toBe('frame 0')
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

  it('is broken off between two pieces as well, and every piece that was told is kept', async () => {
    const run = startRun(runner, { which: 'endless' })
    await until('pieces came', () => run.chunks.length > 10)
    run.cancel()
    const outcome = await run.outcome
    expect(outcome).toMatchObject({ kind: 'canceled', killed: false })
    expect(outcome.kind === 'canceled' && outcome.partial?.output).toEqual(run.chunks)
    expect(run.logs.map((log) => log.message)).toEqual(['told to stop'])
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
    const whole = await startPythonModel({
      source: { 'predict.py': 'import cog\ndef predict() -> str:\n    yield "a"\n' },
    })
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
        for name, value in [("predict_time", 1), ("cog.x", 1), ("_a", 1), ("a_", 1), ("a__b", 1), ("a.b.c.d.e", 1), ("x" * 129, 1), ("", 1), ("1a", 1), ("tokens", "text"), ("ok", object()), ("ok", float("nan"))]:
            try: self.record_metric(name, value)
            except (ValueError, TypeError) as error: refused.append(type(error).__name__[0])
        return refused
`
    const runner = await startPythonModel({ source: { 'predict.py': source } })
    expect(await startRun(runner, {}).outcome).toMatchObject({
      ...{ kind: 'done', output: 'VVVVVVVVVTTT'.split('') },
      metrics: { tokens: 3, timing: { decode: 0.5 }, logprobs: [-1.5, -2.5] },
    })
  })
})

describe('what a run tells', { timeout: 30_000 }, () => {
  it('its progress, and each input that the model does not have, with the name that was meant', async () => {
    const source = `
from cog import BasePredictor, current_scope
class Predictor(BasePredictor):
    def predict(self, min_score: float = 0.5) -> float:
        current_scope().progress(0.25, "a quarter")
        current_scope().progress(7)
        return min_score
`
    const runner = await startPythonModel({ source: { 'predict.py': source } })
    const many = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`no${n}`, n]))
    const run = startRun(runner, { min_scroe: 'hidden', ['x'.repeat(200)]: 1, ...many })
    expect(await run.outcome).toMatchObject({ kind: 'done', output: 0.5 })
    expect(run.progress).toEqual([
      { fraction: 0.25, message: 'a quarter' },
      { fraction: 1, message: undefined },
    ])
    const said = run.logs.map(({ level, message }) => `${level}: ${message}`)
    expect(said[0]).toBe('warn: the model has no input "min_scroe", so it was ignored; did you mean min_score?')
    expect(said[1]).toBe(`warn: the model has no input "${'x'.repeat(100)}", so it was ignored`)
    expect([said.length, said.at(-1)]).toEqual([11, 'warn: 2 more inputs that the model does not have were ignored'])
    expect(said.join()).not.toContain('hidden')

    const right = startRun(runner, { min_score: 0.9 })
    expect(await right.outcome).toMatchObject({ kind: 'done', output: 0.9 })
    expect(right.logs).toEqual([])
  })
})
