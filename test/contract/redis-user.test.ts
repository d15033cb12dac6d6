/** What a Redis user must be allowed, and what becomes of moves when it is not allowed all of it. */
import type { JobRecord, JobWebhook } from '@millrace/contracts'
import type { Hold, Queue } from '@millrace/queue'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { newJob, openTestQueue } from '../support/open-test-queue.ts'
import { startRedis, type TestRedis } from '../support/redis-server.ts'

let redis: TestRedis
let admin: Redis
const closing: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  redis = await startRedis()
  admin = new Redis(redis.url)
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})
afterAll(async () => {
  admin.disconnect()
  await redis.stop()
})

/** A queue that speaks as a user with these rules. */
async function openAs(user: string, ...rules: string[]): Promise<Queue> {
  await admin.call('ACL', 'SETUSER', user, 'reset', 'on', '>secret', ...rules)
  const queue = openTestQueue(`redis://${user}:secret@127.0.0.1:${redis.port}`)
  closing.push(() => queue.close())
  return queue
}

const read = async (queue: Queue, id: JobRecord['id']): Promise<JobRecord> => {
  const record = await queue.jobs.get(id)
  if (!record || record === 'purged') throw new Error(`${id} is ${record}`)
  return record
}

const claim = async (queue: Queue, id: JobRecord['id']): Promise<Hold> => {
  const claimed = await queue.jobs.claim(id, { worker: queue.worker, delivery: `d-${id}`, alone: true })
  if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome)
  return { id, fence: claimed.record.fence }
}

it('makes every move whole for a user who may not publish: a hint is lost, nothing else', async () => {
  const queue = await openAs('mute', '~*', '+@all', 'resetchannels')
  const webhook = { url: 'https://example.com/hook', events: ['job.succeeded', 'job.canceled', 'job.failed'] }
  const submit = async () => {
    const made = await queue.jobs.submit(newJob({ model: 'mute', maxAttempts: 2, webhook: webhook as JobWebhook }))
    if (made.outcome !== 'created') throw new Error(made.outcome)
    return made.record
  }
  const [done, failed, canceled, running] = [await submit(), await submit(), await submit(), await submit()]
  const owed = async () => admin.zcard((await admin.keys('*:outbox'))[0] ?? '')

  await queue.jobs.succeed(await claim(queue, done.id), { output: { inline: '1' }, outputFiles: [], runSeconds: 0 })
  expect(await read(queue, done.id)).toMatchObject({ status: 'succeeded' })
  expect(await owed()).toBe(1)

  const fault = { code: 'model_error', message: 'no', retryable: true } as const
  expect(await queue.jobs.fail(await claim(queue, failed.id), 'model', fault)).toMatchObject({ outcome: 'queued' })
  expect(await read(queue, failed.id)).toMatchObject({ status: 'queued', fence: 1 })

  await queue.jobs.cancel(canceled.id, canceled.tenant)
  expect(await read(queue, canceled.id)).toMatchObject({ status: 'canceled' })
  expect(await owed()).toBe(2)

  const hold = await claim(queue, running.id)
  await queue.jobs.cancel(running.id, running.tenant)
  expect(await queue.jobs.beat(hold)).toBe('cancel')
  await queue.jobs.append(hold, [{ type: 'log', level: 'info', message: 'x' }], 1)
  expect(await queue.jobs.stop(hold)).toMatchObject({ outcome: 'done', status: 'canceled' })

  expect(await queue.jobs.purge(done.id)).toBe('purged')
  expect(await queue.jobs.get(done.id)).toBe('purged')
  const prefix = (await admin.keys('*:outbox'))[0]?.replace(/outbox$/, '')
  expect(await admin.zrange(`${prefix}line`, '0', '-1')).toEqual([failed.id])
  expect(await admin.hgetall(`${prefix}counts`)).toEqual({ succeeded: '1', canceled: '2' })
})
