/** The limits of a tenant over the API and a real Redis: each refusal, what is told of it, and that processes count together. */
import { manifestSchema } from '@millrace/contracts'
import type { Queue } from '@millrace/queue'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestQueue, silent } from '../../../../../test/support/open-test-queue.ts'
import { openTestRedis } from '../../../../../test/support/servers/open-test-redis.ts'
import { until } from '../../../../../test/support/until.ts'
import { CONFIG, createFixture } from '../../app.fixture.ts'
import { KeyRing } from '../access/key-ring.ts'
import { TenantRing } from './tenant-ring.ts'

const ROOT = 'the-key-of-the-settings'
const config = { ...CONFIG, apiKey: ROOT, maxTenantJobs: 3 }

let redis: Awaited<ReturnType<typeof openTestRedis>>
let queue: Queue
let keyRing: KeyRing
let rings: TenantRing[]
let apis: Awaited<ReturnType<typeof createFixture>>[]
/** Questions about submits in a minute that went to Redis. */
let draws = 0

beforeAll(async () => {
  redis = await openTestRedis({ appendonly: false })
  queue = openTestQueue(redis.url, { role: 'api' })
  keyRing = new KeyRing(queue.keys, silent)
  const tenants = new Proxy(queue.tenants, {
    get(target, name: keyof Queue['tenants']) {
      if (name === 'drawSubmits') draws++
      return (target[name] as (...args: unknown[]) => unknown).bind(target)
    },
  })
  rings = [new TenantRing(tenants, config, silent), new TenantRing(tenants, config, silent)]
  await Promise.all([keyRing.start(), ...rings.map((ring) => ring.start())])
  await until('Redis is reached', () => queue.tenants.changes(undefined).catch(() => undefined))
  for (const name of ['one', 'two']) {
    const manifest = {
      name,
      version: '1.0.0',
      input_schema: { type: 'object', properties: { text: { type: 'string' } } },
      output_schema: {},
    }
    await queue.models.publish(manifestSchema.parse(manifest), 'w', 1)
  }
  const { keys, jobs, models } = queue
  apis = await Promise.all(
    rings.map((tenantRing) => createFixture({ keys, keyRing, tenants, tenantRing, config, jobs, models })),
  )
})
afterAll(async () => {
  await Promise.all([keyRing.stop(0), ...rings.map((ring) => ring.stop(0)), ...apis.map((api) => api.close())])
  await queue.close()
  await redis.stop()
})

interface Asked {
  api?: number
  body?: unknown
  type?: string
}

async function ask(key: string, method: string, path: string, { api = 0, body, type }: Asked = {}) {
  const answer = await apis[api]!.app.request(path, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': type ?? 'application/json' },
    body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
  })
  const header = (name: string) => answer.headers.get(name)
  const limits = [header('ratelimit-policy'), header('ratelimit')?.replace(/t=\d+/, 't=*') ?? null]
  return { status: answer.status, body: (await answer.json()) as any, limits, retryAfter: header('retry-after') }
}

/** A key of a tenant with these settings, which both processes know. */
async function tenantWith(id: string, settings: Record<string, number>): Promise<string> {
  const made = await ask(ROOT, 'POST', '/v1/keys', { body: { tenant: id, name: 'a test', scopes: ['client'] } })
  await set(id, settings)
  return made.body.key
}
async function set(id: string, settings: Record<string, number | null>): Promise<void> {
  expect((await ask(ROOT, 'PATCH', `/v1/tenants/${id}`, { body: settings })).status).toBe(200)
  const [name, value] = Object.entries(settings)[0]!
  await until('both know it', async () => {
    const held = await Promise.all(rings.map(async (ring) => ring.of(id)))
    return held.every((limits) => limits[name as 'weight'] === value)
  })
}
const submit = (key: string, { api = 0, model = 'one', ...more }: Asked & { model?: string; fields?: object } = {}) =>
  ask(key, 'POST', `/v1/models/${model}/jobs`, { api, body: more.body ?? { input: {}, ...more.fields } })

