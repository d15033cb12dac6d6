/** Cog: the example models do what their table says, and predictors are found, set up and weighed as Cog does. */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import type { RunnerProcess } from '../../../libs/host/src/runners/runner-process.ts'
import { newRunFolder, removeRunFolders, startRun } from '../../contract/runner/run-in-folder.ts'
import { until } from '../../support/until.ts'
import { removePythonModels, startPythonModel } from '../python-model.ts'

const examples = fileURLToPath(new URL('../examples/cog', import.meta.url))

afterEach(async () => {
  await removePythonModels()
  removeRunFolders()
})

/** A run whose input holds one file of these bytes. */
function startWithFile(runner: RunnerProcess, input: Record<string, unknown>, pointer: string, bytes: string) {
  const workDir = newRunFolder()
  writeFileSync(join(workDir, 'in-0'), bytes)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const file = { pointer, path: 'in-0', name: 'cat.png', content_type: 'image/png', size: bytes.length, sha256 }
  return startRun(runner, input, { workDir, files: [file] })
}

describe('the image predictor of the examples', { timeout: 30_000 }, () => {
  const start = () => startPythonModel({ source: examples })

  it('gives a structured output with a file, from defaults and from a file of the input', async () => {
    const runner = await start()
    const bare = startRun(runner, { prompt: 'cat' })
    expect(await bare.outcome).toMatchObject({
      kind: 'done',
      output: { summary: 'cat/photo/4/None/a/NoneType', score: 1.5, image: null },
      files: [{ pointer: '/image', name: 'out.png', content_type: 'image/png' }],
    })
    expect(bare.logs.map((log) => log.message)).toEqual(['prompt: cat calls: 1'])
    const input = { prompt: 'cat', image: null, seed: 7, tags: ['b', 'c'], steps: 8, style: 'line', code: 'XY9' }
    const run = startWithFile(runner, input, '/image', 'hello')
    const outcome = await run.outcome
    expect(outcome).toMatchObject({ kind: 'done', output: { summary: 'cat/line/8/7/b,c/Path' } })
    const [file] = outcome.kind === 'done' ? outcome.files : []
    expect([...readFileSync(join(run.workDir, file?.path ?? ''))]).toEqual([0x89, 0x50, 0x4e, 0x47, 5])
  })

  it('refuses what its signature refuses, and tells each fault', async () => {
    const runner = await start()
    const input = { scale: 11, steps: 5, style: 'oil', seed: 'x', tags: 'a', code: 'ab1', token: 7 }
    const outcome = await startRun(runner, input).outcome
    expect(outcome).toMatchObject({ kind: 'failed', code: 'invalid_input' })
    const errors = outcome.kind === 'failed' ? (outcome.details?.errors as { loc: string[]; type: string }[]) : []
    expect(errors.map(({ loc, type }) => [loc.join('/'), type])).toEqual([
      ['body/input/prompt', 'missing'],
      ['body/input/scale', 'less_than_equal'],
      ['body/input/steps', 'enum'],
      ['body/input/style', 'enum'],
      ['body/input/seed', 'int_parsing'],
      ['body/input/tags', 'list_type'],
      ['body/input/token', 'string_type'],
      ['body/input/code', 'string_pattern_mismatch'],
    ])
    expect(await startRun(runner, { prompt: 'x', unknown: 1 }).outcome).toMatchObject({ kind: 'done' })
  })

  it('fails with its own error, with invalid_output, and with the code that it exits with', async () => {
    const runner = await start()
    expect(await startRun(runner, { prompt: 'value_error' }).outcome).toMatchObject({
      ...{ kind: 'failed', code: 'model_error', message: 'ValueError: NSFW content detected' },
      traceback: expect.stringContaining('predict_image.py'),
    })
    const wrong = await startRun(runner, { prompt: 'wrong_type' }).outcome
    expect(wrong).toMatchObject({ kind: 'failed', code: 'invalid_output' })
    expect(await startRun(runner, { prompt: 'exit' }).outcome).toMatchObject({ kind: 'crashed', exitCode: 3 })
    expect(await startRun(runner, { prompt: 'cat' }).outcome).toMatchObject({ kind: 'done' })
  })

  it('never shows a secret', async () => {
    const runner = await startPythonModel({
      source: {
        'predict.py': [
          'from cog import BasePredictor, Input, Secret',
          'class Predictor(BasePredictor):',
          '    def predict(self, token: Secret, code: Secret = Input(default=Secret("hush-default"))) -> str:',
          '        print(token, repr(token), [token], "%s" % code, f"{token}")',
          '        if token.get_secret_value().endswith("raise"): raise ValueError("no entry for %r" % token)',
          '        return "%s %d" % (token, len(token.get_secret_value()))',
        ].join('\n'),
      },
    })
    expect(JSON.stringify(await runner.start())).not.toContain('hush')
    const done = startRun(runner, { token: 'hush-1' })
    expect(await done.outcome).toMatchObject({ kind: 'done', output: '********** 6' })
    const failed = startRun(runner, { token: 'hush-raise' })
    expect(await failed.outcome).toMatchObject({ kind: 'failed', code: 'model_error' })
    const refused = await startRun(runner, { token: { hush: 'hush-2' } }).outcome
    expect(refused).toMatchObject({ kind: 'failed', code: 'invalid_input' })
    expect(JSON.stringify([await done.outcome, done.logs, await failed.outcome, failed.logs, refused])).not.toContain(
      'hush-',
    )
  })
})

