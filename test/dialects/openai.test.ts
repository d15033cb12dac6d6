/** The clients of OpenAI from npm and PyPI, unmodified, against a whole Millrace with a model for each task. */
import { fileURLToPath } from 'node:url'
import OpenAI, { toFile } from 'openai'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Stack } from '../support/start-stack.ts'
import { until } from '../support/until.ts'
import { clientCalls, pythonCalls } from './support/client-calls.ts'
import { KEY, startDialectStack } from './support/start-dialect-stack.ts'
import { startDyingProxy } from './support/start-dying-proxy.ts'

const MODELS = fileURLToPath(new URL('./openai/models', import.meta.url))
const JSONL = 'rows.jsonl'

let stack: Stack
let openai: OpenAI
let base: string

beforeAll(async () => {
  stack = await startDialectStack({ MILLRACE_MODELS: MODELS, MILLRACE_SLOTS: 'cpu*2' }, ['embed', 'paint', 'scribe'])
  base = `${stack.client.url}/openai/v1`
  openai = new OpenAI({ apiKey: KEY, baseURL: base })
}, 60_000)
afterAll(() => stack?.stop())

const LANGUAGE = 'its models are no models of language'
const NO_TASK = 'no task of that kind'
const MISSING = {
  'models.delete': 'models are published by workers',
  'audio.translations.create': NO_TASK,
  'audio.speech.create': NO_TASK,
  'videos.create': NO_TASK,
  'uploads.create': 'files.create takes a file of any size',
  'chat.completions.create': LANGUAGE,
  'responses.create': LANGUAGE,
  'moderations.create': LANGUAGE,
  'fine_tuning.jobs.create': 'a training is a job of its own kind',
  'vector_stores.create': 'there are none',
}
const call = clientCalls({ platform: 'OpenAI', client: 'npm openai', version: '6.49.0', missing: MISSING })

