/** The clients of RunPod from npm and PyPI, unmodified, against a whole Millrace. */
import { createRequire } from 'node:module'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Stack } from '../support/start-stack.ts'
import { startWebhookReceiver } from '../support/servers/webhook-receiver.ts'
import { until } from '../support/until.ts'
import { clientCalls, pythonCalls } from './support/client-calls.ts'
import { KEY, startDialectStack } from './support/start-dialect-stack.ts'

type Sdk = typeof import('runpod-sdk')
// Its module for `import` asks for a file that it does not have.
const { default: runpodSdk } = createRequire(import.meta.url)('runpod-sdk') as Sdk
type Endpoint = NonNullable<ReturnType<ReturnType<Sdk['default']>['endpoint']>>

let stack: Stack
let shout: Endpoint

beforeAll(async () => {
  stack = await startDialectStack()
  const endpoint = runpodSdk(KEY, { baseUrl: `${stack.client.url}/runpod/v2` }).endpoint('shout')
  if (!endpoint) throw new Error('it makes no endpoint')
  shout = endpoint
}, 60_000)
afterAll(() => stack?.stop())

const call = clientCalls({ platform: 'RunPod', client: 'npm runpod-sdk', version: '1.1.2' })
const fast = { input: { text: 'hi' } }
const slow = { input: { text: 'hi', pause_ms: 600_000 } }

call('run', async () => {
  const policy = { executionTimeout: 5000, ttl: 60_000, lowPriority: true }
  const { id, status } = await shout.run({ ...fast, policy })
  expect(status).toBe('IN_QUEUE')
  const job = await stack.client.finished(id)
  expect(job).toMatchObject({ status: 'succeeded', output: 'HI', priority: 'low' })
})
call('status', async () => {
  const { id } = await shout.run(fast)
  await stack.client.finished(id)
  const times = { delayTime: expect.any(Number), executionTime: expect.any(Number), workerId: expect.any(String) }
  const verdict = { started: true, completed: true, succeeded: true }
  expect(await shout.status(id)).toEqual({ id, status: 'COMPLETED', output: 'HI', ...times, ...verdict })
  await expect(shout.status('nope')).rejects.toThrow('404')
})
call('statusSync', async () => {
  const { id } = await shout.run(fast)
  expect(await shout.statusSync(id)).toMatchObject({ id, status: 'COMPLETED', output: 'HI' })
})
call('runSync', async () => {
  expect(await shout.runSync(fast)).toMatchObject({ status: 'COMPLETED', output: 'HI', succeeded: true })
  const failed = await shout.runSync({ input: { text: 'hi', fail: true } })
  expect(failed).toMatchObject({ status: 'FAILED', error: expect.stringContaining('model said no'), succeeded: false })
  expect(failed).not.toHaveProperty('output')
})
call('stream', async () => {
  const { id } = await shout.run({ input: { text: 'hello', pause_ms: 20 } })
  const pieces: unknown[] = []
  for await (const piece of shout.stream(id)) pieces.push(piece)
  expect(pieces).toEqual('HELLO'.split('').map((output) => ({ output })))
  // Each piece was handed out, so there is none for who asks again.
  for await (const piece of shout.stream(id)) pieces.push(piece)
  expect(pieces.length).toBe(5)
})
call('cancel', async () => {
  const { id } = await shout.run(slow)
  expect(await shout.cancel(id)).toMatchObject({ id, status: 'CANCELLED' })
  expect(await shout.statusSync(id)).toMatchObject({ id, status: 'CANCELLED' })
})
call('health', async () => {
  const health = await shout.health()
  expect(health.workers).toEqual({ idle: 1, initializing: 0, ready: 1, running: 0, throttled: 0, unhealthy: 0 })
  expect(health.jobs).toEqual({ completed: expect.any(Number), failed: 1, inProgress: 0, inQueue: 0, retried: 0 })
})
call('purgeQueue', async () => {
  const { id: running } = await shout.run(slow)
  await until('it runs', async () => (await shout.status(running)).status === 'IN_PROGRESS')
  // More than a worker holds ahead.
  const waiting = await Promise.all(Array.from({ length: 12 }, () => shout.run(fast)))
  const { removed, status } = await shout.purgeQueue()
  expect([removed > 0, status]).toEqual([true, 'completed'])
  const { counts } = (await (await stack.client.request('/v1/jobs/counts?model=shout')).json()) as {
    counts: Record<string, number>
  }
  expect(counts.queued).toBe(0)
  await shout.cancel(running)
  const ends = await Promise.all(waiting.map(({ id }) => shout.statusSync(id)))
  expect(ends.filter(({ status }) => status === 'CANCELLED').length).toBe(removed)
})

