import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import type { RunnerProcess } from '../../../libs/host/src/runners/runner-process.ts'
import { compileOutputCheck } from '@millrace/host'
import { newRunFolder, removeRunFolders, startRun } from '../../contract/runner/run-in-folder.ts'
import { until } from '../../support/until.ts'
import { type PythonModel, removePythonModels, startPythonModel } from '../python-model.ts'
import { needsTestPython, testPython } from '../test-python.ts'

const demo = fileURLToPath(new URL('../examples/deepaas/demo_mod/', import.meta.url))
const start = (model: PythonModel) => startPythonModel({ python: testPython, ...model })
const startDemo = () => start({ source: demo })
/** A model in one file, found without being named. */
const startFile = (text: string) => start({ source: { 'model.py': text } })

async function ask(runner: RunnerProcess, input: unknown = {}) {
  const run = startRun(runner, input)
  const outcome = await run.outcome
  const file = outcome.kind === 'done' ? outcome.files[0] : undefined
  return { outcome, file, bytes: file && readFileSync(join(run.workDir, file.path)) }
}

const train = (runner: RunnerProcess, input: unknown) => startRun(runner, input, { kind: 'training' })

/** A run whose argument `data` is a file with these bytes. */
function askWithFile(runner: RunnerProcess, bytes: string, input: Record<string, unknown> = {}) {
  const workDir = newRunFolder()
  writeFileSync(join(workDir, 'data'), bytes)
  const file = { pointer: '/data', path: 'data', name: 'cat photo.png', content_type: 'image/png' }
  return startRun(
    runner,
    { ...input, data: null },
    { workDir, files: [{ ...file, size: bytes.length, sha256: '0'.repeat(64) }] },
  ).outcome
}

afterEach(async () => {
  await removePythonModels()
  removeRunFolders()
})