it('takes no more submits in a minute than may be, in two processes together, and says what is left', async () => {
  const key = await tenantWith('fast', { submits_per_minute: 40, open_jobs: 1000 })
  const first = await submit(key)
  expect([first.status, ...first.limits]).toEqual([
    202,
    '"submits_per_minute";q=40;w=60',
    '"submits_per_minute";r=39;t=*',
  ])
  const all = await Promise.all(Array.from({ length: 99 }, (_, i) => submit(key, { api: i % 2 })))
  expect(all.filter(({ status }) => status === 202)).toHaveLength(39)
  const refused = all.filter(({ status }) => status === 429)
  expect(refused).toHaveLength(60)
  const before = draws
  const again = await submit(key)
  expect(again).toMatchObject({
    status: 429,
    body: { code: 'too_many_submits', detail: expect.stringContaining('40 submits') },
    limits: ['"submits_per_minute";q=40;w=60', '"submits_per_minute";r=0;t=*'],
  })
  expect(Number(again.retryAfter)).toBeGreaterThan(50)
  for (let i = 0; i < 50; i++) expect((await submit(key)).status).toBe(429)
  expect(draws).toBe(before)
  const own = await ask(key, 'GET', '/v1/tenant')
  expect(own.body.limits.submits_per_minute).toMatchObject({ limit: 40, used: 40, remaining: 0 })
  expect(Date.parse(own.body.limits.submits_per_minute.resets_at)).toBeGreaterThan(Date.now() + 40_000)
  // More is in force at once where it is known.
  await set('fast', { submits_per_minute: 42 })
  const now = await Promise.all(Array.from({ length: 5 }, () => submit(key)))
  expect(now.filter(({ status }) => status === 202)).toHaveLength(2)
})

/** All commands that Redis has carried out, those of scripts among them. */
async function commandsSeen(): Promise<number> {
  const calls = [...(await redis.raw.info('commandstats')).matchAll(/calls=(\d+)/g)]
  return calls.reduce((sum, [, count]) => sum + Number(count), 0)
}

/** What one of these costs in commands, less what goes on anyway. */
async function priceOf(ask: () => Promise<unknown>, times: number): Promise<number> {
  const before = await commandsSeen()
  for (let n = 0; n < times; n++) await ask()
  return ((await commandsSeen()) - before) / times
}

it('refuses what is over the limit of a minute unread and without a question to Redis, in dialects too', async () => {
  const key = await tenantWith('eager', { submits_per_minute: 1, open_jobs: 1000 })
  expect([(await submit(key)).status, (await submit(key)).status]).toEqual([202, 429])
  const paths = [
    ...['/v1/models/one/jobs', '/replicate/v1/predictions', '/runpod/v2/one/run', '/cog/one/predictions'],
    ...['/fal/queue/any/one', '/deepaas/v2/models/one/predict/', '/inference/one/predict'],
  ]
  const unread = async (path: string) => {
    let pulls = 0
    // Asked for its first piece when it is made, and then only when somebody reads.
    const body = new ReadableStream({ pull: () => void pulls++ }, { highWaterMark: 0 })
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    const { status } = await apis[0]!.app.request(path, {
      method: 'POST',
      headers,
      body,
      duplex: 'half',
    } as RequestInit)
    return [path, status, pulls]
  }
  const price = await priceOf(async () => {
    for (const path of paths) expect(await unread(path)).toEqual([path, 429, 0])
  }, 20)
  // What goes on beside: processes ask twice a second what was changed.
  expect(price / paths.length).toBeLessThan(0.5)
})

