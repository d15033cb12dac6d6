import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { isAlive } from '../contract/runner/model-runner.suite.ts'
import { holdRun, removeRunFolders, startRun } from '../contract/runner/run-in-folder.ts'
import { until } from '../support/until.ts'
import { removePythonModels, startPythonModel } from './python-model.ts'

const source = fileURLToPath(new URL('./examples/ai_inference_service/', import.meta.url))
const start = (name: string, config?: Record<string, unknown>) =>
  startPythonModel({ source, convention: 'predict', ref: `custom_model.py:${name}`, ...(config && { config }) })

afterEach(async () => {
  await removePythonModels()
  removeRunFolders()
})

const BATCHED = `
class Model:
    def preprocess(self, data):
        if data < 0:
            raise ValueError('less than nothing')
        return data

    def predict(self, data):
        return [[each, len(data)] for each in data]

    def postprocess(self, prediction):
        return {'of': prediction[0], 'together': prediction[1]}
`

describe('a predict that takes lists', { timeout: 30_000 }, () => {
  it('gets the data of several runs at once, and its hooks one at a time', async () => {
    const manifest = { batch: { max_size: 4, max_wait_ms: 20 } }
    const runner = await startPythonModel({ source: { 'model.py': BATCHED }, convention: 'predict', manifest })
    const runs = [1, -1, 3].map((data) => holdRun(runner, { data }))
    expect(await Promise.all(runs.map(({ outcome }) => outcome))).toMatchObject([
      { kind: 'done', output: { prediction: { of: 1, together: 2 } } },
      { kind: 'failed', code: 'invalid_input', message: 'less than nothing' },
      { kind: 'done', output: { prediction: { of: 3, together: 2 } } },
    ])
  })
})