describe('the DEEPaaS example', { timeout: 60_000 }, () => {
  needsTestPython()

  it('publishes its metadata, its arguments and its training', async () => {
    const manifest = await (await startDemo()).start()
    expect(manifest).toMatchObject({ version: '0.1', description: 'module style demo' })
    expect(manifest.input_schema['x-deepaas-metadata']).toMatchObject({ name: 'demo_mod', license: 'MIT' })
    expect(manifest.input_schema.properties).toMatchObject({
      data: { anyOf: [{ format: 'file' }, { type: 'null' }], default: null },
      'top-k': { default: 2, minimum: 1, exclusiveMaximum: 6, description: 'How many labels' },
      choice: { type: 'string', enum: ['a', 'b'], default: 'a' },
      accept: { enum: ['application/json', 'image/png', 'application/zip', 'text/plain', '*/*'] },
    })
    expect(manifest.training?.input_schema).toMatchObject({ required: ['tag'], properties: { epochs: { default: 3 } } })
  })

  it('is warmed once and keeps its state, in one process', async () => {
    const runner = await startDemo()
    const outputs = [await ask(runner), await ask(runner), await ask(runner)].map(({ outcome }) => outcome)
    expect(outputs).toMatchObject([1, 2, 3].map((predicts) => ({ output: { warm: 1, predicts } })))
  })

  it('gets hyphenated names, lists and texts that stand for other values; unknown arguments are ignored', async () => {
    const runner = await startDemo()
    const { outcome } = await ask(runner, { 'top-k': '3', weights: ['1', 2], flag: 'true', choice: 'b', nobody: 1 })
    expect(outcome).toMatchObject({
      output: {
        labels: [{ label: 'l0', probability: 1 }, { label: 'l1' }, { label: 'l2' }],
        weights: [1, 2],
        flag: true,
        choice: 'b',
        params: { x: 1 },
        size: null,
      },
    })
  })

  it('gets a file with its name and type, on disk', async () => {
    expect(await askWithFile(await startDemo(), 'twelve bytes')).toMatchObject({
      output: { size: 12, filename: 'cat photo.png', content_type: 'image/png' },
    })
  })

  it('gives JSON, PNG, ZIP or text as it is asked for, and leaves no temporary file behind', async () => {
    const runner = await startDemo()
    const check = compileOutputCheck((await runner.start()).output_schema)
    const temporary = () => readdirSync(tmpdir()).filter((name) => /^tmp.*\.zip$/.test(name))
    const before = temporary()
    for (const [accept, mode, name, head] of [
      ['image/png', 'ok', 'output.png', '\x89PNG'],
      ['image/png', 'bytesio', 'output.png', '\x89PNG'],
      ['application/zip', 'ok', 'output.zip', 'PK'],
      ['text/plain', 'ok', 'output.txt', '[{"label"'],
    ] as const) {
      const { outcome, file, bytes } = await ask(runner, { accept, mode })
      expect(outcome).toMatchObject({
        kind: 'done',
        output: null,
        files: [{ pointer: '', name, content_type: accept }],
      })
      expect(bytes?.toString('latin1').startsWith(head)).toBe(true)
      expect(await check(null, file ? [file] : [])).toBeUndefined()
    }
    expect(temporary()).toEqual(before)
    for (const accept of ['application/json', '*/*', undefined]) {
      const { outcome } = await ask(runner, { accept })
      expect(outcome).toMatchObject({ kind: 'done', output: { choice: 'a' }, files: [] })
      expect(outcome.kind === 'done' && (await check(outcome.output, []))).toBeUndefined()
    }
  })

  it('refuses arguments by name, as marshmallow words it', async () => {
    const runner = await startDemo()
    const { outcome } = await ask(runner, { 'top-k': 9, choice: 'z', accept: 'text/html', url: 'nowhere' })
    expect(outcome).toMatchObject({
      kind: 'failed',
      code: 'invalid_input',
      message: expect.stringContaining('choice: Must be one of: a, b.'),
      details: {
        status: 422,
        errors: {
          'top-k': ['Must be greater than or equal to 1 and less than or equal to 5.'],
          choice: ['Must be one of: a, b.'],
          accept: [expect.stringContaining('Must be one of')],
          url: ['Not a valid URL.'],
        },
      },
    })
    expect((await ask(runner)).outcome.kind).toBe('done')
  })

  it.each([
    ['badvalue', 'invalid_input', 'cannot decode image', { status: 400, reason: 'cannot decode image' }],
    ['crash', 'model_error', 'RuntimeError: tensor shape mismatch', { status: 500 }],
    ['badschema', 'invalid_output', 'ERROR validating model response: labels: Not a valid list.', undefined],
  ])('fails by mode=%s with %s, and its process goes on', async (mode, code, message, details) => {
    const runner = await startDemo()
    const { pid } = runner
    const { outcome } = await ask(runner, { mode })
    expect(outcome).toMatchObject({ kind: 'failed', code, message })
    expect(outcome.kind === 'failed' && outcome.details).toEqual(details)
    expect((await ask(runner)).outcome).toMatchObject({ output: { warm: 1 } })
    expect(runner.pid).toBe(pid)
  })

  it('trains, tells why training failed, and stops it when asked', async () => {
    const runner = await startDemo()
    const { pid } = runner
    expect(await train(runner, { epochs: 1, tag: 't' }).outcome).toMatchObject({
      kind: 'done',
      output: { accuracy: 0.9, tag: 't' },
    })
    expect(await train(runner, { tag: 't', fail_at: 0 }).outcome).toMatchObject({
      code: 'model_error',
      message: 'RuntimeError: loss is NaN at epoch 0',
      details: { status: 500 },
      traceback: expect.stringContaining('api.py'),
    })
    expect(await train(runner, { epochs: 0 }).outcome).toMatchObject({
      code: 'invalid_input',
      details: { errors: { tag: ['Missing data for required field.'], epochs: [expect.any(String)] } },
    })
    const long = train(runner, { epochs: 1000, tag: 't' })
    long.cancel()
    expect(await long.outcome).toMatchObject({ kind: 'canceled', killed: false })
    expect((await ask(runner)).outcome.kind).toBe('done')
    expect(runner.pid).toBe(pid)
  })
})

