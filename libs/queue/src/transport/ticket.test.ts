import { type JobId, PRIORITIES } from '@millrace/contracts'
import { Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newJob, openTestQueue } from '../../../../test/support/open-test-queue.ts'
import { startRedis, type TestRedis } from '../../../../test/support/servers/redis-server.ts'
import { until } from '../../../../test/support/until.ts'
import { bullPrefix } from './bull-consumer.ts'

let server: TestRedis
let redis: Redis

beforeAll(async () => {
  server = await startRedis()
  redis = new Redis(server.url, { maxRetriesPerRequest: null })
})
afterAll(async () => {
  redis.disconnect()
  await server.stop()
})

/** A time or a wait, to the minute. */
const minutes = (ms: unknown): number => Math.round(Number(ms) / 60_000)

/** What BullMQ's workers read of a queue whose jobs wait, without what differs from job to job. */
async function layoutOf(model: string, ids: JobId[]) {
  const at = (name: string) => `${bullPrefix(model)}:${model}:${name}`
  const jobs = await Promise.all(ids.map((id) => redis.hgetall(at(id))))
  const line = await redis.zrange(at('prioritized'), '0', '-1', 'WITHSCORES')
  const delayed = await redis.zrange(at('delayed'), '0', '-1', 'WITHSCORES')
  const marker = await redis.zrange(at('marker'), '0', '-1', 'WITHSCORES')
  return {
    jobs: jobs.map(({ timestamp, opts = '', data = '', delay, ...rest }, i) => {
      const { jobId, delay: asked, ...options } = JSON.parse(opts)
      const { id } = JSON.parse(data)
      const waits = [minutes(delay), minutes(asked)]
      return { ...rest, options, waits, isItsId: jobId === ids[i] && id === ids[i], isTime: Number(timestamp) > 1e12 }
    }),
    delayed: delayed.map((text) => (text.startsWith('job_') ? ids.indexOf(text) : minutes(Number(text) / 0x1000))),
    line: line.map((text) => (text.startsWith('job_') ? ids.indexOf(text) : text)),
    marker: marker.map((text) => (Number(text) > 1 ? minutes(text) : text)),
    counter: await redis.get(at('pc')),
    maxEvents: await redis.hget(at('meta'), 'opts.maxLenEvents'),
    waiting: await redis.exists(at('wait'), at('active'), at('completed')),
  }
}

const priorities = ['low', 'normal', 'high', 'normal'] as const

it('writes at a submit what BullMQ itself writes for the same jobs', async () => {
  const queue = openTestQueue(server.url)
  const bull = new Queue('theirs', {
    connection: redis,
    prefix: bullPrefix('theirs'),
    skipVersionCheck: true,
    streams: { events: { maxLen: 1000 } },
  })
  try {
    // The last two may not start yet, the later one first.
    const waits = [0, 0, 0, 0, 7_200_000, 3_600_000]
    const plan = waits.map((delay, i) => ({ delay, priority: priorities[i % 4] as (typeof priorities)[number] }))
    const ours = plan.map(({ delay, priority }) =>
      newJob({ model: 'ours', priority, runAt: delay === 0 ? null : Date.now() + delay }),
    )
    await Promise.all(ours.map((job) => queue.jobs.submit(job)))
    const theirs = plan.map(({ priority }) => newJob({ model: 'theirs', priority }))
    await bull.addBulk(
      theirs.map(({ id, priority }, i) => ({
        name: 'job',
        data: { id },
        opts: {
          ...{ jobId: id, delay: waits[i], priority: PRIORITIES[priority], attempts: 1 },
          ...{ removeOnComplete: true, removeOnFail: true },
        },
      })),
    )
    const [mine, bulls] = await Promise.all(
      [ours, theirs].map((jobs) =>
        layoutOf(
          jobs[0]?.model as string,
          jobs.map(({ id }) => id),
        ),
      ),
    )
    expect(mine).toEqual(bulls)
    expect([mine?.line.length, mine?.delayed.length]).toEqual([8, 4])
  } finally {
    await bull.close()
    await queue.close()
  }
})

it("is taken by BullMQ's own worker, the most urgent first, and leaves nothing behind", async () => {
  const queue = openTestQueue(server.url)
  const jobs = priorities.map((priority) => newJob({ model: 'taken', priority }))
  await Promise.all(jobs.map((job) => queue.jobs.submit(job)))
  const taken: unknown[] = []
  const worker = new Worker('taken', async (job) => taken.push(job.data.id), {
    connection: redis,
    prefix: bullPrefix('taken'),
    skipVersionCheck: true,
  })
  try {
    await until('all are taken', () => taken.length === jobs.length)
    expect(taken).toEqual([jobs[2]?.id, jobs[1]?.id, jobs[3]?.id, jobs[0]?.id])
    const keys = `${bullPrefix('taken')}:taken:job_*`
    await until('they are gone', async () => (await redis.keys(keys)).length === 0)
  } finally {
    await worker.close()
    await queue.close()
  }
})

it('wakes a worker that waits, and holds back a job whose time has not come', async () => {
  const queue = openTestQueue(server.url)
  const taken: string[] = []
  const consumer = queue.createConsumer(
    'later',
    async ({ id }) => {
      taken.push(id)
      return { outcome: 'done' }
    },
    { concurrency: 1 },
  )
  consumer.start()
  try {
    const first = newJob({ model: 'later' })
    await queue.jobs.submit(first)
    await until('the first is taken', () => taken.length === 1)
    const later = newJob({ model: 'later', runAt: Date.now() + 60_000 })
    await queue.jobs.submit(later)
    const next = newJob({ model: 'later' })
    await queue.jobs.submit(next)
    await until('the next is taken', () => taken.length === 2)
    expect(taken).toEqual([first.id, next.id])
    const delayed = `${bullPrefix('later')}:later:delayed`
    await until('the later one waits for its time', async () => (await redis.zscore(delayed, later.id)) !== null)
  } finally {
    await consumer.close()
    await queue.close()
  }
})