describe('the streaming predictor of the examples', { timeout: 30_000 }, () => {
  const start = () => startPythonModel({ source: examples, ref: 'predict_stream.py:Predictor' })

  it('gives a growing output, and its logs also from native writes', async () => {
    const runner = await start()
    const { streams, output_schema } = await runner.start()
    // Without `x-cog-streaming`: it is not marked so.
    expect({ streams, output_schema }).toEqual({
      streams: true,
      output_schema: {
        ...{ type: 'array', items: { type: 'string' } },
        ...{ 'x-cog-array-type': 'iterator', 'x-cog-array-display': 'concatenate' },
      },
    })
    const run = startRun(runner, { prompt: 'a b c', delay: 0 })
    expect(await run.outcome).toMatchObject({ kind: 'done', output: ['a ', 'b ', 'c '], files: [] })
    expect(run.chunks).toEqual(['a ', 'b ', 'c '])
    expect(run.logs.map((log) => log.message)).toEqual(['tick', 'tick', 'tick'])
  })

  it('keeps what it gave when it fails and when it is canceled', async () => {
    const runner = await start()
    const failing = startRun(runner, { prompt: 'a b c', delay: 0, fail_after: 2 })
    expect(await failing.outcome).toMatchObject({
      ...{ kind: 'failed', message: 'RuntimeError: generator exploded' },
      partial: { output: ['a ', 'b '] },
    })
    const canceled = startRun(runner, { prompt: 'a b c', delay: 5 })
    const quick = startRun(runner, { prompt: 'a', delay: 0 })
    await until('it sleeps', () => canceled.logs.length > 0)
    canceled.cancel()
    expect(await canceled.outcome).toMatchObject({ kind: 'canceled', killed: false })
    const stopped = startRun(runner, { prompt: 'a b c d e f', delay: 0.2 })
    await until('pieces came', () => stopped.chunks.length > 1)
    stopped.cancel()
    const outcome = await stopped.outcome
    expect(outcome.kind === 'canceled' && outcome.partial?.output).toEqual(stopped.chunks)
    expect(await quick.outcome).toMatchObject({ kind: 'done' })
  })
})

