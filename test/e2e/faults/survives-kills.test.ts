import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Job } from '@millrace/contracts'
import { afterEach, expect, it } from 'vitest'
import { ApiClient } from '../../support/api-client.ts'
import { killProcessTree } from '../../support/processes/kill-process-tree.ts'
import { startMillrace } from '../../support/processes/millrace-process.ts'
import { openTestQueue } from '../../support/open-test-queue.ts'
import { freePort, startRedis } from '../../support/servers/redis-server.ts'
import { SHIPPED_MODELS, startStack, TEST_MODELS } from '../../support/start-stack.ts'
import { isAlive } from '../../support/processes/is-alive.ts'
import { until } from '../../support/until.ts'
import { eventsOf } from '../../support/record-and-events.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const JOBS = 1000

it(`finishes ${JOBS} acknowledged jobs, each once, after a kill -9 of everything`, async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-kill-'))
  closing.push(() => rmSync(dataDir, { recursive: true, force: true }))
  const env = { MILLRACE_DATA_DIR: dataDir, MILLRACE_MODELS: `${SHIPPED_MODELS}/echo`, MILLRACE_LOCK_SECONDS: '3' }
  const start = () => {
    const dev = startMillrace('dev', env)
    closing.push(() => killProcessTree(dev.child))
    return dev
  }
  const first = start()
  const before = new ApiClient(await first.url())
  await before.ready('echo')
  const ids = new Map<string, string>()
  const submit = async (client: ApiClient, n: number): Promise<string> => {
    const headers = { 'idempotency-key': `key-${n}` }
    const response = await client.submit('echo', { input: { message: String(n) } }, headers)
    expect([200, 202]).toContain(response.status)
    return ((await response.json()) as Job).id
  }
  const numbers = Array.from({ length: JOBS }, (_, n) => n)
  const lane = async (): Promise<void> => {
    for (let n = numbers.shift(); n !== undefined; n = numbers.shift()) ids.set(`${n}`, await submit(before, n))
  }
  await Promise.all(Array.from({ length: 32 }, lane))
  expect(ids.size).toBe(JOBS)
  await killProcessTree(first.child)

  const second = start()
  const after = new ApiClient(await second.url())
  await until(
    'all jobs are finished',
    async () => {
      const open = await Promise.all(
        ['queued', 'running'].map(async (status) => {
          const page = await after.request(`/v1/jobs?status=${status}&limit=1`)
          return page.ok ? ((await page.json()) as { data: Job[] }).data.length : 1
        }),
      )
      return open.every((count) => count === 0)
    },
    { timeoutMs: 60_000, everyMs: 200 },
  )
  for (const [n, id] of ids) {
    expect(await after.job(id)).toMatchObject({ status: 'succeeded', output: { message: n } })
  }
  for (const n of [0, 1, 500, 999]) expect(await submit(after, n)).toBe(ids.get(`${n}`))
  await second.kill('SIGTERM')

  // Seen from outside, on the data that is left: each job was committed once.
  const redis = await startRedis({ dir: join(dataDir, 'redis') })
  closing.push(() => redis.stop())
  const queue = openTestQueue(redis.url)
  closing.push(() => queue.close())
  for (const id of ids.values()) {
    const commits = (await eventsOf(queue, id)).filter(
      ({ event }) => event.type === 'status' && event.status === 'succeeded',
    )
    expect(commits).toHaveLength(1)
  }
}, 180_000)

it('gives a drained worker its jobs back unblamed, and another finishes them, a training from its checkpoint', async () => {
  const models = `${SHIPPED_MODELS}/echo,${TEST_MODELS}/trainer`
  const stack = await startStack({ env: { MILLRACE_MODELS: models, MILLRACE_DRAIN_SECONDS: '1' } })
  closing.push(() => stack.stop())
  for (const model of ['echo', 'trainer']) await stack.client.ready(model)
  const job = await stack.client.accepted('echo', { message: 'slow', delay_seconds: 5 })
  const training = await stack.client.accepted('trainer', { epochs: 20, pause_ms: 150 }, { kind: 'training' })
  await until('both run', async () => {
    const seen = await Promise.all([job, training].map(({ id }) => stack.client.job(id)))
    return seen.every(({ status }) => status === 'running') && seen.some(({ checkpoint }) => checkpoint !== null)
  })
  const [worker] = stack.workers
  worker?.child.kill('SIGTERM')
  expect(await worker?.gone).toBe(0)
  expect(await stack.client.job(job.id)).toMatchObject({ status: 'queued', error: null })
  expect(await stack.client.job(training.id)).toMatchObject({
    ...{ status: 'queued', error: null, checkpoint: { bytes: expect.any(Number), created_at: expect.any(String) } },
    attempts: [{ outcome: 'released', resumed: false }],
  })
  stack.startWorker()
  expect(await stack.client.finished(job.id)).toMatchObject({ status: 'succeeded', attempt: 2 })
  const trained = await stack.client.finished(training.id)
  expect(trained).toMatchObject({ status: 'succeeded', checkpoint: null, attempts: [{}, { resumed: true }] })
  expect(trained.metrics.model?.epochs).toBeLessThan(20)
}, 60_000)

