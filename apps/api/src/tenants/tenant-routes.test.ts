/** Tenants over the API and a real Redis: what is set, what holds then in every process, and what cannot be set. */
import type { Queue } from '@millrace/queue'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestQueue, silent } from '../../../../test/support/open-test-queue.ts'
import { startRedis, type TestRedis } from '../../../../test/support/servers/redis-server.ts'
import { until } from '../../../../test/support/until.ts'
import { CONFIG, createFixture } from '../app.fixture.ts'
import { KeyRing } from '../http/access/key-ring.ts'
import { TenantRing } from '../http/limits/tenant-ring.ts'

const ROOT = 'the-key-of-the-settings'
const config = { ...CONFIG, apiKey: ROOT, tenantWeights: { heavy: 7 }, tenantRunning: { heavy: 3 } }

let redis: TestRedis
let queue: Queue
let keyRing: KeyRing
let rings: TenantRing[]
let apis: Awaited<ReturnType<typeof createFixture>>[]

beforeAll(async () => {
  redis = await startRedis({ appendonly: false })
  queue = openTestQueue(redis.url, { role: 'api' })
  keyRing = new KeyRing(queue.keys, silent)
  rings = [new TenantRing(queue.tenants, config, silent), new TenantRing(queue.tenants, config, silent)]
  await Promise.all([keyRing.start(), ...rings.map((ring) => ring.start())])
  await until('Redis is reached', () => queue.tenants.changes(undefined).catch(() => undefined))
  const { keys, tenants } = queue
  apis = await Promise.all(rings.map((tenantRing) => createFixture({ keys, keyRing, tenants, tenantRing, config })))
})
afterAll(async () => {
  await Promise.all([keyRing.stop(0), ...rings.map((ring) => ring.stop(0)), ...apis.map((api) => api.close())])
  await queue.close()
  await redis.stop()
})

interface Asked {
  key?: string
  body?: unknown
  api?: number
}

async function ask(method: string, path: string, { key = ROOT, body, api = 0 }: Asked = {}) {
  const answer = await apis[api]!.app.request(path, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  })
  return { status: answer.status, body: (await answer.json()) as any }
}

const change = (id: string, body: unknown) => ask('PATCH', `/v1/tenants/${id}`, { body })
async function keyOf(tenant: string): Promise<string> {
  const { body } = await ask('POST', '/v1/keys', { body: { tenant, name: 'a test', scopes: ['viewer'] } })
  return body.key
}

it('keeps what is set, shows what holds with it, and clears by null', async () => {
  const set = await change('acme', { weight: 5, open_jobs: 0, retention_seconds: 86_400 })
  expect(set).toMatchObject({
    status: 200,
    body: {
      ...{ object: 'tenant', id: 'acme', changed_at: expect.stringMatching(/^20/) },
      settings: { weight: 5, open_jobs: 0, retention_seconds: 86_400, streams: null, running_jobs: null },
      in_force: { weight: 5, open_jobs: 0, streams: 50, running_jobs: null, stored_bytes: null },
    },
  })
  expect((await change('acme', { open_jobs: null, stored_bytes: 1e12 })).body).toMatchObject({
    settings: { weight: 5, open_jobs: null, stored_bytes: 1e12 },
    in_force: { open_jobs: 10_000 },
  })
  expect((await change('acme', {})).body).toEqual((await ask('GET', '/v1/tenants/acme')).body)
  expect((await ask('GET', '/v1/tenants/default')).body).toMatchObject({ changed_at: null, settings: { weight: null } })
})

it('lists those that keys name beside those for which something was set, in pages', async () => {
  await keyOf('by-key')
  await change('by-change', { streams: 1 })
  const seen: string[] = []
  let cursor = ''
  do {
    const { body } = await ask('GET', `/v1/tenants?limit=1${cursor && `&cursor=${cursor}`}`)
    seen.push(...body.data.map(({ id }: { id: string }) => id))
    cursor = body.next_cursor ?? ''
  } while (cursor)
  expect(seen.slice(0, 2)).toEqual(['by-change', 'by-key'])
})

it('is in force in every process 2 s later at most, for who was seen before and by settings of the installation', async () => {
  const key = await keyOf('heavy')
  const limits = async (api: number) => (await ask('GET', '/v1/tenant', { key, api })).body.limits
  expect(await limits(1)).toMatchObject({ weight: { limit: 7 }, running_jobs: { limit: 3 }, streams: { limit: 50 } })
  const began = performance.now()
  await change('heavy', { running_jobs: 9, streams: 4 })
  await until('the change is seen', async () => (await limits(1)).streams.limit === 4)
  expect(performance.now() - began).toBeLessThan(2000)
  expect(await limits(1)).toMatchObject({ weight: { limit: 7 }, running_jobs: { limit: 9 } })
})

it.each([
  [{ weight: 0 }, '/weight'],
  [{ weight: 1.5 }, '/weight'],
  [{ weight: '5' }, '/weight'],
  [{ streams: 3, open_jobs: -1 }, '/open_jobs'],
  [{ running_jobs: -1 }, '/running_jobs'],
  [{ retention_seconds: 59 }, '/retention_seconds'],
  [{ stored_bytes: -5 }, '/stored_bytes'],
  [{ wait: 5 }, '/wait'],
  [[], ''],
])('refuses what cannot be set, and sets nothing: %j', async (body, path) => {
  const before = (await ask('GET', '/v1/tenants/acme')).body
  const refused = await change('acme', body)
  expect(refused).toMatchObject({ status: 400, body: { code: 'invalid_request', errors: [{ path }] } })
  expect(refused.body.errors[0].message).toMatch(/expected|known|Too/i)
  expect((await ask('GET', '/v1/tenants/acme')).body).toEqual(before)
})

it.each(['Acme', '-acme', 'a%2Fb', '%20', 'ac\u00f6me', 'a'.repeat(65)])(
  'knows no tenant that is called %s',
  async (id) => {
    const refused = { status: 404, body: { code: 'tenant_not_found', detail: expect.stringContaining('1 to 64') } }
    expect(await change(id, { weight: 2 })).toMatchObject(refused)
    expect(await ask('GET', `/v1/tenants/${id}`)).toMatchObject(refused)
  },
)

it('is for administrators alone, but every key sees its own', async () => {
  const key = await keyOf('viewer')
  for (const [method, path] of [
    ['GET', '/v1/tenants'],
    ['GET', '/v1/tenants/viewer'],
    ['PATCH', '/v1/tenants/viewer'],
  ] as const) {
    const body = method === 'PATCH' ? { weight: 9 } : undefined
    expect(await ask(method, path, { key, body })).toMatchObject({ status: 403, body: { code: 'scope_missing' } })
  }
  expect(await ask('GET', '/v1/tenant', { key })).toMatchObject({ status: 200, body: { id: 'viewer' } })
  expect(await ask('GET', '/v1/tenants/nobody')).toMatchObject({ status: 404, body: { code: 'tenant_not_found' } })
})
