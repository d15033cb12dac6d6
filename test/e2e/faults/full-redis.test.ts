import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type AuthorFolder, makeAuthorFolder, modelSource } from '../../support/author-folder.ts'
import { readEvents } from '../../support/event-reader.ts'
import { type MillraceProcess, startMillrace } from '../../support/processes/millrace-process.ts'
import { freePort, startRedis, type TestRedis } from '../../support/servers/redis-server.ts'
import { type Stack, startStack } from '../../support/start-stack.ts'
import { until } from '../../support/until.ts'
import { startWebhookReceiver } from '../../support/servers/webhook-receiver.ts'

/** A Redis that is full, or whose disk is, as clients and operators see it. */

const CHARS = 30_000
let folder: AuthorFolder
let stack: Stack
let raw: Redis
let healthPort: number

beforeAll(async () => {
  folder = makeAuthorFolder()
  folder.save('bulky/model.ts', modelSource({ name: 'bulky', body: `{ text: 'ж'.repeat(${CHARS / 2}) }` }))
  const say = "for (let i = 0; i < 90; i++) console.log(i + ' ' + 'x'.repeat(2000))"
  folder.save('chatty/model.ts', modelSource({ name: 'chatty', body: `(() => { ${say}; return { text: 'said' } })()` }))
  healthPort = await freePort()
  stack = await startStack({
    workers: 0,
    env: { MILLRACE_MODELS: folder.models, MILLRACE_WEBHOOK_ALLOW_HOSTS: '127.0.0.1' },
  })
  raw = new Redis(stack.redis.url)
}, 60_000)
afterAll(async () => {
  raw.disconnect()
  await stack.stop()
  folder.delete()
})

const startWorker = (): MillraceProcess => stack.startWorker({ MILLRACE_WORKER_HEALTH_PORT: String(healthPort) })

async function limitTo(share: number): Promise<void> {
  const used = Number(/used_memory:(\d+)/.exec(await raw.info('memory'))?.[1])
  await raw.config('SET', 'maxmemory', Math.round(used / share))
}

interface Ready {
  code: number
  status: string
  reasons: string[]
}

async function readiness(url: string): Promise<Ready> {
  const response = await fetch(`${url}/readyz`)
  return { code: response.status, ...((await response.json()) as Omit<Ready, 'code'>) }
}

const ofWorker = (): string => `http://127.0.0.1:${healthPort}`
const reasonsOf = async (url: string): Promise<string> => (await readiness(url)).reasons.join(' ')

it('ends all that was accepted while Redis is full, shows it as ever, and takes jobs again when there is room', async () => {
  const { client } = stack
  const first = startWorker()
  await client.ready('bulky')
  await client.ready('chatty')
  await first.kill('SIGKILL')
  const receiver = await startWebhookReceiver()
  const webhook = `${receiver.url}/done`
  const input = { text: 'x'.repeat(20_000) }
  const bulky = await Promise.all(Array.from({ length: 60 }, () => client.accepted('bulky', input, { webhook })))
  const chatty = await Promise.all(Array.from({ length: 5 }, () => client.accepted('chatty', { text: '' })))
  const canceled = await client.accepted('bulky', input)
  await limitTo(0.9)

  await until('it is told', async () => (await readiness(client.url)).code === 503)
  expect(await reasonsOf(client.url)).toMatch(/Redis is full, \d+ %.*what was accepted goes on/)
  const burst = await Promise.all(Array.from({ length: 50 }, () => client.submit('bulky', { input })))
  expect(new Set(burst.map(({ status }) => status))).toEqual(new Set([503]))
  expect(await burst[0]?.json()).toMatchObject({ code: 'storage_pressure' })
  expect(burst[0]?.headers.get('retry-after')).toBe('5')

  startWorker()
  expect((await client.request(`/v1/jobs/${canceled.id}/cancel`, { method: 'POST' })).status).toBeLessThan(203)
  for (const { id } of bulky) {
    const job = await client.finished(id)
    expect([job.status, (job.output as { text: string }).text.length]).toEqual(['succeeded', CHARS / 2])
  }
  for (const { id } of chatty) expect((await client.finished(id)).status).toBe('succeeded')
  await until('all webhooks came', () => new Set(receiver.got.map(({ id }) => id)).size >= bulky.length, {
    timeoutMs: 30_000,
  })
  await receiver.close()
  const worker = await readiness(ofWorker())
  expect(worker.code).toBe(200)
  for (const url of [client.url, ofWorker()]) {
    expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/^millrace_redis_memory_ratio [01]\.\d+$/m)
  }

  const events = await readEvents(`${client.url}/v1/jobs/${chatty[0]?.id}/events`, {
    headers: { accept: 'application/x-ndjson' },
  })
  await events.closed
  expect(events.events.at(-1)?.type).toBe('done')

  await raw.config('SET', 'maxmemory', '0')
  await until('it is ready again', async () => (await readiness(client.url)).code === 200)
  expect((await client.run('bulky', input)).status).toBe('succeeded')
}, 120_000)