it('hands each piece to one of two readers, and tells the end with the last', async () => {
  const { id } = await shout.run({ input: { text: 'abcdefghijkl', pause_ms: 10 } })
  const read = async (): Promise<string[]> => {
    const pieces: string[] = []
    for await (const piece of shout.stream(id)) pieces.push((piece as { output: string }).output)
    return pieces
  }
  const [left, right] = await Promise.all([read(), read()])
  expect([...left, ...right].toSorted().join('')).toBe('ABCDEFGHIJKL')
})

it('runs a failed job again on demand, and no other', async () => {
  const headers = { authorization: `Bearer ${KEY}` }
  const retry = async (id: string): Promise<unknown> =>
    (await fetch(`${stack.client.url}/runpod/v2/shout/retry/${id}`, { method: 'POST', headers })).json()
  const retried = async () => (await shout.health()).jobs.retried
  const before = await retried()
  const { id: failed } = await shout.runSync({ input: { text: 'hi', fail: true } })
  expect(await retry(failed)).toEqual({ id: failed, status: 'IN_QUEUE' })
  expect(await retried()).toBeGreaterThan(before)
  expect(await shout.statusSync(failed)).toMatchObject({ status: 'FAILED' })
  const { id: good } = await shout.runSync(fast)
  expect(await retry(good)).toMatchObject({ error: expect.any(String), code: 'job_not_retryable' })
})

it('knows no job of another endpoint, and none of another tenant', async () => {
  const { id } = await shout.runSync(fast)
  const made = await stack.client.request('/v1/keys', {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
    body: JSON.stringify({ tenant: 'other', name: 'other', scopes: ['jobs:read', 'jobs:cancel', 'jobs:write'] }),
  })
  const { key } = (await made.json()) as { key: string }
  const ask = async (endpoint: string, as: string, path: string, method = 'GET') => {
    const headers = { authorization: `Bearer ${as}` }
    return (await fetch(`${stack.client.url}/runpod/v2/${endpoint}/${path}/${id}`, { method, headers })).status
  }
  expect(await ask('shout', KEY, 'status')).toBe(200)
  expect(await ask('other', KEY, 'status')).toBe(404)
  for (const path of ['status', 'status-sync', 'stream']) expect(await ask('shout', key, path)).toBe(404)
  for (const path of ['cancel', 'retry']) expect(await ask('shout', key, path, 'POST')).toBe(404)
})

it('tells a webhook', async () => {
  const receiver = await startWebhookReceiver()
  const { id } = await shout.run({ ...fast, webhook: `${receiver.url}/done` })
  await until('it is told', () => receiver.got.length > 0)
  expect(JSON.parse(receiver.got[0]?.body ?? '')).toMatchObject({ id, status: 'COMPLETED', output: 'HI' })
  await receiver.close()
})

const CALLS = [
  ...['run', 'Job.status', 'Job.output', 'Job.stream', 'Job.cancel', 'run_sync', 'health', 'purge_queue'],
  ...['AsyncioEndpoint.run', 'AsyncioJob.status', 'AsyncioJob.output', 'AsyncioJob.stream', 'AsyncioJob.cancel'],
  ...['AsyncioEndpoint.health', 'AsyncioEndpoint.purge_queue'],
]
pythonCalls(
  {
    ...{ platform: 'RunPod', client: 'pip runpod', version: '1.12.0' },
    ...{ requirements: 'runpod', program: new URL('./runpod_calls.py', import.meta.url) },
  },
  CALLS,
  () => ({ RUNPOD_ENDPOINT_BASE_URL: `${stack.client.url}/runpod/v2`, KEY }),
)