it('runs jobs elsewhere when their worker is killed: a model dies with it, a training goes on from its checkpoint', async () => {
  const stack = await startStack({ env: { MILLRACE_MODELS: `${TEST_MODELS}/hang,${TEST_MODELS}/trainer` } })
  closing.push(() => stack.stop())
  for (const model of ['hang', 'trainer']) await stack.client.ready(model)
  const training = await stack.client.accepted('trainer', { epochs: 10, pause_ms: 250 }, { kind: 'training' })
  const job = await stack.client.accepted('hang', { mode: 'block', seconds: 4 })
  const running = await until('its process is known', async () => {
    const seen = await stack.client.job(job.id)
    return /pid (\d+)/.exec(seen.progress?.message ?? '')?.[1]
  })
  await until('the training is at 60 %', async () => {
    const { progress } = await stack.client.job(training.id)
    return (progress?.fraction ?? 0) >= 0.6
  })
  await stack.workers[0]?.kill('SIGKILL')
  await until('the model is gone too', () => !isAlive(Number(running)), { timeoutMs: 2000 })
  stack.startWorker()
  const done = await stack.client.finished(job.id, 60_000)
  expect(done).toMatchObject({ status: 'succeeded', attempt: 2 })
  const trained = await stack.client.finished(training.id, 60_000)
  expect(trained).toMatchObject({
    ...{ status: 'succeeded', output: { loss: 0.1 } },
    attempts: [
      { outcome: 'worker_lost', resumed: false },
      { outcome: 'succeeded', resumed: true },
    ],
  })
  // Of ten epochs, at most the one that had not been kept was done twice.
  expect(trained.metrics.model?.epochs).toBeLessThanOrEqual(5)
}, 90_000)

it('lets a worker that was frozen past its lock wake up without changing anything', async () => {
  const stack = await startStack({ workers: 1, env: { MILLRACE_MODELS: `${SHIPPED_MODELS}/echo` } })
  closing.push(() => stack.stop())
  await stack.client.ready('echo')
  const job = await stack.client.accepted('echo', { message: 'frozen', delay_seconds: 2, size_bytes: 1000 })
  await until('it runs', async () => (await stack.client.job(job.id)).status === 'running')
  await stack.workers[0]?.kill('SIGSTOP')
  const other = stack.startWorker()
  const done = await stack.client.finished(job.id, 60_000)
  expect(done).toMatchObject({ status: 'succeeded', attempt: 2 })
  await stack.workers[0]?.kill('SIGCONT')
  // Only the woken worker is left to run this, so when it is done the late result was dealt with.
  await other.kill('SIGTERM')
  expect((await stack.client.run('echo', { message: 'after' })).status).toBe('succeeded')
  const { finished_at, attempt, metrics } = done
  expect(await stack.client.job(job.id)).toMatchObject({ status: 'succeeded', finished_at, attempt, metrics })
}, 90_000)

it('tells an orchestrator over its health port what it does', async () => {
  const port = await freePort()
  const stack = await startStack({
    env: { MILLRACE_MODELS: `${SHIPPED_MODELS}/echo`, MILLRACE_WORKER_HEALTH_PORT: String(port) },
  })
  closing.push(() => stack.stop())
  const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`)
  await stack.client.ready('echo')
  expect([(await ask('/livez')).status, (await ask('/readyz')).status]).toEqual([200, 200])
  await stack.client.run('echo', { message: 'counted' })
  const metrics = await until('it is counted', async () => {
    const text = await (await ask('/metrics')).text()
    return text.includes('millrace_attempts_total{model="echo",outcome="succeeded"} 1') ? text : undefined
  })
  expect(metrics).toContain('millrace_runners_ready{model="echo"} 1')
  await stack.redis.kill('SIGKILL')
  await until('it says that Redis is away', async () => (await ask('/readyz')).status === 503)
}, 60_000)