it('shows all that a job said once its log lies in the object store', async () => {
  const { client } = stack
  const { id } = await client.run('chatty', { text: '' })
  const stream = `{mr:${id.slice(4, 12)}}:events:${id}`
  await until('its log was moved', async () => (await raw.exists(stream)) === 0, { timeoutMs: 20_000 })
  const read = async (after: string) => {
    const reader = await readEvents(`${client.url}/v1/jobs/${id}/events?after=${after}`, {
      headers: { accept: 'application/x-ndjson' },
    })
    await reader.closed
    return reader.events
  }
  const all = await read('')
  expect(all.map(({ type }) => type)).toEqual([
    'status',
    'status',
    ...Array.from({ length: 90 }, () => 'log'),
    'status',
    'done',
  ])
  const behind = await read(all[50]?.id ?? '')
  expect(behind.map(({ id: one }) => one)).toEqual(all.slice(51).map(({ id: one }) => one))
  expect((await client.request(`/v1/jobs/${id}`, { method: 'DELETE' })).status).toBe(204)
}, 60_000)

it('says that Redis cannot write to its disk, in API and worker, and refuses submits', async () => {
  const full: TestRedis = await startRedis({ fileBytes: 2 * 1024 * 1024 })
  const port = await freePort()
  const env = { ...stack.env, REDIS_URL: full.url, MILLRACE_DATA_DIR: `${folder.dataDir}-2` }
  const api = startMillrace('api', env)
  const worker = startMillrace('worker', { ...env, MILLRACE_WORKER_HEALTH_PORT: String(port) })
  const other = new Redis(full.url)
  try {
    const url = await api.url()
    const workerUrl = `http://127.0.0.1:${port}`
    // A worker is ready as soon as it has one of its models; the submit below names the other one.
    const hasModel = async () => (await fetch(`${url}/v1/models/bulky`).catch(() => undefined))?.status === 200
    const ready = async (one: string) => (await readiness(one).catch(() => undefined))?.code === 200
    await until(
      'both are ready, and the model is there',
      async () => (await ready(url)) && (await ready(workerUrl)) && hasModel(),
      { timeoutMs: 60_000, everyMs: 100 },
    )
    await other.set('much', 'x'.repeat(3 * 1024 * 1024))
    for (const one of [url, workerUrl]) {
      await until('it is told', async () => (await readiness(one)).code === 503, { timeoutMs: 20_000 })
      expect(await reasonsOf(one)).toMatch(/cannot write its append-only file/)
      expect(await (await fetch(`${one}/metrics`)).text()).toContain('millrace_redis_persistence_ok{what="appends"} 0')
    }
    const body = JSON.stringify({ input: { text: 'x' } })
    const headers = { 'content-type': 'application/json' }
    const refused = await fetch(`${url}/v1/models/bulky/jobs`, { method: 'POST', body, headers })
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([503, 'unavailable'])
  } finally {
    other.disconnect()
    await Promise.all([api.kill('SIGKILL'), worker.kill('SIGKILL')])
    await full.stop()
  }
}, 120_000)
