/** The example models, unmodified, through the HTTP API: each does what the table of the examples says. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { FileView, Job } from '@millrace/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { needsTestPython, testPython } from '../../python/test-python.ts'
import { type EventReader, readEvents } from '../../support/event-reader.ts'
import { LOADABLE_EXAMPLES, makeExampleModels } from '../../support/example-models.ts'
import { type Stack, startStack } from '../../support/start-stack.ts'
import { until } from '../../support/until.ts'

const VAULT = `from cog import BasePredictor, Secret
class Predictor(BasePredictor):
    def predict(self, key: Secret) -> int:
        print("the key is", key)
        if key.get_secret_value().endswith("wrong"): raise ValueError("no entry for %s" % key)
        return len(key.get_secret_value())
`
let examples: ReturnType<typeof makeExampleModels>
let stack: Stack

beforeAll(async () => {
  examples = makeExampleModels({ vault: { 'predict.py': VAULT } })
  stack = await startStack({ env: { MILLRACE_MODELS: examples.folder, MILLRACE_PYTHON: testPython } })
  await Promise.all([...LOADABLE_EXAMPLES, 'vault'].map((model) => stack.client.ready(model)))
}, 60_000)

afterAll(async () => {
  await stack?.stop()
  examples?.delete()
})

const run = (model: string, input: unknown, more?: object): Promise<Job> => stack.client.run(model, input, more)
const post = (path: string, body?: FormData) => stack.client.request(path, { method: 'POST', body })

/** Sends files as parts; a string is a file's content, of a type that has no signature. */
async function send(model: string, input: object, files: Record<string, string | Blob>): Promise<Response> {
  const form = new FormData()
  form.set('input', JSON.stringify(input))
  for (const [name, file] of Object.entries(files)) {
    form.set(name, typeof file === 'string' ? new Blob([file], { type: 'image/x-raw' }) : file, 'a.png')
  }
  return post(`/v1/models/${model}/jobs`, form)
}

async function runFiles(model: string, input: object, files: Record<string, string | Blob>): Promise<Job> {
  const response = await send(model, input, files)
  expect(response.status, await response.clone().text()).toBe(202)
  return stack.client.finished(((await response.json()) as Job).id)
}

/** Paths of the faults of a 422. */
async function refusedAt(response: Response | Promise<Response>): Promise<string[]> {
  const { status, text } = await (async (answer) => ({ status: answer.status, text: await answer.text() }))(
    await response,
  )
  expect(status, text).toBe(422)
  return (JSON.parse(text) as { errors: { path: string }[] }).errors.map(({ path }) => path)
}

async function download(place: unknown): Promise<Buffer> {
  const file = place as FileView
  expect(file).toMatchObject({ object: 'file', url: expect.any(String) })
  const bytes = Buffer.from(await (await fetch(file.url)).arrayBuffer())
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(file.sha256)
  return bytes
}

const field = (job: Job, name: string) => (job.output as Record<string, unknown>)[name]
const follow = (job: Job): Promise<EventReader> => readEvents(`${stack.client.url}/v1/jobs/${job.id}/events`)
const cancel = (job: Job) => post(`/v1/jobs/${job.id}/cancel`)

describe('ai_integration', { timeout: 60_000 }, () => {
  needsTestPython()
  const ask = (text: string, factor?: string) =>
    runFiles('loop-multi', { text, ...(factor !== undefined && { factor }) }, { image: 'twelve bytes' })
  const callsOf = async () => (field(await ask('json'), 'data') as { calls: number }).calls

  it('answers with JSON, an image and text from one warm process', async () => {
    const first = await ask('json', '3')
    expect(first).toMatchObject({
      status: 'succeeded',
      output: { content_type: 'application/json', data: { bytes: 12, x: 36, calls: 1 } },
    })
    expect(await callsOf()).toBe(2)
    const image = await ask('png')
    expect(field(image, 'content_type')).toBe('image/png')
    expect(await download(field(image, 'data'))).toHaveLength(69)
    expect((await ask('text')).output).toEqual({ content_type: 'text/plain', data: 'Fake output' })
  })

  it('tells what went wrong, and replaces the process only when the convention says so', async () => {
    const before = await callsOf()
    expect((await ask('caught')).error).toMatchObject({
      code: 'model_error',
      details: { traceback: expect.stringContaining('ZeroDivisionError') },
    })
    expect((await ask('forget')).error?.message).toContain('Caught Programming Error')
    expect(await callsOf()).toBe(before + 3)
    expect((await ask('raise')).error).toMatchObject({
      message: 'RuntimeError: bad CUDA state',
      details: { traceback: expect.stringContaining('loop_multi.py') },
    })
    expect(await callsOf()).toBe(1)
  })

  it('gives up on a job that ends its process, after three starts', async () => {
    const ended = await ask('exit')
    expect(ended).toMatchObject({ status: 'failed', attempt: 3 })
    expect(ended.error).toMatchObject({ code: 'runner_crashed', details: { exit_code: 3 } })
    expect(await callsOf()).toBe(1)
  })

  it('serves the older style too, and refuses an input without its image', async () => {
    const job = await runFiles('shim-legacy', {}, { style: 'ab', content: '  ' })
    expect(field(job, 'content_type')).toBe('image/jpeg')
    expect((await download(field(job, 'data'))).toString()).toBe('AB')
    expect(await refusedAt(send('shim-legacy', {}, { style: 'ab' }))).toEqual(['/input/content'])
    expect(await refusedAt(stack.client.submit('loop-multi', { input: { text: 'json' } }))).toEqual(['/input/image'])
    const boom = await runFiles('shim-legacy', {}, { style: 'BOOM', content: 'x' })
    expect(boom.error?.message).toBe('RuntimeError: style exploded')
    expect((await runFiles('shim-legacy', {}, { style: 'ab', content: 'ab' })).status).toBe('succeeded')
  })
})