describe('a model with predict(data)', { timeout: 30_000 }, () => {
  it('gives its result below `prediction`, as the service around it did', async () => {
    const runner = await start('DummyModel')
    expect(await startRun(runner, { data: [1, 2, 3] }).outcome).toMatchObject({
      kind: 'done',
      output: { prediction: { prediction: 6 } },
    })
    expect(await startRun(runner, { data: [] }).outcome).toMatchObject({ output: { prediction: { prediction: 0 } } })
  })

  it('has an input without data refused', async () => {
    const runner = await start('DummyModel')
    for (const input of [{}, { x: 1 }]) {
      expect(await startRun(runner, input).outcome).toMatchObject({ kind: 'failed', code: 'invalid_input' })
    }
  })

  it('has its hooks called around it, and its config as the settings say', async () => {
    const rows = [[1, 2], [20]]
    expect(await startRun(await start('CustomModel'), { data: rows }).outcome).toMatchObject({
      output: {
        prediction: [
          { score: 3, label: 0 },
          { score: 20, label: 1 },
        ],
      },
    })
    const strict = await start('CustomModel', { threshold: 30 })
    expect(await startRun(strict, { data: rows }).outcome).toMatchObject({
      output: { prediction: [{ label: 0 }, { label: 0 }] },
    })
  })

  it('refuses by a ValueError of preprocess: the fault of the caller', async () => {
    expect(await startRun(await start('CustomModel'), { data: 'text' }).outcome).toMatchObject({
      kind: 'failed',
      code: 'invalid_input',
      message: 'data must be a list of rows',
    })
  })

  it('fails with what it raises; a process that lacked memory is replaced', async () => {
    const runner = await start('BrokenModel')
    const { pid } = runner
    expect(await startRun(runner, { data: 1 }).outcome).toMatchObject({
      kind: 'failed',
      code: 'model_error',
      message: 'RuntimeError: CUDA out of memory',
      traceback: expect.stringMatching(/custom_model\.py(?!.*millrace_runner)/s),
    })
    await until('another process is ready', () => runner.ready && runner.pid !== pid)
    expect(await startRun(runner, { data: 1 }).outcome).toMatchObject({ kind: 'failed', code: 'model_error' })
  })

  it('is named when a file has several', async () => {
    await expect(startPythonModel({ source })).rejects.toThrow(
      'DummyModel, CustomModel, NumpyModel, BrokenModel all have predict(data)',
    )
  })

  it('may be a module, a function, an object, or the one class of a file', async () => {
    const sources = [
      'def predict(data):\n    return data + 1\n',
      'class Model:\n    def predict(self, data):\n        return data + 1\n',
      'class Model:\n    def predict(self, data):\n        return data + 1\n\nmodel = Model()\n',
      'class Model:\n    def load(self):\n        self.one = 1\n    def predict(self, data):\n        return data + self.one\n',
    ]
    for (const text of sources) {
      const runner = await startPythonModel({ source: { 'model.py': text } })
      expect(await startRun(runner, { data: 1 }).outcome).toMatchObject({ output: { prediction: 2 } })
    }
    const named = await startPythonModel({
      source: { 'model.py': 'def infer(data):\n    return data + 1\n' },
      convention: 'predict',
      ref: 'model.py:infer',
    })
    expect(await startRun(named, { data: 1 }).outcome).toMatchObject({ output: { prediction: 2 } })
  })

  it('streams what a generator gives, and keeps it when the generator fails', async () => {
    const runner = await startPythonModel({
      source: {
        'model.py':
          'def predict(n):\n    for i in range(n):\n        if i == 3:\n            raise RuntimeError("three")\n        yield i\n',
      },
    })
    const run = startRun(runner, { data: 2 })
    expect(await run.outcome).toMatchObject({ kind: 'done', output: { prediction: [0, 1] } })
    expect(run.chunks).toEqual([0, 1])
    expect(await startRun(runner, { data: 5 }).outcome).toMatchObject({
      kind: 'failed',
      message: 'RuntimeError: three',
    })
  })

  it('is refused at once when it is async', async () => {
    await expect(
      startPythonModel({ source: { 'model.py': 'async def predict(data): return data\n' } }),
    ).rejects.toThrow('predict(data) is async')
  })

  it('may leave a folder that is gone, and gives its files all the same', async () => {
    const runner = await startPythonModel({
      source: {
        'model.py': `import os, tempfile
def predict(data):
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
    return open(__file__, "rb")
`,
      },
    })
    for (const data of [1, 2]) {
      const outcome = await startRun(runner, { data }).outcome
      expect(outcome).toMatchObject({ kind: 'done', files: [{ name: 'model.py' }] })
    }
  })

  it('has a process that it forks, and that comes back out of its code, end there', async () => {
    const runner = await startPythonModel({
      source: { 'model.py': 'import os\ndef predict(data):\n    return [os.fork(), os.getpid()]\n' },
    })
    const outcome = await startRun(runner, { data: 1 }).outcome
    expect(outcome).toMatchObject({ kind: 'done', output: { prediction: [expect.any(Number), runner.pid] } })
    const [child] = (outcome as unknown as { output: { prediction: number[] } }).output.prediction
    await until('the forked process is gone', () => !isAlive(child ?? 0))
    expect(await startRun(runner, { data: 2 }).outcome).toMatchObject({ kind: 'done' })
  })

  it('finds the files beside it, whatever the folder of the worker', async () => {
    const runner = await startPythonModel({
      source: {
        'model.py':
          'import helper\nwords = open("words.txt").read()\ndef predict(data):\n    return helper.join(words, data)\n',
        'helper.py': 'def join(a, b):\n    return a + b\n',
        'words.txt': 'from a file, ',
      },
      ref: 'model.py',
    })
    expect(await startRun(runner, { data: 'done' }).outcome).toMatchObject({
      output: { prediction: 'from a file, done' },
    })
  })

  it('stops in a sleep when it is canceled, and is kept', async () => {
    const runner = await startPythonModel({
      source: { 'model.py': 'import time\ndef predict(data):\n    print("asleep")\n    time.sleep(data)\n' },
    })
    const { pid } = runner
    const run = startRun(runner, { data: 60 })
    await until('it sleeps', () => run.logs.length > 0)
    run.cancel()
    expect(await run.outcome).toMatchObject({ kind: 'canceled', killed: false })
    expect(await startRun(runner, { data: 0 }).outcome).toMatchObject({ kind: 'done', output: { prediction: null } })
    expect(runner.pid).toBe(pid)
  })
})

