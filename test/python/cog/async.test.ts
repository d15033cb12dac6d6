/** Cog's asynchronous predictors: runs that overlap in one process, each with its own answer, log, metrics and end. */
import { afterEach, describe, expect, it } from 'vitest'
import { removeRunFolders, startRun } from '../../contract/runner/run-in-folder.ts'
import { until } from '../../support/until.ts'
import { removePythonModels, startPythonModel } from '../python-model.ts'

afterEach(async () => {
  await removePythonModels()
  removeRunFolders()
})

const talker = `
import asyncio, logging, os, sys, threading
from cog import AsyncConcatenateIterator, BasePredictor, concurrent, current_scope
handler = logging.StreamHandler()
logging.getLogger().addHandler(handler)

class Predictor(BasePredictor):
    async def setup(self):
        self.loop = asyncio.get_running_loop()
        self.inside = 0
        self.both = asyncio.Event()

    @concurrent(max=3)
    async def predict(self, name: str, act: str = "talk") -> AsyncConcatenateIterator[str]:
        assert asyncio.get_running_loop() is self.loop
        self.inside += 1
        if self.inside == 2: self.both.set()
        try:
            if act == "talk": await self.both.wait()
            for n in range(3):
                print("%s prints" % name, end=" ")
                await asyncio.sleep(0.01)
                print(n)
                yield "%s%d" % (name, n)
            sys.stderr.write("%s warns" % name)
            await asyncio.to_thread(print, "%s in a thread" % name)
            logging.warning("%s logs", name)
            current_scope().record_metric("name", name)
            if act == "leave": asyncio.get_running_loop().call_later(0.05, print, "%s goes on" % name)
            if act == "die":
                sys.stdout.write("last words")
                os._exit(3)
            if act == "fail": raise ValueError(name)
            if act == "sleep": await asyncio.sleep(60)
        except asyncio.CancelledError:
            print("%s is told to stop" % name)
            raise
        finally:
            self.inside -= 1
`

describe('an asynchronous predictor', { timeout: 30_000 }, () => {
  const start = () => startPythonModel({ source: { 'predict.py': talker } })

  it('overlaps its runs on the loop of its setup, and each says only its own', async () => {
    const runner = await start()
    expect(await runner.start()).toMatchObject({ concurrency: 3, streams: true })
    const runs = ['one', 'two'].map((name) => ({ name, run: startRun(runner, { name }) }))
    for (const { name, run } of runs) {
      const output = [0, 1, 2].map((n) => `${name}${n}`)
      expect(await run.outcome).toMatchObject({ kind: 'done', output, metrics: { name } })
      expect(run.chunks).toEqual(output)
      expect(run.logs).toEqual([
        ...[0, 1, 2].map((n) => ({ level: 'info', message: `${name} prints ${n}` })),
        { level: 'info', message: `${name} in a thread` },
        { level: 'warn', message: `${name} warns${name} logs` },
      ])
    }
  })

  it('keeps the last words of a run whose process ends, and gives no run what another goes on to print', async () => {
    const runner = await start()
    await startRun(runner, { name: 'l', act: 'leave' }).outcome
    const dying = startRun(runner, { name: 'd', act: 'die' })
    expect(await dying.outcome).toMatchObject({ kind: 'crashed', partial: { output: ['d0', 'd1', 'd2'] } })
    expect(
      dying.logs
        .map((log) => log.message)
        .sort()
        .at(-1),
    ).toBe('last words')
    expect(dying.logs.filter((log) => log.message.includes('goes on'))).toEqual([])
  })

  it('stops the one that is canceled with CancelledError, and keeps what it gave', async () => {
    const runner = await start()
    const { pid } = runner
    const [stopped, other] = [
      startRun(runner, { name: 's', act: 'sleep' }),
      startRun(runner, { name: 'o', act: 'sleep' }),
    ]
    await until('both sleep', () => stopped.logs.length > 4 && other.logs.length > 4)
    stopped.cancel()
    expect(await stopped.outcome).toMatchObject({
      kind: 'canceled',
      killed: false,
      partial: { output: ['s0', 's1', 's2'] },
    })
    expect(stopped.logs.at(-1)?.message).toBe('s is told to stop')
    expect(await startRun(runner, { name: 'f', act: 'fail' }).outcome).toMatchObject({
      ...{ kind: 'failed', message: 'ValueError: f', partial: { output: ['f0', 'f1', 'f2'] } },
      traceback: expect.stringMatching(/^Traceback \(most recent call last\):\n {2}File ".*predict\.py"/),
    })
    other.cancel()
    expect(await other.outcome).toMatchObject({ kind: 'canceled', killed: false })
    expect(runner.pid).toBe(pid)
  })

  it('refuses an input, and holds the output to its annotation, without a task going astray', async () => {
    const source = 'from cog import Path\nasync def predict(n: int) -> str:\n    return n if n else "zero"\n'
    const runner = await startPythonModel({ source: { 'predict.py': source } })
    expect((await runner.start()).concurrency).toBe(1)
    expect(await startRun(runner, { n: 'x' }).outcome).toMatchObject({ kind: 'failed', code: 'invalid_input' })
    expect(await startRun(runner, { n: 1 }).outcome).toMatchObject({ kind: 'failed', code: 'invalid_output' })
    expect(await startRun(runner, { n: 0 }).outcome).toMatchObject({ kind: 'done', output: 'zero' })
    expect(await startRun(runner, {}, { kind: 'training' }).outcome).toMatchObject({
      kind: 'failed',
      code: 'invalid_input',
    })
  })

  it('takes as many as COG_MAX_CONCURRENCY says when it says nothing itself', async () => {
    const source = 'import cog\nasync def predict() -> int:\n    return 1\n'
    const env = { COG_MAX_CONCURRENCY: '5' }
    const runner = await startPythonModel({ source: { 'predict.py': source }, env })
    expect((await runner.start()).concurrency).toBe(5)
    const plain = { 'predict.py': source.replace('async ', '') }
    await expect(startPythonModel({ source: plain, env })).rejects.toThrow('its predict() is not async')
    const wanted = await startPythonModel({ source: { 'predict.py': source }, manifest: { concurrency: 2 } })
    expect((await wanted.start()).concurrency).toBe(2)
  })

  it('goes on when it is a function that gives an asynchronous iterator', async () => {
    const source = `from typing import AsyncIterator\nimport cog\nasync def words():\n    yield "a"\n    yield "b"\ndef predict() -> AsyncIterator[str]:\n    return words()\n`
    const runner = await startPythonModel({ source: { 'predict.py': source } })
    expect(await startRun(runner, {}).outcome).toMatchObject({ kind: 'done', output: ['a', 'b'] })
  })
})

