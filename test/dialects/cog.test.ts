/** Cog's HTTP API, exchange by exchange, against what the real servers of 0.16 and 0.23 answered. Each difference stands here. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { needsTestPython, testPython } from '../python/test-python.ts'
import { startWebhookReceiver } from '../support/servers/webhook-receiver.ts'
import { until } from '../support/until.ts'
import type { Stack } from '../support/start-stack.ts'
import { type Answer, answerDifferences } from './cog/answer-differences.ts'
import { KEY, startDialectStack } from './support/start-dialect-stack.ts'

interface Exchange extends Record<'0.16' | '0.23', Answer> {
  verb: string
  method: string
  path: string
  headers?: Record<string, string>
  body: unknown
}
interface SentEvent {
  event: string
  data: Record<string, unknown>
}
const recorded = JSON.parse(readFileSync(new URL('./recordings/cog.json', import.meta.url), 'utf8')) as {
  exchanges: Exchange[]
  streams: Record<'ok' | 'failing', SentEvent[]>
}

interface Document {
  paths: object
  components: { schemas: Record<'Input' | 'Output', { properties?: Record<string, object> }> }
}

needsTestPython()
let stack: Stack
const models = mkdtempSync(join(tmpdir(), 'millrace-cog-'))
beforeAll(async () => {
  for (const [name, from] of Object.entries({ oracle: './cog/oracle', shout: './models/shout' })) {
    cpSync(fileURLToPath(new URL(from, import.meta.url)), join(models, name), { recursive: true })
  }
  const env = { MILLRACE_MODELS: models, MILLRACE_PYTHON: testPython }
  stack = await startDialectStack(env)
  await stack.client.ready('oracle')
}, 60_000)
afterAll(async () => {
  await stack?.stop()
  rmSync(models, { recursive: true })
})

interface Asked {
  method?: string
  headers?: Record<string, string>
  body?: unknown
  key?: string
}
async function send(path: string, { method = 'GET', headers = {}, body, key = KEY }: Asked = {}): Promise<Response> {
  const sent = { ...(body !== undefined && body !== null && { 'content-type': 'application/json' }), ...headers }
  const text = body === undefined || body === null ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
  const given = { ...sent, authorization: `Bearer ${key}` }
  return fetch(`${stack.client.url}/cog/${path}`, { method, headers: given, body: text })
}
async function ask(path: string, asked: Asked = {}): Promise<Answer> {
  const response = await send(path, asked)
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json')
  return { status: response.status, body: isJson ? JSON.parse(text) : text }
}
const put = (path: string, input: object, more: Asked = {}) => ask(path, { method: 'PUT', body: { input }, ...more })
const post = (path: string, body: object, more: Asked = {}) => ask(path, { method: 'POST', body, ...more })
const now = { prefer: 'respond-async' }

/** What a job of ours has that a prediction of 0.16 may lack, wherever one is answered. */
const OF_A_JOB = ['created_at', 'version']
const OF_A_FRESH_JOB = ['created_at', 'id', 'version']
/** As these take times, a job that was just submitted waits. */
const JUST_SUBMITTED = ['created_at', 'started_at', 'status', 'version']

const OF_A_PREDICTION = [
  ...[
    'completed_at',
    'created_at',
    'error',
    'id',
    'input',
    'logs',
    'metrics',
    'output',
    'started_at',
    'status',
    'version',
  ],
]
/** As they are told: the status first, then the fields. */
const byName = (a: string, b: string): number => (a.replace(/^[+-]/, '') < b.replace(/^[+-]/, '') ? -1 : 1)