describe('a predictor', { timeout: 30_000 }, () => {
  const weighed = (annotation: string) =>
    `from typing import Optional\nfrom cog import BasePredictor, File, Path\nclass Predictor(BasePredictor):\n` +
    `    def setup(self, weights: ${annotation}):\n        self.weights = weights\n` +
    `    def predict(self) -> str:\n        w = self.weights\n        return "%s %s" % (type(w).__name__, w.read().decode() if hasattr(w, "read") else w)\n`
  const outputOf = async (model: Parameters<typeof startPythonModel>[0]) => {
    const outcome = await startRun(await startPythonModel(model), {}).outcome
    return outcome.kind === 'done' ? outcome.output : outcome
  }

  it('gets its weights from the settings, COG_WEIGHTS, the file beside it, or none', async () => {
    const file = { 'predict.py': weighed('Optional[Path] = None') }
    expect(await outputOf({ source: file })).toBe('NoneType None')
    expect(await outputOf({ source: { ...file, weights: 'w' } })).toBe('Path weights')
    expect(await outputOf({ source: { ...file, weights: 'w' }, env: { COG_WEIGHTS: 'other.bin' } })).toBe(
      'Path other.bin',
    )
    const config = { weights: 'mine.bin' }
    expect(await outputOf({ source: file, config, env: { COG_WEIGHTS: 'other.bin' } })).toBe('Path mine.bin')
    expect(await outputOf({ source: { 'predict.py': weighed('File'), weights: 'bytes' } })).toBe('BufferedReader bytes')
    expect(await outputOf({ source: { 'predict.py': weighed('str') }, config })).toBe('str mine.bin')
  })

  it('is a class, a newer Runner, or a function, and sees no arguments of ours', async () => {
    const runner = `import sys\nfrom cog import BaseRunner\nclass Runner(BaseRunner):\n    def run(self) -> int:\n        return len(sys.argv)\n`
    expect(await outputOf({ source: { 'a.py': runner }, ref: 'a.py', convention: 'cog' })).toBe(1)
    expect(await outputOf({ source: { 'a.py': runner }, ref: 'a.py:Runner' })).toBe(1)
    const plain = `import cog\ndef predict(n: int = 2) -> int:\n    return n * 2\n`
    expect(await outputOf({ source: { 'a.py': plain } })).toBe(4)
    const wrapped = `import cog\ndef deco(f):\n    def inner(*args, **kwargs):\n        return f(*args, **kwargs)\n    return inner\n@deco\ndef predict(n: int = 3) -> int:\n    return n\n`
    expect(await outputOf({ source: { 'a.py': wrapped } })).toBe(3)
  })

  const failures: [string, string, RegExp][] = [
    [
      'both run and predict',
      'class Predictor:\n    def run(self) -> int: return 1\n    def predict(self) -> int: return 1',
      /either run\(\) or predict\(\)/,
    ],
    ['an untyped parameter', 'def predict(x) -> int: return 1', /TypeError: No input type provided for parameter `x`/],
    [
      'a type that is not taken',
      'def predict(x: complex) -> int: return 1',
      /TypeError: Unsupported input type complex for parameter `x`/,
    ],
    ['*args', 'def predict(*xs: int) -> int: return 1', /TypeError: Unsupported variadic positional parameter \*xs/],
    [
      '**kwargs beside others',
      'def predict(a: int, **k) -> int: return 1',
      /TypeError: Unsupported variadic keyword parameter \*\*k/,
    ],
    [
      'choices of a float',
      'from cog import Input\ndef predict(a: float = Input(choices=[1.5, 2.5])) -> int: return 1',
      /TypeError: The input a uses the option choices/,
    ],
    [
      'a default_factory',
      'from cog import Input\ndef predict(a: int = Input(default_factory=int)) -> int: return 1',
      /TypeError: .*default_factory/,
    ],
    [
      'an async setup of a plain predict',
      'class Predictor:\n    async def setup(self): pass\n    def predict(self) -> int: return 1',
      /async setup needs an async predict/,
    ],
    [
      'concurrency of a plain predict',
      'from cog import concurrent\n@concurrent(max=2)\ndef predict() -> int: return 1',
      /TypeError: .*async/,
    ],
    [
      'a set-up that raises',
      'class Predictor:\n    def setup(self): 1 / 0\n    def predict(self) -> int: return 1',
      /ZeroDivisionError/,
    ],
  ]
  it.each(failures)('is not loaded with %s, and it is said why', async (_name, text, message) => {
    const model = { source: { 'predict.py': `import cog\n${text}\n` }, convention: 'cog' }
    await expect(startPythonModel(model)).rejects.toThrow(message)
  })

  it('takes no runs while its healthcheck says no', async () => {
    const well = join(newRunFolder(), 'well')
    const source = `import os\nimport cog\nclass Predictor:\n    def healthcheck(self):\n        return os.path.exists(os.environ["WELL"])\n    def predict(self) -> int:\n        return 1\n`
    const runner = await startPythonModel({
      source: { 'predict.py': source },
      env: { WELL: well },
      heartbeatSeconds: 0.2,
    })
    await until('it is unwell', () => !runner.ready)
    writeFileSync(well, '')
    await until('it is well', () => runner.ready)
  })
})
