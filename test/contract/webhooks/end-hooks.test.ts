/** The hook that hears of the ends of jobs: owed by the script that ends a job, told at least once, and seen by no tenant. */
import { manifestSchema } from '@millrace/contracts'
import { EndHook, type EndedJob, type Ending } from '@millrace/hooks'
import { createMetrics } from '@millrace/process'
import type { NewJob, Queue } from '@millrace/queue'
import { createWebhooks, type WebhooksOptions } from '@millrace/worker'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { newJob, openTestQueue, silent } from '../../support/open-test-queue.ts'
import { recordOf } from '../../support/record-and-events.ts'
import { startRedis, type TestRedis } from '../../support/servers/redis-server.ts'
import { holdJob, ownLine } from '../../support/take-jobs.ts'
import { until } from '../../support/until.ts'

/** An hour in 0.36 s. */
const FAST: WebhooksOptions['pace'] = { timeScale: 1e-4, pollMs: 10, tidyMs: 20 }
let redis: TestRedis
let queue: Queue
let raw: Redis
const closing: (() => unknown)[] = []

beforeAll(async () => {
  redis = await startRedis({ appendonly: false })
  queue = openTestQueue(redis.url)
  raw = new Redis(redis.url)
  await queue.models.publish(
    manifestSchema.parse({ name: 'echo', version: '1', input_schema: {}, output_schema: {} }),
    queue.worker,
  )
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})
afterAll(async () => {
  await queue.close()
  raw.disconnect()
  await redis.stop()
})

type Told = [job: EndedJob, ending: Ending]

/** A worker that sends what is owed. `hook` undefined: it has none. */
function dispatch(hook?: (...told: Told) => unknown, pace = FAST) {
  const told: Told[] = []
  const afterEnd = (...one: Told) => {
    told.push(one)
    return hook?.(...one)
  }
  const webhooks = createWebhooks({
    ...{ store: queue.webhooks, publicUrl: 'https://ml.example.com', allowHosts: [], allowHttp: false, dispatch: true },
    ...{ metrics: createMetrics(), logger: silent, pace, endHook: hook && new EndHook(afterEnd) },
  })
  closing.push(() => webhooks.stop(100))
  void webhooks.start()
  return { told, stop: () => webhooks.stop(0) }
}

async function submitted(more: Partial<NewJob> = {}): Promise<string> {
  const job = newJob({ tenant: 'acme', line: ownLine(), metadata: { order: '42' }, afterEnd: true, ...more })
  await queue.jobs.submit(job)
  return job.id
}

async function ended(more: Partial<NewJob> = {}): Promise<string> {
  const id = await submitted(more)
  const hold = await holdJob(queue, await recordOf(queue, id))
  await queue.attempts.succeed(hold, { output: { value: { inline: '1' }, files: [] }, runSeconds: 1 })
  return id
}

const idsOf = (told: Told[]) => told.map(([{ id }]) => id)

it('hears of each end as a webhook would, with the tenant, and of no job that owes it nothing', async () => {
  const { told } = dispatch(() => undefined)
  await ended({ afterEnd: false })
  const done = await ended()
  const canceled = await submitted()
  await queue.jobs.cancel(canceled, 'acme')
  const failed = await submitted()
  const error = { code: 'model_error', message: 'no', retryable: true } as const
  await queue.attempts.fail(await holdJob(queue, await recordOf(queue, failed)), { blame: 'final', error })
  await until('all are told', () => told.length === 3)
  expect(Object.fromEntries(told.map(([job]) => [job.id, job]))).toMatchObject({
    [done]: { tenant: 'acme', status: 'succeeded', model: 'echo', metadata: { order: '42' }, attempt: 1, error: null },
    [canceled]: { status: 'canceled', attempt: 0 },
    [failed]: { status: 'failed', error: { code: 'model_error', message: 'no' } },
  })
  expect(told.map(([, { attempt }]) => attempt)).toEqual([1, 1, 1])
  await until('nothing of it is left', async () => (await raw.keys('*delivery:*')).length === 0)
  expect(await raw.keys('*told:*')).toEqual([])
})

it('is called again when it threw, each time with the same id, and the job is not purged before', async () => {
  let isWell = false
  const { told } = dispatch(() => (isWell ? undefined : Promise.reject(new Error('the database is away'))))
  const id = await ended({ retentionSeconds: 0.001 })
  await until('it failed twice', () => told.length > 1)
  await queue.upkeep.purgeDue('echo')
  expect((await queue.jobs.get(id, { tenant: 'acme' })).outcome).toBe('found')
  isWell = true
  await until('nothing is owed', async () => (await queue.webhooks.outbox.state()).pending === 0)
  expect(new Set(told.map(([, one]) => one.id)).size).toBe(1)
  expect(told.map(([, { attempt }]) => attempt)).toEqual(told.map((_, i) => i + 1))
})

it('is called by another worker when one died with it in hand, or was stopped', async () => {
  const id = await ended()
  const { outbox } = queue.webhooks
  const shards = await outbox.shards()
  for (const event of await outbox.owed(shards, 10)) await outbox.fanOut(event, [], '')
  const [lane] = await outbox.lanes(shards, 10)
  if (!lane) throw new Error('nothing is due')
  // Whoever took it is never heard of again.
  expect((await outbox.lease(lane, 10, 100)).deliveries).toHaveLength(1)
  const hanging = dispatch(() => new Promise(() => undefined))
  await until('the next one has it', () => hanging.told.length === 1)
  await hanging.stop()
  const { told } = dispatch(() => undefined)
  await until('it is told', () => told.length === 1)
  expect([...idsOf(hanging.told), ...idsOf(told)]).toEqual([id, id])
})

it('is left by workers without it to those that have it, until there are none', async () => {
  const id = await ended()
  const without = dispatch()
  const isDue = async () => (await queue.webhooks.outbox.lanes(await queue.webhooks.outbox.shards(), 10)).length === 1
  await until('it waits', isDue)
  const { told, stop } = dispatch(() => undefined)
  await until('it is told', () => told.length === 1)
  expect(idsOf(told)).toEqual([id])
  await stop()
  await without.stop()
  await ended()
  // A day of nobody is over at once.
  dispatch(undefined, { ...FAST, hooklessMs: 0 })
  await until('nothing is owed', async () => (await queue.webhooks.outbox.state()).pending === 0)
})

it('is no tenant’s to see, and hears nothing of a job that its owner has purged', async () => {
  const { outbox, deliveries } = queue.webhooks
  const shards = await outbox.shards()
  const id = await ended()
  for (const event of await outbox.owed(shards, 10)) await outbox.fanOut(event, [], '')
  for (const query of [{}, { job: id }, { endpoint: 'after_end' }]) {
    expect((await deliveries.list({ tenant: 'acme', limit: 100, ...query })).deliveries).toEqual([])
  }
  const later = await ended()
  for (const purged of [id, later]) expect(await queue.jobs.purge(purged, 'acme')).toBe('purged')
  expect(await outbox.state()).toMatchObject({ pending: 0 })
})
