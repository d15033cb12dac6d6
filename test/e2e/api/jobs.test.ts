import { createHash } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FileView, Job } from '@millrace/contracts'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { SHIPPED_MODELS, type Stack, startStack, TEST_MODELS } from '../../support/start-stack.ts'
import { until } from '../../support/until.ts'

let stack: Stack

beforeAll(async () => {
  stack = await startStack({ env: { MILLRACE_MODELS: `${TEST_MODELS},${SHIPPED_MODELS}/echo` } })
  for (const model of ['echo', 'flaky', 'hang', 'noop']) await stack.client.ready(model)
}, 60_000)
afterAll(() => stack.stop())

it('takes a job, fills its defaults, runs it and tells its story', async () => {
  const response = await stack.client.submit('echo', { input: { message: 'hi' }, metadata: { who: 'me' } })
  expect(response.status).toBe(202)
  expect(response.headers.get('retry-after')).toBeTruthy()
  const job = (await response.json()) as Job
  expect(response.headers.get('location')).toContain(job.id)
  const done = await stack.client.finished(job.id)
  expect(done).toMatchObject({
    status: 'succeeded',
    input: { message: 'hi', delay_seconds: 0, size_bytes: 0 },
    output: { message: 'hi', file: null },
    metadata: { who: 'me' },
    attempt: 1,
    error: null,
  })
  const output = await stack.client.request(`/v1/jobs/${job.id}/output`)
  expect(await output.json()).toEqual({ message: 'hi', file: null })
})

it('answers 200 with the result when asked to wait and it came in time', async () => {
  const response = await stack.client.submit('noop', { input: { text: 'now' } }, { prefer: 'wait=10' })
  expect(response.status).toBe(200)
  expect(await response.json()).toMatchObject({ status: 'succeeded', output: { text: 'now' } })
})

it('answers a poll with its ETag in 304 until the job changes', async () => {
  const done = await stack.client.run('noop', { text: 'a' })
  const first = await stack.client.request(`/v1/jobs/${done.id}`)
  const tag = first.headers.get('etag') ?? ''
  const second = await stack.client.request(`/v1/jobs/${done.id}`, { headers: { 'if-none-match': tag } })
  expect([tag.length > 2, second.status]).toEqual([true, 304])
})

it('keeps a 50 MB output in the object store, little in Redis, and gives it back intact', async () => {
  const size = 50 * 1024 * 1024
  const done = await stack.client.run('echo', { message: 'big', size_bytes: size })
  const file = (done.output as { file: FileView }).file
  expect(file).toMatchObject({ object: 'file', size, name: 'echo.bin' })
  const bytes = Buffer.from(await (await fetch(file.url)).arrayBuffer())
  expect(bytes.length).toBe(size)
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(file.sha256)
  const redis = new Redis(stack.redis.url)
  let used = 0
  for (const key of await redis.keys(`*${done.id}*`)) used += Number(await redis.memory('USAGE', key))
  redis.disconnect()
  expect(used).toBeGreaterThan(0)
  expect(used).toBeLessThan(64 * 1024)
}, 60_000)

it('keeps an input and an output of 200 KB of JSON whole', async () => {
  const text = 'ü'.repeat(100_000)
  const done = await stack.client.run('noop', { text })
  expect(done).toMatchObject({ status: 'succeeded', output: null })
  const output = await stack.client.request(`/v1/jobs/${done.id}/output`)
  expect(await output.json()).toEqual({ text })
})

