/** What waits for a Redis that is away ends when its connections are closed, whatever they are about just then. */
import { setTimeout as wait } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import type { Queue } from '@millrace/queue'
import { newJob, openTestQueue } from '../../support/open-test-queue.ts'
import { runJobs } from '../../support/run-jobs.ts'
import { startCluster } from '../../support/servers/redis-cluster.ts'
import { startRedis } from '../../support/servers/redis-server.ts'
import { until } from '../../support/until.ts'

/** How long a close may take, and what it fails. Connections that stand get two seconds to end. Milliseconds. */
const SOON_MS = 3000

const soon = <T>(what: string, promise: Promise<T>): Promise<T> =>
  Promise.race([
    promise,
    wait(SOON_MS, undefined, { ref: false }).then(() => {
      throw new Error(`${what} took too long`)
    }),
  ])

const refusalOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'none',
    (error: Error) => error.message,
  )

const read = (queue: Queue, id: string) => queue.jobs.get(id as never, { tenant: 'default' })

it.each(['SIGKILL', 'SIGSTOP'] as const)('a worker that listens ends at once after a %s of Redis', async (signal) => {
  const server = await startRedis()
  onTestFinished(() => server.stop())
  // Closed at many moments between two tries to connect.
  for (let moment = 0; moment < 4; moment++) {
    const queue = openTestQueue(server.url)
    const job = newJob({ model: `closing${moment}` })
    const done: string[] = []
    const running = runJobs(queue, job.model, async (_attempts, { id }) => void done.push(id))
    await queue.jobs.submit(job)
    await until('it was given a job', () => done.length > 0)
    await server.kill(signal)
    const call = refusalOf(read(queue, job.id))
    await until(`moment ${moment} has come`, later(moment * 130))
    await soon('the worker', running.close())
    await queue.close()
    expect(await soon('a call', call)).toBe('Redis is not available')
    expect(await soon('a late call', refusalOf(read(queue, job.id)))).toBe('Redis is not available')
    await (signal === 'SIGSTOP' ? server.kill('SIGCONT') : server.restart())
  }
})

it('a worker on a cluster ends at once though a shard is away', async () => {
  const cluster = await startCluster({ primaries: 3, replicas: 0 })
  onTestFinished(() => cluster.stop())
  const queue = openTestQueue(cluster.url)
  const [node] = cluster.nodes
  let model = 'away'
  const holder = () => cluster.holderOf(`{mr:${newJob({ model }).id.slice(4, 12)}}:`)
  while ((await holder()) !== node) model += '-'
  const job = newJob({ model })
  const running = runJobs(queue, model, async () => undefined)
  await queue.jobs.submit(job)
  await node?.kill('SIGKILL')
  const call = refusalOf(read(queue, job.id))
  await until('it has been tried again and again', later(700))
  await soon('the worker', running.close())
  await queue.close()
  expect(await soon('a call', call)).toBe('Redis is not available')
})

function later(ms: number): () => boolean {
  const begun = performance.now()
  return () => performance.now() - begun > ms
}
