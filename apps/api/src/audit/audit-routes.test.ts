/** The audit over the API and a real Redis: what is written of whom, what never is, and that nothing is done unheard. */
import type { AuditEntry } from '@millrace/contracts'
import type { AuditLog } from '@millrace/queue'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { openQueueStand } from '../../../../test/support/open-queue-stand.ts'
import { silent } from '../../../../test/support/open-test-queue.ts'
import { CONFIG, createFixture, testManifest } from '../app.fixture.ts'
import { KeyRing } from '../http/access/key-ring.ts'

const ROOT = 'the-key-of-the-settings'
const { raw, queue } = await openQueueStand()
const { jobs, models, workers, cancellations, relocations, steering, webhooks, keys } = queue
const ring = new KeyRing(keys, silent)
/** What the audit does in place of Redis. */
let fault: Partial<AuditLog> = {}
const audit: AuditLog = {
  begin: (...args) => (fault.begin ?? queue.audit.begin.bind(queue.audit))(...args),
  add: (...args) => (fault.add ?? queue.audit.add.bind(queue.audit))(...args),
  list: (query) => queue.audit.list(query),
}
const config = { ...CONFIG, apiKey: ROOT }
const stores = { jobs, models, workers, cancellations, relocations, steering, webhooks, keys, audit }
const api = await createFixture({ ...stores, keyRing: ring, config })

beforeAll(() => ring.start())
afterAll(async () => {
  await ring.stop(0)
  await api.close()
})
beforeEach(async () => {
  fault = {}
  await raw.flushall()
  await models.publish(testManifest, 'w_1', 3)
})

// oxlint-disable-next-line typescript/no-explicit-any -- answers of many shapes
async function ask(method: string, path: string, body?: unknown, key = ROOT): Promise<{ status: number; body: any }> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const sent = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) }
  const response = await api.app.request(path, sent)
  return { status: response.status, body: await response.json().catch(() => null) }
}

async function entries(query = ''): Promise<AuditEntry[]> {
  const { status, body } = await ask('GET', `/v1/audit${query}`)
  expect(status).toBe(200)
  return body.data
}

const makeKey = async (tenant: string, scopes: string[]): Promise<{ key: string; id: string }> =>
  (await ask('POST', '/v1/keys', { tenant, name: 'a name', scopes })).body

it('tells of a change of settings what was set before and after, by whom, and about what', async () => {
  await ask('POST', '/v1/models/ocr/pause', { submits: 'refuse' })
  await ask('POST', '/v1/models/ocr/resume', {})
  const [resumed, paused] = await entries()
  expect(paused).toMatchObject({
    ...{ object: 'audit_entry', action: 'model.pause', subject: 'ocr', tenant: null, outcome: 'done', code: null },
    ...{ by: { tenant: 'default', key: null, address: null }, before: { paused: null } },
    after: { paused: { submits: 'refuse' } },
  })
  expect(resumed).toMatchObject({ action: 'model.resume', before: paused?.after, after: { paused: null } })
})

it('tells of keys whose they are and what they may do, never their text or name', async () => {
  const made = await makeKey('acme', ['client'])
  const next = (await ask('POST', `/v1/keys/${made.id}/rotate`, { overlap_seconds: 60 })).body
  await ask('DELETE', `/v1/keys/${next.id}`)
  const found = await entries('?tenant=acme')
  expect(found.map(({ action, subject }) => [action, subject])).toEqual([
    ['key.revoke', next.id],
    ['key.rotate', made.id],
    ['key.create', made.id],
  ])
  expect(found[1]?.after).toMatchObject({ replaced_by: next.id, overlap_seconds: 60 })
  const text = JSON.stringify(found)
  for (const secret of [made.key.slice(-52), next.key.slice(-52), 'a name']) expect(text).not.toContain(secret)
})

it('tells what a tenant did with its webhooks, without addresses and descriptions', async () => {
  const { key, id } = await makeKey('acme', ['webhooks'])
  const url = 'https://hooks.example.com/in?token=hidden'
  const made = await ask('POST', '/v1/webhook-endpoints', { url, events: ['job.failed'], description: 'hidden' }, key)
  const one = made.body.id
  await ask('PATCH', `/v1/webhook-endpoints/${one}`, { events: ['job.succeeded'], description: 'hidden too' }, key)
  await ask('DELETE', '/v1/webhook-endpoints/hidden-by-a-stranger', undefined, key)
  const found = await entries(`?key=${id}`)
  expect(found).toMatchObject([
    { action: 'webhook_endpoint.remove', subject: null, outcome: 'refused' },
    {
      ...{ action: 'webhook_endpoint.change', subject: one, tenant: 'acme', by: { tenant: 'acme', key: id } },
      ...{ before: { events: ['job.failed'] }, after: { events: ['job.succeeded'], given: ['events', 'description'] } },
    },
    { action: 'webhook_endpoint.create', subject: one, outcome: 'done' },
  ])
  expect(JSON.stringify(found)).not.toContain('hidden')
})

it('tells what was refused, also for want of a scope, and nothing of strangers', async () => {
  const { key, id } = await makeKey('acme', ['client'])
  expect((await ask('POST', '/v1/workers/w_none/drain')).status).toBe(404)
  expect((await ask('POST', '/v1/models/ocr/pause', {}, key)).status).toBe(403)
  expect((await ask('POST', '/v1/models/ocr/pause', {}, 'no-such-key-at-all')).status).toBe(401)
  expect(await entries('?limit=2')).toMatchObject([
    { action: 'model.pause', by: { tenant: 'acme', key: id }, outcome: 'refused', code: 'scope_missing' },
    { action: 'worker.drain', subject: 'w_none', outcome: 'refused', code: 'worker_not_found' },
  ])
  expect((await ask('GET', '/v1/audit', undefined, key)).body.code).toBe('scope_missing')
})

it('tells of many jobs canceled at once, and nothing of one', async () => {
  const begun = await ask('POST', '/v1/cancellations', { model: 'ocr', status: 'queued' })
  await ask('POST', '/v1/jobs/job_0123456789abcdefghjkmnpqrstvwxyz0/cancel')
  expect(await entries()).toMatchObject([
    { action: 'jobs.cancel', subject: begun.body.id, tenant: 'default', after: { model: 'ocr', status: 'queued' } },
  ])
})

it('does nothing when it cannot be written that it is about to', async () => {
  fault.begin = () => Promise.reject(new Error('Redis is full'))
  const { status } = await ask('POST', '/v1/models/ocr/pause')
  expect([status, (await models.pauses('ocr')).model]).toEqual([500, null])
  fault = {}
  expect(await entries()).toEqual([])
})

it('answers as it was when the end cannot be written, and the entry says that this is not known', async () => {
  fault.add = () => Promise.reject(new Error('Redis is away'))
  expect((await ask('POST', '/v1/models/ocr/pause')).status).toBe(200)
  fault = {}
  const [id = ''] = await raw.zrange('{mr:access}:audit:begun', '0', '-1')
  await raw.zadd('{mr:access}:audit:begun', '1000', id)
  expect(await entries()).toMatchObject([{ id, action: 'model.pause', subject: 'ocr', outcome: 'unknown' }])
})

it('refuses a filter that it does not know', async () => {
  for (const query of ['?action=key.steal', '?tenant=A', '?since=yesterday', '?order=up', '?key=1', '?cursor=no']) {
    expect((await ask('GET', `/v1/audit${query}`)).body).toMatchObject({ status: 400, code: 'invalid_request' })
  }
})