it('tries a failing model as often as it allows, and keeps the last error', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-flaky-'))
  const counter = join(folder, 'starts')
  const won = await stack.client.run('flaky', { counter_file: counter, failures: 1 })
  expect(won).toMatchObject({ status: 'succeeded', output: { starts: 2 }, attempt: 2 })
  const lost = await stack.client.run('flaky', { counter_file: join(folder, 'more'), failures: 9 }, { max_attempts: 2 })
  expect(lost).toMatchObject({ status: 'failed', attempt: 2, error: { code: 'model_error', message: 'start 2 fails' } })
  expect(lost.attempts.map(({ outcome, device }) => [outcome, device])).toEqual(Array(2).fill(['failed', 'cpu']))
  writeFileSync(join(folder, 'go'), '')
  const again = await stack.client.request(`/v1/jobs/${lost.id}/retry`, { method: 'POST' })
  expect(again.status).toBe(202)
  expect((await stack.client.finished(lost.id)).status).toBe('failed')
})

it('cancels a queued job at once and a running one by asking its model', async () => {
  const running = await stack.client.accepted('hang', { mode: 'polite' })
  await until('it runs', async () => (await stack.client.job(running.id)).status === 'running')
  const waiting = await stack.client.accepted('hang', { mode: 'polite' })
  const cancel = (id: string) => stack.client.request(`/v1/jobs/${id}/cancel`, { method: 'POST' })
  expect(((await (await cancel(waiting.id)).json()) as Job).status).toBe('canceled')
  await cancel(running.id)
  expect((await stack.client.finished(running.id, 5000)).status).toBe('canceled')
  expect((await cancel(running.id)).status).toBe(200)
})

it('kills a model that will not stop, and the next job runs', async () => {
  const stuck = await stack.client.accepted('hang', { mode: 'block', seconds: 60 })
  await until('it runs', async () => (await stack.client.job(stuck.id)).status === 'running')
  await stack.client.request(`/v1/jobs/${stuck.id}/cancel`, { method: 'POST' })
  expect((await stack.client.finished(stuck.id, 10_000)).status).toBe('canceled')
  expect((await stack.client.run('hang', { mode: 'block', seconds: 0 })).status).toBe('succeeded')
})

it('lists jobs newest first by model and status', async () => {
  const made = [await stack.client.run('noop', { text: '1' }), await stack.client.run('noop', { text: '2' })]
  const page = await stack.client.request('/v1/jobs?model=noop&status=succeeded&limit=1')
  const { data, next_cursor } = (await page.json()) as { data: Job[]; next_cursor: string }
  expect(data.map((job) => job.id)).toEqual([made[1]?.id])
  const next = await stack.client.request(`/v1/jobs?model=noop&status=succeeded&limit=1&cursor=${next_cursor}`)
  expect(((await next.json()) as { data: Job[] }).data.map((job) => job.id)).toEqual([made[0]?.id])
})

it('purges a job with its files and says so afterwards', async () => {
  const done = await stack.client.run('echo', { message: 'x', size_bytes: 1000 })
  const file = (done.output as { file: FileView }).file
  const purge = () => stack.client.request(`/v1/jobs/${done.id}`, { method: 'DELETE' })
  expect((await purge()).status).toBe(204)
  const gone = await stack.client.request(`/v1/jobs/${done.id}`)
  expect([gone.status, ((await gone.json()) as { code: string }).code]).toEqual([410, 'job_purged'])
  expect((await fetch(file.url)).status).toBe(410)
})

it('holds a job until its time and fails one whose time is over', async () => {
  const later = await stack.client.accepted(
    'noop',
    { text: 'x' },
    { run_at: new Date(Date.now() + 1500).toISOString() },
  )
  expect(later.status).toBe('queued')
  const done = await stack.client.finished(later.id)
  expect(Date.parse(done.started_at ?? '')).toBeGreaterThanOrEqual(Date.parse(later.run_at ?? ''))
  const blocker = await stack.client.accepted('hang', { mode: 'polite' })
  const late = await stack.client.accepted('hang', { mode: 'polite' }, { expires_in: 0.5 })
  expect(await stack.client.finished(late.id)).toMatchObject({ status: 'failed', error: { code: 'expired' } })
  await stack.client.request(`/v1/jobs/${blocker.id}/cancel`, { method: 'POST' })
})
