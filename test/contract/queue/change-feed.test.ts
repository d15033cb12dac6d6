import { LIMITS } from '@millrace/contracts'
import type { Heard } from '@millrace/queue'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newJob, openTestQueue } from '../../support/open-test-queue.ts'
import { startRedis, type TestRedis } from '../../support/servers/redis-server.ts'
import { until } from '../../support/until.ts'
import { eventPageOf, statusOf } from '../../support/record-and-events.ts'
import { holdJob, ownLine } from '../../support/take-jobs.ts'

let redis: TestRedis
let raw: Redis
beforeAll(async () => {
  redis = await startRedis()
  raw = new Redis(redis.url)
})
afterAll(async () => {
  raw.disconnect()
  await redis.stop()
})

it('tells who waits for an end of the end alone, and wakes nobody who does not wait', async () => {
  const [queue, other] = [openTestQueue(redis.url), openTestQueue(redis.url)]
  const [job, neighbour] = [newJob(), newJob()]
  for (const { id } of [job, neighbour]) await queue.jobs.submit(newJob({ id }))
  let told = 0
  const stop = queue.changes.onEnd(job.id, () => told++)
  // What ended before the subscription is there is unknown: so it is told once when it is.
  await until('it listens', () => told === 1)
  const listeners = (await raw.pubsub('NUMSUB', 'mr:changes')) as (string | number)[]
  expect(listeners[1]).toBe(1)
  const stopTwice = queue.changes.onEnd(job.id, () => told++)
  await queue.jobs.cancel(neighbour.id, 'default')
  await holdJob(queue, job)
  await queue.attempts.succeed(
    { id: job.id, fence: 1 },
    { output: { value: { inline: '1' }, files: [] }, runSeconds: 0 },
  )
  await until('both are told', () => told === 3)
  stop()
  stopTwice()
  await queue.jobs.purge(job.id, 'default')
  await until('what follows is told to nobody', async () => (await statusOf(queue, job.id)) === 'purged')
  expect(told).toBe(3)
  await raw.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
  const again = queue.changes.onEnd(job.id, () => told++)
  await until('it is told after a break, for it may have missed something', () => told === 4)
  again()
  await Promise.all([queue.close(), other.close()])
})

it('follows many jobs over one connection, tells each only of its own, and leaves a channel with its last follower', async () => {
  const queue = openTestQueue(redis.url)
  const jobs = Array.from({ length: 30 }, () => newJob())
  for (const job of jobs) await queue.jobs.submit(job)
  const heard = new Map<string, Heard[]>(jobs.map(({ id }) => [id, []]))
  const stops = jobs.flatMap(({ id }) => [
    queue.changes.follow(id, (one) => heard.get(id)?.push(one)),
    queue.changes.follow(id, () => undefined),
  ])
  await until('all have joined', () => [...heard.values()].every(([one]) => one?.kind === 'joined'))
  const channels = async () => ((await raw.pubsub('CHANNELS', 'mr:events:*')) as string[]).length
  const subscribers = String(await raw.client('LIST', 'TYPE', 'PUBSUB'))
  expect([await channels(), subscribers.trim().split('\n').length]).toEqual([30, 1])
  const [first] = jobs
  await queue.jobs.cancel(first?.id ?? '', 'default')
  await until('it is told', () => heard.get(first?.id ?? '')?.length === 2)
  expect([...heard.values()].filter((all) => all.length > 1)).toHaveLength(1)
  for (const [n, stop] of stops.entries()) if (n % 2 === 0) stop()
  expect(await channels()).toBe(30)
  for (const stop of stops) stop()
  await until('the channels are left', async () => (await channels()) === 0)
  await queue.close()
})

it('keeps no more than four megabytes of what a job said, however large its chunks, and tells all of it as it comes', async () => {
  const queue = openTestQueue(redis.url)
  const job = newJob({ line: ownLine() })
  const { id } = job
  await queue.jobs.submit(job)
  const hold = await holdJob(queue, job)
  // Small ones first: what they weigh says nothing about the others.
  const lines = Array.from({ length: 100 }, () => ({ type: 'log', level: 'info', message: 'small' }) as const)
  await queue.attempts.append(hold, lines, 1)
  const heard: Heard[] = []
  const stop = queue.changes.follow(id, (one) => heard.push(one))
  await until('it has joined', () => heard.length === 1)
  for (let n = 101; n <= 300; n += 1) {
    await queue.attempts.append(hold, [{ type: 'output', chunk: { n, text: 'x'.repeat(30_000) } }], n)
  }
  const bytes = Number(await raw.memory('USAGE', `{mr:${id.slice(4, 12)}}:events:${id}`, 'SAMPLES', 0))
  expect(bytes).toBeLessThan(LIMITS.eventBytesPerJob)
  expect(bytes).toBeGreaterThan(LIMITS.eventBytesPerJob / 2)
  const page = await eventPageOf(queue, id)
  expect([page.gap, page.events.at(-1)?.event]).toMatchObject([true, { type: 'output', chunk: { n: 300 } }])
  await until('all are told', () => heard.length === 201)
  stop()
  await queue.close()
})
