import type { JobId } from '@millrace/contracts'
import { Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newJob, openTestQueue } from '../../../test/support/open-test-queue.ts'
import { startRedis, type TestRedis } from '../../../test/support/redis-server.ts'
import { until } from '../../../test/support/until.ts'
import { bullPrefix, Transport } from './transport.ts'

const silent = { warn: () => undefined, error: () => undefined }
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

/** What BullMQ's workers read of a queue whose jobs wait, without what differs from job to job. */
async function layoutOf(model: string, ids: JobId[]) {
  const at = (name: string) => `${bullPrefix(model)}:${model}:${name}`
  const jobs = await Promise.all(ids.map((id) => redis.hgetall(at(id))))
  const line = await redis.zrange(at('prioritized'), '0', '-1', 'WITHSCORES')
  return {
    jobs: jobs.map(({ timestamp, opts = '', data = '', ...rest }, i) => {
      const { jobId, ...options } = JSON.parse(opts)
      const { id } = JSON.parse(data)
      return { ...rest, options, isItsId: jobId === ids[i] && id === ids[i], isTime: Number(timestamp) > 1e12 }
    }),
    line: line.map((text) => (text.startsWith('job_') ? ids.indexOf(text) : text)),
    marker: await redis.zrange(at('marker'), '0', '-1', 'WITHSCORES'),
    counter: await redis.get(at('pc')),
    maxEvents: await redis.hget(at('meta'), 'opts.maxLenEvents'),
    waiting: await redis.exists(at('wait'), at('active'), at('delayed'), at('completed')),
  }
}

const priorities = ['low', 'normal', 'high', 'normal'] as const

it('writes at a submit what BullMQ itself writes for the same jobs', async () => {
  const queue = openTestQueue(server.url)
  const transport = new Transport(redis, silent)
  try {
    const ours = priorities.map((priority) => newJob({ model: 'ours', priority }))
    await Promise.all(ours.map((job) => queue.jobs.submit(job)))
    const theirs = priorities.map((priority) => newJob({ model: 'theirs', priority }))
    await transport.addAll(theirs.map(({ id, priority }) => ({ id, model: 'theirs', priority, delayMs: 0 })))
    const [mine, bulls] = await Promise.all(
      [ours, theirs].map((jobs) =>
        layoutOf(
          jobs[0]?.model as string,
          jobs.map(({ id }) => id),
        ),
      ),
    )
    expect(mine).toEqual(bulls)
    expect(mine?.line).toHaveLength(8)
  } finally {
    await transport.close()
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
      return 'done'
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