/** By exchange: against 0.16, and against what 0.23 has. The reasons are in docs/dialects.md. */
const DIFFERENCES: Record<string, { '0.16': string[]; '0.23': string[] }> = {
  index: {
    '0.16': [
      '-cog_version',
      '-docs_url',
      'healthcheck_url',
      'openapi_url',
      'predictions_cancel_url',
      'predictions_idempotent_url',
      'predictions_url',
      '-shutdown_url',
    ],
    '0.23': [
      '-cog_version',
      '-docs_url',
      'healthcheck_url',
      'openapi_url',
      'predictions_cancel_url',
      'predictions_idempotent_url',
      'predictions_url',
      '-shutdown_url',
      '-trainings_cancel_url',
      '-trainings_idempotent_url',
      '-trainings_url',
    ],
  },
  'health-check ready': { '0.16': ['+version'], '0.23': ['version'] },
  'predict sync': { '0.16': OF_A_FRESH_JOB, '0.23': ['id'] },
  'predict sync with own id': { '0.16': OF_A_JOB, '0.23': [] },
  'predict fail': {
    '0.16': ['created_at', 'error', 'id', 'logs', 'metrics', 'output', 'version'],
    '0.23': ['error', 'id', 'logs'],
  },
  'predict invalid (too large)': { '0.16': ['detail'], '0.23': ['detail'] },
  'predict missing input': { '0.16': ['detail'], '0.23': ['detail'] },
  'predict unknown input': { '0.16': ['created_at', 'id', 'input', 'logs', 'version'], '0.23': ['id', 'logs'] },
  'predict bad json': { '0.16': ['detail'], '0.23': ['status 400 -> 422', 'body'] },
  'predict without body': { '0.16': ['status 500 -> 422', 'body'], '0.23': ['detail'] },
  'PUT idempotent': { '0.16': OF_A_JOB, '0.23': [] },
  'PUT id mismatch': { '0.16': [], '0.23': [] },
  'async with webhook': { '0.16': JUST_SUBMITTED, '0.23': [] },
  'health-check busy': { '0.16': ['+version'], '0.23': ['version'] },
  'second while busy': {
    '0.16': ['status 409 -> 200', ...['-detail', ...OF_A_PREDICTION.map((name) => `+${name}`)].toSorted(byName)],
    '0.23': ['status 409 -> 200', 'error', 'status'],
  },
  'PUT same id while running': { '0.16': ['created_at', 'output', 'version'], '0.23': ['input', 'metrics', 'output'] },
  'GET /predictions/{id}': { '0.16': [], '0.23': ['body'] },
  cancel: { '0.16': [], '0.23': [] },
  'cancel unknown': { '0.16': [], '0.23': [] },
  'PUT respond-async': { '0.16': JUST_SUBMITTED, '0.23': [] },
  'cancel p-3': { '0.16': [], '0.23': [] },
  'sse Accept text/event-stream': { '0.16': ['body'], '0.23': ['status 406 -> 200', 'body'] },
  'prefer wait': { '0.16': OF_A_FRESH_JOB, '0.23': ['id'] },
  training: { '0.16': [], '0.23': ['status 200 -> 404', '-error', '-id', '-logs', '-metrics', '-status'] },
  'training PUT': { '0.16': [], '0.23': ['status 200 -> 404', '-error', '-id', '-logs', '-metrics', '-status'] },
  'training cancel': { '0.16': ['-detail'], '0.23': [] },
}

describe('the recorded exchanges', () => {
  const second: Promise<unknown>[] = []
  it.each(recorded.exchanges.filter(({ verb }) => verb !== 'openapi.json'))(
    '$verb',
    async ({ verb, method, path, headers, body, ...real }) => {
      if (verb === 'health-check busy') {
        await until('it runs', async () => {
          const { body: seen } = await put('oracle/predictions/w1', { text: 'hi', mode: 'slow' })
          return ((seen as { output: unknown[] | null }).output?.length ?? 0) > 1
        })
      }
      const { webhook: _, webhook_events_filter: __, ...plain } = (body ?? {}) as Record<string, unknown>
      const sent = typeof body === 'string' || body === null ? body : plain
      const asked = ask(`oracle${path === '/' ? '' : path}`, { method, headers, body: sent })
      const compare = async () => {
        const ours = await asked
        const own = answerDifferences(real['0.16'], ours)
        // It leaves out what is null, and its readers take more.
        const newer = answerDifferences(real['0.23'], ours).filter((one) => !one.startsWith('+'))
        expect({ '0.16': own, '0.23': newer }).toEqual(DIFFERENCES[verb])
      }
      // It waits until the one that runs is canceled.
      const compared = compare()
      if (verb !== 'second while busy') return compared
      second.push(compared)
      compared.catch(() => undefined)
    },
  )
  it('the second one, when the first was canceled', () => Promise.all(second))
})

it.each(['ok', 'failing'] as const)('streams as 0.23 does: %s', async (which) => {
  const input = { text: 'yo', times: 2, mode: which === 'failing' ? 'fail' : 'ok' }
  const response = await send('oracle/predictions', {
    ...{ method: 'POST', body: { input }, headers: { accept: 'text/event-stream' } },
  })
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
  const events = [...(await response.text()).matchAll(/event: (\w+)\ndata: (.*)\n/g)].map(([, event, data]) => ({
    event,
    data: JSON.parse(data ?? '') as Record<string, unknown>,
  }))
  const id = events[0]?.data.id
  // The model of this recording failed at its end, ours does at its begin.
  const real = recorded.streams[which].filter(({ event }) => which === 'ok' || event !== 'output')
  expect(events.map(({ event }) => event)).toEqual(real.map(({ event }) => event))
  for (const [i, { event, data }] of events.entries()) {
    if (event !== 'completed') expect(data).toEqual({ ...real[i]?.data, ...(event === 'start' && { id }) })
  }
  expect(events.at(-1)?.data).toMatchObject({ id, status: which === 'ok' ? 'succeeded' : 'failed' })
})