describe('the output of a Python model', { timeout: 30_000 }, () => {
  const give = async (expression: string) => {
    const runner = await startPythonModel({
      source: {
        'model.py': `import asyncio, collections, dataclasses, datetime, decimal, enum, io, pathlib, tempfile, uuid
class Color(enum.Enum):
    RED = "red"
@dataclasses.dataclass
class Point:
    x: int
    y: int
def predict(data):
    return ${expression}
`,
      },
    })
    return startRun(runner, { data: null }).outcome
  }

  it.each([
    ['(1, [2], {3})', [1, [2], [3]]],
    ['{1: "a", None: "b", True: "c"}', { '1': 'c', null: 'b' }],
    ['[range(2), {1: 2}.keys(), {1: 2}.values(), collections.UserList([1])]', [[0, 1], [1], [2], [1]]],
    [
      '{datetime.date(2026, 1, 2): "a", uuid.UUID(int=5): "b", Color.RED: "c", type("Int64", (), {"tolist": lambda self: 7})(): "d"}',
      { '2026-01-02': 'a', '00000000-0000-0000-0000-000000000005': 'b', red: 'c', '7': 'd' },
    ],
    ['{2: "a", None: "b", True: "c", 1.5: "d"}', { '2': 'a', null: 'b', true: 'c', '1.5': 'd' }],
    ['[Color.RED, Point(1, 2)]', ['red', { x: 1, y: 2 }]],
    ['datetime.datetime(2026, 1, 2, 3, 4, 5)', '2026-01-02T03:04:05'],
    ['[decimal.Decimal("0.5"), 0, "", [], False]', [0.5, 0, '', [], false]],
    ['[decimal.Decimal("0.1"), decimal.Decimal("1.50"), decimal.Decimal("1e300")]', [0.1, 1.5, 1e300]],
    ['{decimal.Decimal("12345678901234567890.123"): 1}', { '12345678901234567890.123': 1 }],
    ['"\\ud83d\\ude00 \\ufffd"', '😀 \ufffd'],
    ['type("Odd", (str,), {"__str__": lambda self: "other"})("own")', 'own'],
  ])('is written as JSON: %s', async (expression, value) => {
    expect(await give(expression)).toMatchObject({ kind: 'done', output: { prediction: value } })
  })

  it.each([
    ['float("nan")', 'nan is not JSON'],
    ['[float("inf")]', '/prediction/0: inf is not JSON'],
    ['2 ** 60', 'beyond 2^53'],
    ['print', 'neither JSON nor a file'],
    ['{"a": [decimal.Decimal("12345678901234567890.123")]}', '/prediction/a/0: the decimal 12345678901234567890.123'],
    ['decimal.Decimal(2 ** 60)', 'give it as text'],
    ['[decimal.Decimal("1e-400"), 1]', '/prediction/0: the decimal 1E-400'],
    ['decimal.Decimal("sNaN")', 'the decimal sNaN'],
    ['[asyncio.sleep(0)]', '/prediction/0: a coroutine was not awaited'],
    ['[(n for n in [1])]', '/prediction/0: generator is neither'],
    ['[ValueError("x")]', '/prediction/0: ValueError is neither'],
    ['["", "half \\ud800 of one"]', '/prediction/1: the text holds half a surrogate pair'],
    ['{"\\udc00": 1}', '/prediction: the text holds half'],
    ['[1j, 2]', '/prediction/0: complex is neither'],
    ['datetime.timedelta(1)', 'timedelta is neither'],
    ['type("NaT", (datetime.datetime,), {"__eq__": lambda self, other: False})(2026, 1, 1)', 'is not JSON'],
    ['type("A", (), {"dtype": type("D", (), {"names": ("x",)}), "tolist": lambda self: [(1,)]})()', 'lose their names'],
    ['type("datetime64", (), {"tolist": lambda self: None})()', 'datetime64 is neither'],
    ['{(1, 2): "a"}', 'a key is a tuple'],
    ['{1: "a", "1": "b"}', 'two keys'],
    ['pathlib.Path("missing.png")', 'missing.png cannot be read'],
    ['pathlib.Path("/dev/null")', 'not a regular file'],
  ])('is refused when JSON cannot hold it: %s', async (expression, message) => {
    expect(await give(expression)).toMatchObject({
      kind: 'failed',
      code: 'invalid_output',
      message: expect.stringContaining(message),
    })
  })

  it.each([
    ['b"\\x89PNG\\r\\n\\x1a\\n"', 'output.png', 'image/png'],
    ['io.BytesIO(b"%PDF-1")', 'output.pdf', 'application/pdf'],
    ['io.StringIO("text")', 'output.txt', 'text/plain'],
    ['pathlib.Path("model.py")', 'model.py', 'text/x-python'],
    ['open("model.py", "rb")', 'model.py', 'text/x-python'],
    ['tempfile.NamedTemporaryFile(suffix=".wav")', '', 'audio/x-wav'],
  ])('has its bytes and files stored: %s', async (expression, name, type) => {
    const outcome = await give(expression)
    expect(outcome).toMatchObject({ kind: 'done', output: { prediction: null }, files: [{ pointer: '/prediction' }] })
    const [file] = outcome.kind === 'done' ? outcome.files : []
    if (name !== '') expect(file?.name).toBe(name)
    expect(file?.content_type).toBe(type)
  })
})