describe('a training of a DEEPaaS model', { timeout: 60_000 }, () => {
  needsTestPython()
  const model = (body: string) => ({
    source: {
      'model.py': `
import time
from webargs import fields
def get_train_args():
    return {"seconds": fields.Float(load_default=0)}
def predict(): return 1
def get_predict_args(): return {}
def train(seconds):
    print("epoch")
    ${body}
    return {"loss": seconds}
`,
    },
  })

  it('is stopped in the middle of what it waits for', async () => {
    const runner = await start(model('time.sleep(seconds)'))
    const { pid } = runner
    const run = train(runner, { seconds: 600 })
    await until('the training has begun', () => run.logs.some(({ message }) => message === 'epoch'))
    run.cancel()
    expect(await run.outcome).toMatchObject({ kind: 'canceled', killed: false })
    expect(await train(runner, { seconds: '0' }).outcome).toMatchObject({ kind: 'done', output: { loss: 0 } })
    expect(runner.pid).toBe(pid)
  })

  it('is killed with its process when it does not let itself be stopped', async () => {
    const stubborn = 'while True:\n        try: time.sleep(seconds)\n        except BaseException: pass'
    const runner = await start({ ...model(stubborn), manifest: { cancel_grace_seconds: 0.1 } })
    const { pid } = runner
    const run = train(runner, { seconds: 600 })
    await until('the training has begun', () => run.logs.some(({ message }) => message === 'epoch'))
    run.cancel()
    expect(await run.outcome).toMatchObject({ kind: 'canceled', killed: true })
    await runner.whenReady()
    expect(runner.pid).not.toBe(pid)
  })
})

describe('what a DEEPaaS model raises', { timeout: 60_000 }, () => {
  needsTestPython()

  it('is told with its HTTP status, also where aiohttp is not installed', async () => {
    const runner = await startFile(`
import urllib.error
from aiohttp import web
from webargs import fields

class Teapot(Exception):
    status_code = 418
    reason = ValueError("short and stout")

ERRORS = {
    "unprocessable": lambda: web.HTTPUnprocessableEntity(text="no face in it"),
    "conflict": lambda: web.HTTPConflict(reason="busy"),
    "object": lambda: web.HTTPBadRequest(reason=ValueError("of a value")),
    "large": lambda: web.HTTPRequestEntityTooLarge(10, 11),
    "teapot": Teapot,
    "ok": lambda: web.HTTPOk(),
    "todo": NotImplementedError,
    "elsewhere": lambda: urllib.error.HTTPError("http://x", 404, "Not Found", {}, None),
}

def get_predict_args():
    return {"error": fields.Str(required=True)}

def predict(**args):
    raise ERRORS[args["error"]]()
`)
    for (const [error, code, details] of [
      [
        'unprocessable',
        'invalid_input',
        { status: 422, reason: expect.stringMatching(/^Unprocessable /), text: 'no face in it' },
      ],
      ['conflict', 'model_error', { status: 409, reason: 'busy' }],
      ['object', 'invalid_input', { status: 400, reason: 'of a value' }],
      ['large', 'model_error', { status: 413, text: expect.stringContaining('size 10 exceeded') }],
      ['teapot', 'model_error', { status: 418, reason: 'short and stout' }],
      ['ok', 'model_error', { status: 500 }],
      ['todo', 'model_error', { status: 501 }],
      ['elsewhere', 'model_error', { status: 500 }],
    ] as const) {
      expect((await ask(runner, { error })).outcome, error).toMatchObject({ kind: 'failed', code, details })
    }
  })

  it('reaches the caller when it is an exit', async () => {
    const runner = await startFile('import sys\ndef get_predict_args(): return {}\ndef predict(): sys.exit(4)\n')
    expect((await ask(runner)).outcome).toMatchObject({ kind: 'crashed', exitCode: 4 })
  })
})