it('refuses one open job too many at the same price, however many are open', async () => {
  const refusedAt = async (limit: number) => {
    const key = await tenantWith(`full-${limit}`, { open_jobs: limit })
    for (let n = 0; n < limit; n++) expect((await submit(key)).status).toBe(202)
    return priceOf(async () => expect((await submit(key)).status).toBe(429), 100)
  }
  const [few, many] = [await refusedAt(2), await refusedAt(60)]
  expect(many).toBeLessThan(few * 1.5 + 2)
})

it('who may submit any number is told nothing of it', async () => {
  const key = await tenantWith('free', { open_jobs: 1000 })
  expect(await submit(key)).toMatchObject({ status: 202, limits: [null, null] })
})

it('takes no more open jobs than may be, over all models, and what the installation has where nothing is set', async () => {
  const key = await tenantWith('open', { weight: 1 })
  for (const model of ['one', 'one', 'two']) expect((await submit(key, { model })).status).toBe(202)
  await until('it is known', async () => (await submit(key, { model: 'two' })).status === 429, { everyMs: 1 })
  const own = (await ask(key, 'GET', '/v1/tenant')).body.limits.open_jobs
  expect(own).toEqual({ limit: 3, used: own.used, remaining: 0, resets_at: null })
  // One may have come in before the other model was looked at.
  expect(own.used).toBeLessThanOrEqual(4)
  expect(await submit(key, { model: 'one', api: 1 })).toMatchObject({ status: 202 })
  expect(await submit(key, { model: 'one' })).toMatchObject({
    status: 429,
    retryAfter: '5',
    body: { code: 'tenant_limit', detail: expect.stringMatching(/^\d jobs are open, 3 are allowed\.$/) },
    limits: ['"open_jobs";q=3', '"open_jobs";r=0'],
  })
  await set('open', { open_jobs: 9 })
  expect((await submit(key, { model: 'two' })).status).toBe(202)
  await set('open', { open_jobs: 0 })
  expect((await submit(key, { model: 'two' })).status).toBe(429)
})

it('refuses an input that is larger than the tenant may send, by body and by file', async () => {
  const key = await tenantWith('small', { input_bytes: 2000 })
  const refused = { status: 413, body: { code: 'input_too_large', detail: expect.stringContaining('2000 bytes') } }
  expect((await submit(key, { body: { input: { text: 'x'.repeat(1000) } } })).status).toBe(202)
  expect(await submit(key, { body: { input: { text: 'x'.repeat(2000) } } })).toMatchObject(refused)
  const form = (bytes: number) =>
    `--b\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\n${'x'.repeat(bytes)}\r\n--b--\r\n`
  const multipart = { type: 'multipart/form-data; boundary=b' }
  expect(await ask(key, 'POST', '/v1/files', { ...multipart, body: form(3000) })).toMatchObject(refused)
  const announced = { name: 'a.txt', size: 3000, sha256: '0'.repeat(64) }
  expect(await ask(key, 'POST', '/v1/files', { body: announced })).toMatchObject(refused)
  // The limit of the server is not that of the tenant.
  const free = await tenantWith('large', { input_bytes: 2 * config.maxBodyBytes })
  const large = { input: { text: 'x'.repeat(config.maxBodyBytes) } }
  expect(await submit(free, { body: large })).toMatchObject({ status: 413, body: { code: 'body_too_large' } })
})

it('keeps jobs for as long as the tenant has it, and no longer', async () => {
  const key = await tenantWith('short', { retention_seconds: 600 })
  const keptFor = async (fields?: object) => {
    const { body } = await submit(key, { fields: { ...fields } })
    return redis.raw.hget(`{mr:${body.id.slice(4, 12)}}:job:${body.id}`, 'retention')
  }
  expect([await keptFor(), await keptFor({ keep_for: 60 })]).toEqual(['600', '60'])
  expect(await submit(key, { fields: { keep_for: 601 } })).toMatchObject({
    status: 400,
    body: { code: 'invalid_request', errors: [{ path: '/keep_for', message: expect.stringContaining('600 seconds') }] },
  })
})