it('says what the model takes, as readers of that document look for it', async () => {
  const real = recorded.exchanges.find(({ verb }) => verb === 'openapi.json')?.['0.16'].body as Document
  const { body } = await ask('oracle/openapi.json')
  const { paths } = body as Document
  // Nobody but an operator ends a model.
  expect([...Object.keys(paths), '/shutdown'].toSorted()).toEqual(Object.keys(real.paths))
  const { Input, Output } = (body as Document).components.schemas
  expect(Object.keys(Input.properties ?? {})).toEqual(Object.keys(real.components.schemas.Input.properties ?? {}))
  const { times, text } = real.components.schemas.Input.properties ?? {}
  expect(Input).toMatchObject({ type: 'object', title: 'Input', required: ['text'], properties: { times, text } })
  expect(Output).toEqual(real.components.schemas.Output)
  const { body: other } = await ask('shout/openapi.json')
  expect(Object.keys((other as Document).paths)).toContain('/trainings/{training_id}/cancel')
  expect(JSON.stringify(other)).not.toContain('"format":"file"')
})

describe('an id that its client chose', () => {
  it('is one prediction, however often it is put at once, and a 409 for another request when it has ended', async () => {
    const all = await Promise.all(Array.from({ length: 6 }, () => put('shout/predictions/same', { text: 'a' })))
    expect(new Set(all.map(({ body }) => (body as { created_at: string }).created_at)).size).toBe(1)
    await until('it has ended', async () => (await put('shout/predictions/same', { text: 'a' })).status === 200)
    expect(await put('shout/predictions/same', { text: 'b' })).toMatchObject({
      status: 409,
      body: { status: 'failed' },
    })
  })
  it('belongs to its tenant and its model', async () => {
    const made = await stack.client.request('/v1/keys', {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify({ tenant: 'other', name: 'other', scopes: ['jobs:write', 'jobs:cancel'] }),
    })
    const { key } = (await made.json()) as { key: string }
    const theirs = () => put('shout/predictions/mine', { text: 'theirs' }, { key, headers: now })
    await put('shout/predictions/mine', { text: 'mine', pause_ms: 600_000 }, { headers: now })
    expect(await theirs()).toMatchObject({ status: 202, body: { id: 'mine', input: { text: 'theirs' } } })
    const cancel = async (path: string) => (await ask(`${path}/cancel`, { method: 'POST' })).status
    expect(await cancel('oracle/predictions/mine')).toBe(404)
    expect(await cancel('shout/trainings/mine')).toBe(404)
    expect(await cancel('shout/predictions/mine')).toBe(200)
    const ended = await until('theirs has ended', async () => {
      const answer = await theirs()
      return answer.status === 200 ? answer : undefined
    })
    expect(ended.body).toMatchObject({ output: 'THEIRS' })
  })
  it('may be that of the job', async () => {
    const { body } = await post('shout/predictions', { input: { text: 'a' } })
    const { id } = body as { id: string }
    expect(await put(`shout/predictions/${id}`, {})).toEqual({ status: 200, body })
    expect((await put(`oracle/predictions/${id}`, { text: 'x' })).body).not.toEqual(body)
  })
})

it('tells a webhook what is asked for, by the id of the client', async () => {
  const receiver = await startWebhookReceiver()
  const ask = { id: 'told', input: { text: 'ab', pause_ms: 20 }, webhook: `${receiver.url}/hook` }
  const filter = { webhook_events_filter: ['start', 'completed'] }
  expect((await post('shout/predictions', { ...ask, ...filter }, { headers: now })).status).toBe(202)
  await until('its end is told', () => receiver.got.length === 2)
  const bodies = receiver.got.map(({ body }) => JSON.parse(body) as Record<string, unknown>)
  expect(bodies).toMatchObject([
    { id: 'told', status: 'processing', output: null, completed_at: null },
    { id: 'told', status: 'succeeded', output: 'AB', input: { text: 'ab' }, logs: 'said 2 letters\n' },
  ])
  await receiver.close()
})

it('tells a webhook of lines while they are printed, if it asks for `logs`', async () => {
  const receiver = await startWebhookReceiver()
  const ask = { id: 'lines', input: { text: 'hi', mode: 'slow' }, webhook: `${receiver.url}/hook` }
  await post('oracle/predictions', { ...ask, webhook_events_filter: ['logs'] }, { headers: now })
  const first = await until('a line is told', () => receiver.got[0])
  expect(JSON.parse(first.body)).toMatchObject({
    id: 'lines',
    status: 'processing',
    logs: 'hello log\n',
    completed_at: null,
  })
  await post('oracle/predictions/lines/cancel', {})
  await receiver.close()
})

it('trains, leaves unknown inputs unread, and gives files by addresses that open without a key', async () => {
  const trained = await post('shout/trainings', { input: { voice: 'soft', unknown: 1 } })
  const { output } = trained.body as { output: { weights: string } }
  expect(trained).toMatchObject({ status: 200, body: { status: 'succeeded', input: { voice: 'soft' } } })
  expect(await (await fetch(output.weights)).text()).toBe('soft')
})