describe('a predict with a parameter `ctx`', { timeout: 30_000 }, () => {
  const text = `
def predict(data, ctx):
    done = ctx.resumed.state if ctx.resumed else []
    for item in data[len(done):]:
        done.append(item * 2)
        ctx.progress(len(done) / len(data))
        kept = ctx.checkpoint(done, {"note": b"%d" % len(done)})
    ctx.metric("kept", bool(kept))
    return done
`
  it('keeps checkpoints, and goes on from one', async () => {
    const runner = await startPythonModel({ source: { 'model.py': text } })
    const run = startRun(runner, { data: [1, 2] })
    expect(await run.outcome).toMatchObject({ output: { prediction: [2, 4] }, metrics: { kept: true } })
    expect(run.checkpoints).toEqual([
      { state: [2], files: { note: '1' } },
      { state: [2, 4], files: { note: '2' } },
    ])
    const resumed = { state: [7, 8], files: [] }
    const next = startRun(runner, { data: [1, 2, 3] }, { resumed })
    expect(await next.outcome).toMatchObject({ output: { prediction: [7, 8, 6] } })
    expect(next.checkpoints).toHaveLength(1)
  })

  it('is told why a checkpoint is not kept, and goes on', async () => {
    const odd = `
import decimal
def predict(data, ctx):
    tries = [({1, decimal.Decimal("0.1")}, None), (float("nan"), None), (b"bytes", None), (1, {"a": "none"}), (1, "a"), (1, {"": b""})]
    return [ctx.checkpoint(state, files).code for state, files in tries + [("x" * 64 * 1024 * 1024, None), (1, [__file__])]]
`
    const runner = await startPythonModel({ source: { 'model.py': odd } })
    const run = startRun(runner, { data: 0 })
    const codes = ['invalid', 'invalid', 'invalid', 'invalid', 'invalid', 'too_large', null]
    expect(await run.outcome).toMatchObject({ kind: 'done', output: { prediction: [null, ...codes] } })
    expect(run.checkpoints.map(({ files }) => Object.keys(files))).toEqual([[], ['model.py']])
  })
})
