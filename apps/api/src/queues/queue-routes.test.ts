/** What waits of each model, over the API and a real Redis: counted exactly, why nothing runs, and to each tenant its own alone. */
import { manifestSchema, type QueueList } from '@millrace/contracts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newJob } from '../../../../test/support/open-test-queue.ts'
import { takeJobs } from '../../../../test/support/take-jobs.ts'
import { type KeyedApi, openKeyedApi, ROOT } from '../keyed-api.fixture.ts'

let close: KeyedApi['close']
let queue: KeyedApi['queue']
let api: KeyedApi['api']
let raw: KeyedApi['raw']

beforeAll(async () => {
  ;({ raw, queue, api, close } = await openKeyedApi(({ minutes, models, queues }) => ({ minutes, models, queues })))
  const manifest = { name: 'ocr', version: '1.0.0', input_schema: {}, output_schema: {} }
  await queue.models.publish(manifestSchema.parse(manifest), 'w', 2)
})
afterAll(() => close())

async function ask(path: string, key = ROOT) {
  const answer = await api.app.request(path, { headers: { authorization: `Bearer ${key}` } })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

const queuesOf = async (key = ROOT) => (await ask('/v1/queues', key)).body as unknown as QueueList

const submit = (tenant: string, priority: 'high' | 'normal' | 'low' = 'normal') =>
  queue.jobs.submit(newJob({ model: 'ocr', tenant, priority }))

it('counts what waits by priority and line, and says why it does not start', async () => {
  expect((await queuesOf()).data).toMatchObject([
    { model: 'ocr', queued: 0, slots: 2, workers: 1, why: null, lines: [], by_priority: { normal: 0 } },
  ])
  for (const priority of ['high', 'normal', 'low', 'normal'] as const) await submit('acme', priority)
  await submit('other')
  await queue.jobs.submit(newJob({ model: 'ocr', tenant: 'acme', line: 'v:2' }))
  const { data } = await queuesOf()
  expect(data).toMatchObject([
    {
      ...{ queued: 6, running: 0, by_priority: { high: 1, normal: 4, low: 1 }, scheduled: 0, lines_total: 2 },
      oldest_wait_seconds: expect.any(Number),
      lines: [
        { version: '1.0.0', queued: 5, why: null, slots: 2 },
        { version: '2', queued: 1, why: 'no_worker', note: 'No worker serves version 2 now.', slots: 0 },
      ],
    },
  ])
  await takeJobs(queue, 'ocr', { places: 2, alone: false })
  await queue.models.pause('ocr', { submits: 'take' } as never)
  expect((await queuesOf()).data).toMatchObject([{ queued: 4, running: 2, paused: true, why: 'paused' }])
  await queue.models.resume('ocr', {} as never)
})

it('counts by priority however many wait, those among them whose time has not come', async () => {
  const [before] = (await queuesOf()).data
  const { high = 0, normal = 0, low = 0 } = before?.by_priority ?? {}
  await Promise.all(Array.from({ length: 120 }, (_, n) => submit('acme', n % 3 === 0 ? 'high' : 'normal')))
  await queue.jobs.submit(newJob({ model: 'ocr', tenant: 'acme', priority: 'low', runAt: Date.now() + 3_600_000 }))
  const queued = high + normal + low + 121
  const now = { queued, scheduled: 1, by_priority: { high: high + 40, normal: normal + 80, low: low + 1 } }
  expect((await queuesOf()).data).toMatchObject([now])
  // As a version leaves it that did not know of this.
  const prefix = `{mr:${newJob({ model: 'ocr' }).id.slice(4, 12)}}:`
  for (const line of await raw.hkeys(`${prefix}lines`)) await raw.del(`${prefix}high:${line}`, `${prefix}low:${line}`)
  await raw.del(`${prefix}priorities`)
  expect((await queuesOf()).data).toMatchObject([{ by_priority: null }])
  while ((await queue.upkeep.reconcile('ocr')).more);
  expect((await queuesOf()).data).toMatchObject([now])
})

it('tells a tenant of its own jobs alone', async () => {
  const body = JSON.stringify({ name: 'a test', tenant: 'new', scopes: ['viewer'] })
  const headers = { authorization: `Bearer ${ROOT}`, 'content-type': 'application/json' }
  const made = await api.app.request('/v1/keys', { method: 'POST', headers, body })
  const { key } = (await made.json()) as { key: string }
  const nothing = { queued: 0, running: 0, lines: [], scheduled: null, in_per_minute: null, drain_seconds: null }
  expect((await queuesOf(key)).data).toMatchObject([nothing])
  await submit('new', 'high')
  expect((await queuesOf(key)).data).toMatchObject([
    { queued: 1, by_priority: { high: 1, normal: 0, low: 0 }, lines: [{ queued: 1, suspects: 0 }], lines_total: 1 },
  ])
})