const fileOf = (...rows: unknown[]) =>
  toFile(Buffer.from(rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n')), JSONL)
const upload = async (...rows: unknown[]) => openai.files.create({ file: await fileOf(...rows), purpose: 'batch' })
const row = (custom_id: string, url: string, body: object) => ({ custom_id, method: 'POST', url, body })
const embedRow = (id: string, more: object = {}) =>
  row(id, '/v1/embeddings', { model: 'embed', input: 'abcd', ...more })
const begin = async (...rows: unknown[]) => {
  const { id: input_file_id } = await upload(...rows)
  return openai.batches.create({ input_file_id, endpoint: '/v1/embeddings', completion_window: '24h' })
}
const ended = (id: string) =>
  until('the batch has ended', async () => {
    const batch = await openai.batches.retrieve(id)
    return ['completed', 'failed', 'expired', 'cancelled'].includes(batch.status) ? batch : undefined
  })
interface ResultRow {
  id: string
  custom_id: string
  response: { status_code: number; request_id: string; body: Record<string, unknown> } | null
  error: { code: string; message: string } | null
}
const rowsOf = async (file: string | null | undefined): Promise<ResultRow[]> => {
  const text = await (await openai.files.content(file ?? 'none')).text()
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ResultRow)
}
const refusalOf = async (asked: Promise<unknown>) => {
  const error: unknown = await asked.then(
    () => undefined,
    (cause: unknown) => cause,
  )
  const { status, code, param, type, message } = error as InstanceType<typeof OpenAI.APIError>
  return { status, code, param, type, message }
}
const wav = (text: string) => toFile(Buffer.concat([Buffer.from('RIFF\0\0\0\0WAVE'), Buffer.from(text)]), 'said.wav')

call('models.list', async () => {
  const { data } = await openai.models.list()
  expect(data.map(({ id }) => id)).toEqual(['embed', 'paint', 'scribe'])
  expect(data[0]).toMatchObject({ object: 'model', owned_by: 'millrace' })
  expect(data[0]?.created).toBeGreaterThan(1.7e9)
})
call('models.retrieve', async () => {
  expect(await openai.models.retrieve('paint')).toMatchObject({ id: 'paint', object: 'model' })
  expect(await refusalOf(openai.models.retrieve('gpt-9'))).toMatchObject({ status: 404, code: 'model_not_found' })
})

call('embeddings.create', async () => {
  const { data, model, usage } = await openai.embeddings.create({ model: 'embed', input: 'abc' })
  expect({ data, model, usage }).toEqual({
    data: [{ object: 'embedding', index: 0, embedding: [1.5, 0.75] }],
    model: 'embed',
    usage: { prompt_tokens: 1, total_tokens: 1 },
  })
})
call('embeddings.create, as floats', async () => {
  const { data } = await openai.embeddings.create({
    ...{ model: 'embed', input: ['a', 'abcd'], encoding_format: 'float', dimensions: 3, user: 'somebody' },
  })
  expect(data.map(({ embedding }) => embedding)).toEqual([
    [0.5, 0.25, 0.125],
    [2, 1, 0.5],
  ])
})
call('embeddings.create, of tokens', async () => {
  const refused = await refusalOf(openai.embeddings.create({ model: 'embed', input: [[1, 2], [3]] }))
  expect(refused).toMatchObject({ status: 400, param: 'input', type: 'invalid_request_error' })
  expect(refused.message).toContain('not tokens')
})

call('images.generate', async () => {
  const { data, created } = await openai.images.generate({
    model: 'paint',
    prompt: 'a cat',
    n: 2,
    size: '256x512' as '256x256',
  })
  expect([data?.length, created > 1.7e9]).toEqual([2, true])
  const answer = await fetch(data?.[0]?.url ?? '')
  expect([answer.headers.get('content-type'), (await answer.arrayBuffer()).byteLength]).toEqual(['image/png', 70])
  const [job] = ((await (await stack.client.request('/v1/jobs?model=paint&limit=1')).json()) as { data: object[] }).data
  expect(job).toMatchObject({ input: { width: 256, height: 512, num_outputs: 2 } })
})
call('images.generate, as base64', async () => {
  const { data } = await openai.images.generate({ model: 'paint', prompt: 'a cat', response_format: 'b64_json' })
  expect(
    Buffer.from(data?.[0]?.b64_json ?? '', 'base64')
      .subarray(1, 4)
      .toString(),
  ).toBe('PNG')
})
call('images.edit', async () => {
  // Behind what PNG says of itself anything may stand, so of any length.
  const { data: made } = await openai.images.generate({ model: 'paint', prompt: 'x', response_format: 'b64_json' })
  const bytes = Buffer.concat([Buffer.from(made?.[0]?.b64_json ?? '', 'base64'), Buffer.alloc(300_001, 7)])
  const image = await toFile(bytes, 'cat.png', { type: 'image/png' })
  const { data } = await openai.images.edit({ model: 'paint', prompt: 'x', image, n: 2, response_format: 'b64_json' })
  expect(data?.map(({ b64_json }) => Buffer.from(b64_json ?? '', 'base64').equals(bytes))).toEqual([true, true])
})

call('audio.transcriptions.create', async () => {
  expect(await openai.audio.transcriptions.create({ file: await wav('hello'), model: 'scribe' })).toEqual({
    text: 'hello',
  })
})
call('audio.transcriptions.create, as a text', async () => {
  const file = await wav('hello')
  const asked = { file, model: 'scribe', response_format: 'text' } as const
  expect(await openai.audio.transcriptions.create(asked)).toBe('hello')
})
call('audio.transcriptions.create, in full', async () => {
  const told = await openai.audio.transcriptions.create({
    ...{ file: await wav('hallo'), model: 'scribe', language: 'de', temperature: 0.5, response_format: 'verbose_json' },
    timestamp_granularities: ['segment'],
  })
  expect(told).toMatchObject({
    ...{ text: 'hallo', language: 'de', duration: 1.5 },
    segments: [{ start: 0, end: 1.5, text: 'hallo', temperature: 0.5 }],
  })
})

let rows: Awaited<ReturnType<typeof upload>>
call('files.create', async () => {
  rows = await upload(embedRow('a'))
  expect(rows).toMatchObject({ object: 'file', filename: JSONL, purpose: 'batch', status: 'processed' })
  expect(rows.created_at * 1000).toBeGreaterThan(Date.now() - 60_000)
  const refused = await refusalOf(openai.files.create({ file: await fileOf('{}'), purpose: 'fine-tune' }))
  expect(refused).toMatchObject({ status: 400, param: 'purpose' })
})
call('files.retrieve', async () => {
  expect(await openai.files.retrieve(rows.id)).toMatchObject({ id: rows.id, bytes: rows.bytes, purpose: 'batch' })
})
call('files.waitForProcessing', async () => {
  expect((await openai.files.waitForProcessing(rows.id)).status).toBe('processed')
})
call('files.content', async () => {
  expect(await (await openai.files.content(rows.id)).text()).toBe(JSON.stringify(embedRow('a')))
})
call('files.list', async () => {
  const others = [await upload('1'), await upload('2'), await upload('3')]
  const seen: string[] = []
  for await (const { id } of openai.files.list({ limit: 2, purpose: 'batch' })) seen.push(id)
  expect(seen.slice(0, 4)).toEqual([...others.map(({ id }) => id).toReversed(), rows.id])
  expect(new Set(seen).size).toBe(seen.length)
})
call('files.delete', async () => {
  expect(await openai.files.delete(rows.id)).toEqual({ id: rows.id, object: 'file', deleted: true })
  const refused = await refusalOf(openai.files.retrieve(rows.id))
  expect(refused).toMatchObject({ status: 404, type: 'invalid_request_error', code: 'file_not_found' })
  expect(refused.message).toContain(`No such File object: ${rows.id}`)
})

call('batches.create', async () => {
  const made = await begin(embedRow('a'))
  expect(made).toMatchObject({ object: 'batch', endpoint: '/v1/embeddings', completion_window: '24h' })
  expect((made.expires_at ?? 0) - made.created_at).toBe(86_400)
  await ended(made.id)
  const { id: input_file_id } = await upload(embedRow('a'))
  const asked = { input_file_id, endpoint: '/v1/chat/completions', completion_window: '24h' } as const
  expect(await refusalOf(openai.batches.create(asked))).toMatchObject({ status: 400, param: 'endpoint' })
})
call('batches.retrieve', async () => {
  const data = `data:audio/wav;base64,${Buffer.from('RIFF\0\0\0\0WAVEhi').toString('base64')}`
  const { id } = await begin(
    embedRow('floats', { encoding_format: 'float' }),
    embedRow('packed', { encoding_format: 'base64' }),
    embedRow('failing', { fail: true }),
    embedRow('tokens of no model', { model: 'nobody' }),
    embedRow('misfit', { dimensions: 99 }),
    embedRow('of another task', { model: 'paint' }),
    row('picture', '/v1/images/generations', { model: 'paint', prompt: 'a cat' }),
    row('speech', '/v1/audio/transcriptions', { model: 'scribe', file: data }),
    row('native', '/v1/models/embed/jobs', { input: { texts: ['ab'] }, metadata: { of: 'a row' } }),
  )
  const batch = await ended(id)
  expect(batch).toMatchObject({ status: 'completed', request_counts: { total: 9, completed: 5, failed: 4 } })
  const good = new Map((await rowsOf(batch.output_file_id)).map((one) => [one.custom_id, one]))
  const bodyOf = (name: string) => good.get(name)?.response?.body
  expect([...good.keys()]).toEqual(['floats', 'packed', 'picture', 'speech', 'native'])
  expect(good.get('floats')).toMatchObject({
    ...{ id: expect.stringMatching(/^batch_req_/), error: null, response: { status_code: 200 } },
  })
  expect(bodyOf('floats')).toMatchObject({ model: 'embed', data: [{ index: 0, embedding: [2, 1] }] })
  expect(bodyOf('packed')).toMatchObject({ data: [{ embedding: 'AAAAQAAAgD8=' }] })
  expect(bodyOf('speech')).toEqual({ text: 'hi' })
  expect(bodyOf('native')).toMatchObject({ object: 'job', model: 'embed', output: { embeddings: [[1, 0.5]] } })
  const { data: pictures } = bodyOf('picture') as { data: [{ url: string }] }
  const headers = { authorization: `Bearer ${KEY}` }
  expect((await fetch(pictures[0].url, { headers })).headers.get('content-type')).toBe('image/png')
  const bad = new Map((await rowsOf(batch.error_file_id)).map((one) => [one.custom_id, one]))
  const told = (name: string) => [bad.get(name)?.response?.status_code, bad.get(name)?.response?.body.error]
  expect(told('failing')).toMatchObject([500, { code: 'model_error', message: expect.stringContaining('said no') }])
  expect(told('tokens of no model')).toMatchObject([404, { code: 'model_not_found' }])
  expect(told('misfit')).toMatchObject([400, { param: 'dimensions' }])
  expect(told('of another task')).toMatchObject([400, { param: 'model' }])
})
call('batches.cancel', async () => {
  const { id } = await begin(embedRow('a'), ...[1, 2, 3].map((n) => embedRow(`slow ${n}`, { pause_ms: 300_000 })))
  await until('it runs', async () => (await openai.batches.retrieve(id)).request_counts?.completed === 1)
  expect(['cancelling', 'cancelled']).toContain((await openai.batches.cancel(id)).status)
  const batch = await ended(id)
  expect(batch).toMatchObject({ status: 'cancelled', request_counts: { total: 4, completed: 1, failed: 3 } })
  const [left] = await rowsOf(batch.error_file_id)
  expect(left).toMatchObject({ custom_id: 'slow 1', response: null, error: { code: 'batch_cancelled' } })
})
call('batches.create, with a file that is none of rows', async () => {
  const { id } = await begin(embedRow('a'), { custom_id: 'b', url: '/v1/embeddings' }, '{"custom_id":')
  const batch = await ended(id)
  expect(batch).toMatchObject({ status: 'failed', output_file_id: null, error_file_id: null })
  expect(batch.errors?.data?.map(({ line }) => line)).toEqual(expect.arrayContaining([2, 3]))
})
call('batches.list', async () => {
  const [one, two] = [await begin(embedRow('a')), await begin(embedRow('a'))]
  const seen: string[] = []
  for await (const { id } of openai.batches.list({ limit: 1 })) seen.push(id)
  expect(seen.slice(0, 2)).toEqual([two.id, one.id])
  expect(new Set(seen).size).toBe(seen.length)
  await Promise.all([ended(one.id), ended(two.id)])
})

it('expires a batch whose time is over, with what it has done', async () => {
  const { id: input_file_id } = await upload(embedRow('a'), embedRow('slow', { pause_ms: 300_000 }))
  const { id } = await openai.batches.create({
    ...{ input_file_id, endpoint: '/v1/embeddings', completion_window: '3s' as '24h' },
  })
  const batch = await ended(id)
  expect(batch).toMatchObject({ status: 'expired', request_counts: { total: 2, completed: 1, failed: 1 } })
  const [left] = await rowsOf(batch.error_file_id)
  expect(left).toMatchObject({ custom_id: 'slow', response: null, error: { code: 'batch_expired' } })
})

it('refuses in the shape of OpenAI, once', async () => {
  const ask = (of: OpenAI, body: object) =>
    refusalOf(of.embeddings.create({ model: 'embed', input: 'a', ...body } as never))
  expect(await ask(openai, { fail: true })).toMatchObject({ status: 500, code: 'model_error', type: 'server_error' })
  const { data } = (await (await stack.client.request('/v1/jobs?model=embed&status=failed&limit=10')).json()) as {
    data: { input: { fail?: boolean }; batch_id: string | null }[]
  }
  expect(data.filter(({ batch_id }) => batch_id === null)).toHaveLength(1)
  expect(await ask(openai, { dimensions: 99 })).toMatchObject({ status: 400, param: 'dimensions' })
  expect(await ask(openai, { seed: 7 })).toMatchObject({ status: 400, param: 'seed' })
  expect(await ask(openai, { model: 'paint' })).toMatchObject({ status: 400, param: 'model' })
  expect(await ask(new OpenAI({ apiKey: 'wrong', baseURL: base }), {})).toMatchObject({
    ...{ status: 401, code: 'invalid_api_key', type: 'authentication_error' },
  })
  const wide = openai.images.generate({ model: 'paint', prompt: 'x', size: '1024x1024', background: 'transparent' })
  expect(await refusalOf(wide)).toMatchObject({ status: 400, param: 'background' })
})

it('takes a form whose connection died for the one that is sent after it', async () => {
  const proxy = await startDyingProxy(stack.client.url, 1)
  const client = new OpenAI({ apiKey: KEY, baseURL: `${proxy.url}/openai/v1` })
  const asked = { file: await wav('said once'), model: 'scribe', pause_ms: 300 }
  expect(await client.audio.transcriptions.create(asked)).toEqual({ text: 'said once' })
  proxy.close()
  const { data } = (await (await stack.client.request('/v1/jobs?model=scribe&limit=50')).json()) as {
    data: { output: { text: string } | null }[]
  }
  const same = data.filter(({ output }) => output?.text === 'said once')
  expect([proxy.seen(), same.length]).toEqual([2, 1])
})

it('leaves no file of a form behind', async () => {
  const filesOf = async () => (await openai.files.list({ purpose: 'user_data' })).data.length
  const before = await filesOf()
  await openai.audio.transcriptions.create({ file: await wav('once'), model: 'scribe' })
  await refusalOf(openai.audio.transcriptions.create({ file: await wav('refused'), model: 'nobody' }))
  expect(await filesOf()).toBe(before)
})

it('shows files and batches to their tenant alone, and results to no key for other models', async () => {
  const keyOf = async (tenant: string, models?: string[]) => {
    const scopes = ['jobs:read', 'jobs:cancel', 'jobs:write', 'files', 'models:read']
    const body = JSON.stringify({ tenant, name: tenant, scopes, ...(models && { models }) })
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body }
    const { key } = (await (await stack.client.request('/v1/keys', init)).json()) as { key: string }
    return new OpenAI({ apiKey: key, baseURL: base })
  }
  const [stranger, painter] = await Promise.all([keyOf('other'), keyOf('default', ['paint'])])
  const batch = await ended((await begin(embedRow('a'))).id)
  const file = batch.output_file_id ?? ''
  const listed = async (client: OpenAI) => (await client.files.list()).data.map(({ id }) => id)
  for (const one of [stranger, painter]) await until('the key is known', () => listed(one).catch(() => undefined))
  expect(await listed(stranger)).toEqual([])
  expect([(await listed(openai)).includes(file), (await listed(painter)).includes(file)]).toEqual([true, false])
  for (const asked of [
    () => stranger.files.retrieve(file),
    () => stranger.files.content(file),
    () => stranger.files.delete(file),
    () => stranger.batches.retrieve(batch.id),
    () => stranger.batches.cancel(batch.id),
    () => painter.batches.retrieve(batch.id),
    () =>
      stranger.batches.create({
        ...{ input_file_id: batch.input_file_id, endpoint: '/v1/embeddings', completion_window: '24h' },
      }),
  ]) {
    expect(await refusalOf(asked())).toMatchObject({ status: 404 })
  }
  expect((await stranger.batches.list()).data).toEqual([])
  expect((await painter.models.list()).data.map(({ id }) => id)).toEqual(['paint'])
})

const CALLS = [
  ...['models.list', 'models.retrieve', 'embeddings.create', 'embeddings.create, as floats'],
  ...['embeddings.create, of tokens', 'images.generate', 'images.generate, as base64', 'images.edit'],
  ...['audio.transcriptions.create', 'audio.transcriptions.create, as a text', 'audio.transcriptions.create, in full'],
  ...['files.create', 'files.retrieve', 'files.content', 'files.list', 'batches.create', 'batches.retrieve'],
  ...['batches.list', 'batches.cancel', 'files.delete', 'AsyncOpenAI'],
]
pythonCalls(
  {
    ...{ platform: 'OpenAI', client: 'pip openai', version: '3.57.0' },
    ...{ requirements: 'openai', program: new URL('./python/openai_calls.py', import.meta.url) },
    missing: MISSING,
  },
  CALLS,
  () => ({ OPENAI_BASE_URL: base, OPENAI_API_KEY: KEY }),
)
