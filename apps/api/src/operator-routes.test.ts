import type { Cancellation, WorkerEntry } from '@millrace/contracts'
import { afterAll, beforeEach, expect, it } from 'vitest'
import { openQueueStand } from '../../../test/support/open-queue-stand.ts'
import { until } from '../../../test/support/until.ts'
import { createFixture, testManifest } from './app.fixture.ts'

/** What operators ask of the API, over a real Redis: workers, pauses, and canceling all that match. */

const { raw, queue } = await openQueueStand()
const { jobs, models, workers, cancellations } = queue
const api = await createFixture({ jobs, models, workers, cancellations })
afterAll(() => api.close())

beforeEach(async () => {
  await raw.flushall()
  await models.publish(testManifest, 'w_1', 3)
})

// oxlint-disable-next-line typescript/no-explicit-any -- answers of many shapes
async function ask(
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: any; headers: Headers }> {
  const headers = { 'content-type': 'application/json' }
  const init = body === undefined ? { method } : { method, headers, body: JSON.stringify(body) }
  const response = await api.app.request(path, init)
  return { status: response.status, body: await response.json(), headers: response.headers }
}

const submit = () => ask('POST', '/v1/models/ocr/jobs', { input: { image: `data:image/png;base64,${PNG}` } })
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

const entry: WorkerEntry = {
  ...{ host: 'gpu-3', pid: 7, millrace_version: '0.1.0', state: 'up', held: 1, models: [] },
  devices: [
    {
      ...{ device: 'cuda:0', index: 0, name: 'A100', driver: '580.1' },
      ...{ memory_bytes: 4, memory_used_bytes: 1, utilization: 0.5 },
    },
  ],
}

it('shows workers, and a wish to drain at once, before the worker has heard of it', async () => {
  await workers.beat('w_1', entry)
  const { body: list } = await ask('GET', '/v1/workers')
  expect(list).toMatchObject({ object: 'list', data: [{ object: 'worker', id: 'w_1', ...entry }], next_cursor: null })
  expect(list.api_version).toMatch(/^\d+\.\d+\.\d+/)
  expect((await ask('POST', '/v1/workers/w_1/drain')).body).toMatchObject({ id: 'w_1', state: 'draining', held: 1 })
  await workers.beat('w_1', { ...entry, state: 'drained', held: 0 })
  expect((await ask('GET', '/v1/workers/w_1')).body).toMatchObject({ state: 'drained', held: 0 })
  await ask('POST', '/v1/workers/w_1/resume')
  expect(await workers.beat('w_1', entry)).toEqual({ drain: false })
  await raw.zadd('{mr:workers}:seen', Date.now() - 20_000, 'w_1')
  expect((await ask('GET', '/v1/workers/w_1')).body.state).toBe('lost')
})

it('knows no worker that is not there, and no cursor that it did not give', async () => {
  for (const [method, path] of [
    ['GET', '/v1/workers/w_none'],
    ['POST', '/v1/workers/w_none/drain'],
    ['POST', '/v1/workers/w_none/resume'],
  ] as const) {
    expect(await ask(method, path)).toMatchObject({ status: 404, body: { code: 'worker_not_found' } })
  }
  expect(await ask('GET', '/v1/workers?cursor=no')).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
})

it('pauses a model: it shows everywhere, submits wait or are refused, and resuming ends it', async () => {
  expect((await ask('POST', '/v1/models/ocr/pause')).body).toMatchObject({ paused: { submits: 'take' }, versions: {} })
  expect((await submit()).status).toBe(202)
  expect((await ask('GET', '/v1/models/ocr')).body.paused).toMatchObject({ submits: 'take' })
  await ask('POST', '/v1/models/ocr/pause', { submits: 'refuse' })
  const refused = await submit()
  expect(refused).toMatchObject({ status: 503, body: { code: 'model_paused' } })
  expect(refused.headers.get('retry-after')).toBe('30')
  expect(await (await api.app.request('/metrics')).text()).toContain('millrace_paused{model="ocr",version=""} 1')
  expect((await ask('POST', '/v1/models/ocr/resume')).body).toMatchObject({ paused: null })
  expect((await submit()).status).toBe(202)
})

it('pauses a version, and tells which of the versions and contracts that holds', async () => {
  const { version } = testManifest
  await ask('POST', '/v1/models/ocr/pause', { version })
  const { body } = await ask('GET', '/v1/models/ocr/versions')
  expect(body.data).toMatchObject([{ version, paused: { submits: 'take' } }])
  expect(body.contracts[0]).toMatchObject({ paused: true, places: 0 })
  await ask('POST', '/v1/models/ocr/resume', { version })
  expect((await ask('GET', '/v1/models/ocr/versions')).body.contracts[0]).toMatchObject({ paused: false, places: 3 })
})

it.each([
  ['/v1/models/none/pause', undefined, 404, 'model_not_found'],
  ['/v1/models/ocr/pause', { version: '9' }, 409, 'version_not_available'],
  ['/v1/models/ocr/pause', { submits: 'perhaps' }, 400, 'invalid_request'],
  ['/v1/cancellations', {}, 400, 'invalid_request'],
  ['/v1/cancellations', { version: '1' }, 400, 'invalid_request'],
  ['/v1/cancellations', { model: 'ocr', status: 'failed' }, 400, 'invalid_request'],
])('refuses POST %s with %j', async (path, body, status, code) => {
  expect(await ask('POST', path, body)).toMatchObject({ status, body: { code } })
})

it('cancels all that match without any worker: a few at once, many by and by', async () => {
  for (let i = 0; i < 3; i++) await submit()
  const few = await ask('POST', '/v1/cancellations', { model: 'ocr', status: 'queued' })
  expect(few).toMatchObject({ status: 202, body: { object: 'cancellation', status: 'done', canceled: 3, stopping: 0 } })
  expect(few.headers.get('location')).toMatch(new RegExp(`/v1/cancellations/${few.body.id}$`))
  for (let i = 0; i < 120; i++) await submit()
  const many = await ask('POST', '/v1/cancellations', { model: 'ocr' })
  expect(many.body).toMatchObject({ status: 'running', canceled: 50 })
  const read = async (): Promise<Cancellation> => (await ask('GET', `/v1/cancellations/${many.body.id}`)).body
  await until('it is done', async () => (await read()).status === 'done')
  expect(await read()).toMatchObject({ canceled: 120, filter: { model: 'ocr' } })
  expect(await ask('GET', '/v1/cancellations/can_none')).toMatchObject({
    status: 404,
    body: { code: 'cancellation_not_found' },
  })
})