describe('what a DEEPaaS model gives', { timeout: 60_000 }, () => {
  needsTestPython()

  it('is wrapped when it has no schema, and its values are kept as they are', async () => {
    const runner = await startFile(`
import io, pathlib, tempfile
from deepaas.model.v2.wrapper import ReturnedFile
from webargs import fields
VALUES = {
    "number": lambda: 3, "null": lambda: None, "list": lambda: [1, {"a": "b"}],
    "bytes": lambda: b"abc", "buffer": lambda: io.BytesIO(b"abc"),
    "returned": lambda: ReturnedFile(filename=__file__, original_filename="source.py"),
}
def get_predict_args():
    return {"value": fields.Str(required=True)}
def predict(**args):
    return VALUES[args["value"]]()
`)
    const check = compileOutputCheck((await runner.start()).output_schema)
    for (const [value, predictions] of [
      ['number', 3],
      ['null', null],
      ['list', [1, { a: 'b' }]],
    ]) {
      expect((await ask(runner, { value })).outcome).toMatchObject({ output: { status: 'OK', predictions }, files: [] })
    }
    for (const value of ['bytes', 'buffer', 'returned']) {
      const { outcome, file, bytes } = await ask(runner, { value })
      expect(file?.pointer).toBe('/predictions')
      expect(bytes?.toString().includes('abc')).toBe(true)
      expect(outcome.kind === 'done' && (await check(outcome.output, outcome.files))).toBeUndefined()
    }
  })

  it('must be a file when one was asked for; the model never hears of */*', async () => {
    const runner = await startFile(`
from webargs import fields, validate
def get_predict_args():
    return {"accept": fields.Str(load_default="*/*", validate=validate.OneOf(["image/png", "application/json"]))}
def predict(accept):
    return {"image/png": None, "application/json": accept}[accept]
`)
    const { input_schema } = await runner.start()
    expect(input_schema.properties).toMatchObject({ accept: { default: 'image/png' } })
    for (const input of [{}, { accept: '*/*' }, { accept: null }]) {
      expect((await ask(runner, input)).outcome).toMatchObject({
        code: 'invalid_output',
        message: 'image/png was asked for, and predict gave a NoneType',
      })
    }
    expect((await ask(runner, { accept: 'application/json' })).outcome).toMatchObject({
      output: { status: 'OK', predictions: 'application/json' },
    })
  })

  it('keeps what it does to a default from the next run', async () => {
    const runner = await startFile(`
from webargs import fields
def get_predict_args():
    return {"seen": fields.List(fields.Int(), load_default=[])}
def predict(seen):
    seen.append(1)
    return seen
`)
    for (let run = 0; run < 2; run++) {
      expect((await ask(runner)).outcome).toMatchObject({ output: { predictions: [1] } })
    }
    expect((await ask(runner, { seen: 5 })).outcome).toMatchObject({ output: { predictions: [5, 1] } })
  })

  it('is taken from an open file wherever it lies; a file of the model itself stays', async () => {
    const runner = await startFile(`
import os, tempfile
with open("kept.bin", "w") as file:
    file.write("kept")
# Made long before the run: no temporary file of it.
os.utime("kept.bin", (1, 1))
from webargs import fields, validate
def get_predict_args():
    return {"accept": fields.Str(load_default="video/mp4", validate=validate.OneOf(["video/mp4", "x/y"]))}
def predict(accept):
    if accept == "x/y":
        return open("kept.bin", "rb")
    file = tempfile.NamedTemporaryFile(suffix=".tmp")
    file.write(b"moving")
    file.flush()
    return file
`)
    const movie = await ask(runner)
    expect(movie).toMatchObject({ file: { name: 'output.mp4', content_type: 'video/mp4' } })
    expect(movie.bytes?.toString()).toBe('moving')
    for (let run = 0; run < 2; run++) {
      expect((await ask(runner, { accept: 'x/y' })).bytes?.toString()).toBe('kept')
    }
  })
})

describe('a training of DEEPaaS', { timeout: 60_000 }, () => {
  needsTestPython()

  it('keeps checkpoints by way of the package millrace, and goes on from one', async () => {
    const runner = await startFile(`
import millrace
from webargs import fields

def get_train_args():
    return {"epochs": fields.Int(load_default=3)}

def get_predict_args():
    return {}

def predict():
    return {}

def train(epochs):
    resumed = millrace.resumed()
    first = resumed.state["epoch"] if resumed else 0
    for epoch in range(first, epochs):
        millrace.checkpoint({"epoch": epoch + 1})
    return {"trained": epochs - first}
`)
    const resumed = { state: { epoch: 2 }, files: [] }
    const run = startRun(runner, { epochs: 3 }, { kind: 'training', resumed })
    expect(await run.outcome).toMatchObject({ kind: 'done', output: { trained: 1 } })
    expect(run.checkpoints).toEqual([{ state: { epoch: 3 }, files: {} }])
  })
})