describe('training', { timeout: 30_000 }, () => {
  const files = {
    'cog.yaml': 'predict: "predict.py:Predictor"\ntrain: "train.py:Trainer"\n',
    'predict.py':
      'from cog import BasePredictor\nclass Predictor(BasePredictor):\n    def predict(self) -> str:\n        return "predicted"\n',
    'train.py': [
      'import time',
      'from cog import BaseModel, Input, Path',
      'class TrainingOutput(BaseModel):',
      '    weights: Path',
      'class Trainer:',
      '    def setup(self):',
      '        self.base = "base"',
      '    def train(self, data: str, epochs: int = Input(default=1, ge=1)) -> TrainingOutput:',
      '        if data == "sleep":',
      '            print("sleeps")',
      '            time.sleep(60)',
      '        with open("weights.bin", "w") as file: file.write("%s %s" % (self.base, data))',
      '        return TrainingOutput(weights=Path("weights.bin"))',
    ].join('\n'),
  }

  it('is of a class with its own setup, beside the predictor', async () => {
    const runner = await startPythonModel({ source: files })
    expect(await runner.start()).toMatchObject({
      training: {
        input_schema: { required: ['data'] },
        output_schema: { properties: { weights: { format: 'file' } } },
      },
    })
    const trained = await startRun(runner, { data: 'd' }, { kind: 'training' }).outcome
    expect(trained).toMatchObject({ kind: 'done', files: [{ pointer: '/weights', name: 'weights.bin' }] })
    expect(await startRun(runner, {}).outcome).toMatchObject({ kind: 'done', output: 'predicted' })
    const refused = await startRun(runner, { data: 'd', epochs: 0 }, { kind: 'training' }).outcome
    expect(refused).toMatchObject({ kind: 'failed', code: 'invalid_input', message: expect.stringContaining('epochs') })
  })

  it('is broken off in the main thread, also beside an asynchronous predictor', async () => {
    for (const predict of [files['predict.py'], files['predict.py'].replace('def predict', 'async def predict')]) {
      const runner = await startPythonModel({ source: { ...files, 'predict.py': predict } })
      const run = startRun(runner, { data: 'sleep' }, { kind: 'training' })
      await until('it sleeps', () => run.logs.length > 0)
      run.cancel()
      expect(await run.outcome).toMatchObject({ kind: 'canceled', killed: false })
      expect(await startRun(runner, {}).outcome).toMatchObject({ kind: 'done', output: 'predicted' })
    }
  })
})