describe('DEEPaaS', { timeout: 60_000 }, () => {
  needsTestPython()

  it('takes a file and arguments, and answers in the type that is asked for', async () => {
    const job = await runFiles(
      'demo-mod',
      { 'top-k': 3, flag: true },
      { data: new Blob([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')], { type: 'image/png' }) },
    )
    expect(job.output).toMatchObject({ size: 8, filename: 'a.png', content_type: 'image/png', warm: 1, flag: true })
    expect((field(job, 'labels') as unknown[]).length).toBe(3)
    const heads = { 'image/png': '\x89PNG', 'application/zip': 'PK', 'text/plain': '[{"label"' }
    for (const [accept, head] of Object.entries(heads)) {
      const { output } = await run('demo-mod', { accept })
      expect(output).toMatchObject({ content_type: accept })
      expect((await download(output)).toString('latin1').slice(0, head.length)).toBe(head)
    }
  })

  it('fails as the model says: a refused value, a crash, an answer that is none of its own', async () => {
    const errorOf = async (mode: string) => (await run('demo-mod', { mode })).error
    expect(await errorOf('badvalue')).toMatchObject({
      code: 'invalid_input',
      message: 'cannot decode image',
      details: { status: 400, reason: 'cannot decode image' },
    })
    expect(await errorOf('crash')).toMatchObject({ code: 'model_error', details: { status: 500 } })
    expect(await errorOf('badschema')).toMatchObject({ code: 'invalid_output' })
    expect((await run('demo-mod', {})).output).toMatchObject({ warm: 1 })
    const refused = stack.client.submit('demo-mod', { input: { 'top-k': 9, choice: 'z' } })
    expect((await refusedAt(refused)).sort()).toEqual(['/input/choice', '/input/top-k'])
  })

  it('trains: with a result, with the reason of a failure, and until it is canceled', async () => {
    const train = (input: object) => run('demo-mod', input, { kind: 'training' })
    const done = await train({ epochs: 1, tag: 't' })
    expect(done).toMatchObject({ kind: 'training', status: 'succeeded', output: { accuracy: 0.9, tag: 't' } })
    expect((await train({ tag: 't', fail_at: 0 })).error?.message).toBe('RuntimeError: loss is NaN at epoch 0')
    const refused = stack.client.submit('demo-mod', { kind: 'training', input: { epochs: 0 } })
    expect((await refusedAt(refused)).sort()).toEqual(['/input/epochs', '/input/tag'])
    const long = await stack.client.accepted('demo-mod', { epochs: 1000, tag: 't' }, { kind: 'training' })
    await until('it trains', async () => (await stack.client.job(long.id)).status === 'running')
    await cancel(long)
    expect((await stack.client.finished(long.id)).status).toBe('canceled')
    expect((await run('demo-mod', {})).output).toMatchObject({ warm: 1 })
  })
})

describe('aiges', { timeout: 60_000 }, () => {
  needsTestPython()
  const said = (job: Job) => JSON.parse(String(field(job, 'result'))) as Record<string, unknown>

  it('gives text and an image, and reports its own codes in its own words', async () => {
    const image = readFileSync(`${examples.folder}/once/test_data/test.png`)
    const job = await runFiles(
      'once',
      { text: 'héllo', upper: true, top: 5 },
      { img: new Blob([image], { type: 'image/png' }) },
    )
    expect(said(job)).toMatchObject({ text: 'HÉLLO', top: 5, lang: 'en', img_len: image.length, calls: 1 })
    expect(await download(field(job, 'thumb'))).toEqual(image.subarray(0, 8))
    expect((await run('once', { text: 'a' })).error).toMatchObject({
      message: 'text too short',
      details: { code: 100 },
    })
    for (const text of ['raise', 'none', 'int', 'empty']) {
      expect((await run('once', { text })).error, text).toMatchObject({ code: 'model_error' })
    }
    expect(said(await run('once', { text: 'again' }))).toMatchObject({ calls: 7 })
    expect(await refusedAt(stack.client.submit('once', { input: { text: 'x', lang: 'fr' } }))).toEqual(['/input/lang'])
  })

  it('is not served when it says that it cannot be set up, and the log says why', async () => {
    const state = async () => {
      const shown = await stack.client.request('/v1/models/once-unwell')
      return ((await shown.json()) as { state?: string }).state
    }
    await until('it is shown as failed', async () => (await state()) === 'failed')
    expect((await stack.client.submit('once-unwell', { input: { text: 'a' } })).status).toBe(409)
    await until('it is told', () => JSON.stringify(stack.workers[0]?.log).includes('wrapperInit failed with 30099'))
  })

  it('may be of the first era', async () => {
    const sound = (text: string) => ({ data: new Blob([text], { type: 'audio/x-raw' }) })
    const job = await runFiles('seed-style', { mode: 'music' }, sound('tune'))
    expect(JSON.parse(String(field(job, 'output_text')))).toMatchObject({ code: 0, mode: 'music', bytes: 4 })
    expect((await runFiles('seed-style', {}, sound(''))).error).toMatchObject({ details: { code: 3006 } })
  })

  it('holds a session: frames in, results as they come and all at the end', async () => {
    const frames = ['one', 'two'].map((text) => ({ text }))
    const job = await run('talk', { frames })
    expect(job.output).toEqual({ frames: [{ result: 'ONE' }, { result: 'TWO' }] })
    const chunks = (
      await (async () => {
        const reader = await follow(job)
        await reader.closed
        return reader.events
      })()
    ).filter(({ type }) => type === 'output')
    expect(chunks.map(({ data }) => data.chunk)).toEqual([{ result: 'ONE' }, { result: 'TWO' }])
  })
})

describe('Cog', { timeout: 60_000 }, () => {
  needsTestPython()

  it('gives a structured output with a file, and refuses what its signature refuses', async () => {
    const job = await runFiles('image', { prompt: 'cat', seed: 7, tags: ['b', 'c'], steps: 8 }, { image: 'hello' })
    expect(job.output).toMatchObject({ summary: 'cat/photo/8/7/b,c/Path', score: 1.5 })
    expect([...(await download(field(job, 'image')))]).toEqual([0x89, 0x50, 0x4e, 0x47, 5])
    const input = { scale: 11, steps: 5, style: 'oil', tags: 'a', code: 'ab1', token: 7 }
    const refused = await refusedAt(stack.client.submit('image', { input }))
    const names = ['code', 'prompt', 'scale', 'steps', 'style', 'tags', 'token']
    expect([...new Set(refused)].sort()).toEqual(names.map((name) => `/input/${name}`))
    // Text may stand for a number, if it is one.
    expect(await refusedAt(stack.client.submit('image', { input: { prompt: 'cat', seed: 'x' } }))).toContain(
      '/input/seed',
    )
  })

  it('fails with its own error, with an output that is none, and with the code it exits with', async () => {
    expect((await run('image', { prompt: 'value_error' })).error?.message).toBe('ValueError: NSFW content detected')
    expect((await run('image', { prompt: 'wrong_type' })).error?.code).toBe('invalid_output')
    const ended = await run('image', { prompt: 'exit' })
    expect(ended).toMatchObject({ attempt: 3, error: { code: 'runner_crashed', details: { exit_code: 3 } } })
    expect((await run('image', { prompt: 'cat' })).status).toBe('succeeded')
  })

  it('never shows a secret: not in the job, nor a list, its events or any log', async () => {
    const job = await run('vault', { key: 'hush-1' })
    expect(job).toMatchObject({ status: 'succeeded', input: { key: '**********' }, output: 6 })
    const failed = await run('vault', { key: 'hush-wrong' })
    expect(failed).toMatchObject({
      input: { key: '**********' },
      error: { message: expect.stringContaining('**********') },
    })
    const again = await post(`/v1/jobs/${failed.id}/retry`)
    expect((await stack.client.finished(failed.id)).error?.message).toContain('no entry for')
    const events = await follow(failed)
    await events.closed
    expect(events.text()).toContain('the key is **********')
    const shown = [await again.text(), events.text(), await (await stack.client.request('/v1/jobs?model=vault')).text()]
    expect(JSON.stringify([shown, stack.api.log, stack.workers[0]?.log]).includes('hush-')).toBe(false)
    const refused = stack.client.submit('vault', { input: { key: { inner: 'hush-2' } } })
    expect(await (await refused).text()).not.toContain('hush-')
  })

  it('streams its output live, and keeps what it gave when it fails or is canceled', async () => {
    const job = await stack.client.accepted('stream', { prompt: 'a b c', delay: 0.2 })
    const reader = await follow(job)
    await until('the first piece is there', () => reader.events.some(({ type }) => type === 'output'))
    expect((await stack.client.job(job.id)).status).toBe('running')
    await reader.closed
    const of = (type: string) => reader.events.filter((event) => event.type === type)
    expect(of('output').map(({ data }) => data.chunk)).toEqual(['a ', 'b ', 'c '])
    expect(of('log').map(({ data }) => data.message)).toEqual(['tick', 'tick', 'tick'])
    expect(of('done')[0]?.data).toMatchObject({ status: 'succeeded', output: ['a ', 'b ', 'c '] })

    const failed = await run('stream', { prompt: 'a b c', delay: 0, fail_after: 2 })
    expect(failed).toMatchObject({ status: 'failed', output: ['a ', 'b '], partial: true })
    expect(failed.error?.message).toBe('RuntimeError: generator exploded')

    const long = await stack.client.accepted('stream', { prompt: 'a b c d e f g h', delay: 0.5 })
    const watched = await follow(long)
    await until('two pieces are there', () => watched.events.filter(({ type }) => type === 'output').length >= 2)
    await cancel(long)
    const canceled = await stack.client.finished(long.id)
    expect(canceled).toMatchObject({ status: 'canceled', partial: true })
    expect((canceled.output as string[]).slice(0, 2)).toEqual(['a ', 'b '])
  })
})

describe('anything with predict(data)', { timeout: 60_000 }, () => {
  needsTestPython()

  it('answers with its prediction, its hooks called and its numbers made plain', async () => {
    expect((await run('dummy', { data: [1, 2, 3] })).output).toEqual({ prediction: { prediction: 6 } })
    const rows = {
      data: [
        [1, '2'],
        [50, 60],
      ],
    }
    const labels = async (model: string) => (await run(model, rows)).output
    expect(await labels('custom')).toEqual({
      prediction: [
        { score: 3, label: 0 },
        { score: 110, label: 1 },
      ],
    })
    expect(await labels('threshold')).toEqual({
      prediction: [
        { score: 3, label: 0 },
        { score: 110, label: 1 },
      ],
    })
    expect((await run('threshold', { data: [[50, 40]] })).output).toEqual({ prediction: [{ score: 90, label: 0 }] })
    expect((await run('numbers', { data: [1, 2, 6] })).output).toEqual({
      prediction: { mean: 3, shape: [3], values: [1, 2, 6] },
    })
  })

  it('refuses an input without data, and tells what its model raised', async () => {
    expect(await refusedAt(stack.client.submit('dummy', { input: {} }))).toEqual(['/input/data'])
    expect(await refusedAt(stack.client.submit('dummy', { input: { data: [1], x: 1 } }))).toEqual(['/input/x'])
    expect((await run('custom', { data: 'rows' })).error).toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('data must be a list of rows'),
    })
    expect((await run('broken', { data: [1] })).error).toMatchObject({
      code: 'model_error',
      message: 'RuntimeError: CUDA out of memory',
      details: { traceback: expect.stringContaining('custom_model.py') },
    })
  })
})

describe('a worker with Python models that is killed', { timeout: 60_000 }, () => {
  needsTestPython()

  it('takes its processes with it within a second, and the next worker does the job', async () => {
    const job = await stack.client.accepted('stream', { prompt: 'a b c d e f g h', delay: 0.5 })
    await until('it runs', async () => (await stack.client.job(job.id)).status === 'running')
    // A model that lacked memory is being replaced: its process may not be there yet.
    await until('all are up', () => modelProcesses().length === LOADABLE_EXAMPLES.length + 1)
    await stack.workers[0]?.kill('SIGKILL')
    await until('they are gone', () => modelProcesses().length === 0, { timeoutMs: 1000 })
    stack.startWorker()
    const done = await stack.client.finished(job.id)
    expect(done).toMatchObject({ status: 'succeeded', attempt: 2 })
    expect((done.output as string[]).join('')).toBe('a b c d e f g h ')
  })
})

/** The Python processes of this file's models. */
function modelProcesses(): number[] {
  const commandOf = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    } catch {
      return ''
    }
  }
  const isOurs = (pid: string) => /^\d+$/.test(pid) && commandOf(pid).includes(examples.folder)
  return readdirSync('/proc').filter(isOurs).map(Number)
}
