/** Keys over the API and a real Redis: made once, shown without their text, and only as good as their scopes and models. */
import { createHash } from 'node:crypto'
import { newJobId } from '@millrace/queue'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type KeyedApi, openKeyedApi, ROOT } from '../keyed-api.fixture.ts'

let close: KeyedApi['close']
let queue: KeyedApi['queue']
let api: KeyedApi['api']

beforeAll(async () => {
  ;({ queue, api, close } = await openKeyedApi())
})
afterAll(() => close())

async function ask(method: string, path: string, key = ROOT, body?: unknown) {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const answer = await api.app.request(path, {
    method,
    headers,
    body: body === undefined ? null : JSON.stringify(body),
  })
  const text = await answer.text()
  return {
    status: answer.status,
    body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> & { code?: string },
  }
}

interface Made {
  id: string
  key: string
}

async function make(asked: Record<string, unknown> = {}): Promise<Made & Record<string, unknown>> {
  const { status, body } = await ask('POST', '/v1/keys', ROOT, { name: 'a test', scopes: ['client'], ...asked })
  expect([status, body]).toEqual([201, expect.objectContaining({ object: 'api_key' })])
  return body as Made & Record<string, unknown>
}

it('shows the text of a key once, keeps its digest, and lets it in for its tenant', async () => {
  const made = await make({ tenant: 'acme', name: ' web backend ', scopes: ['jobs:read', 'viewer'] })
  expect(made).toMatchObject({
    ...{ tenant: 'acme', name: 'web backend', scopes: ['jobs:read', 'models:read'], models: null, status: 'active' },
    ...{ created_by: null, expires_at: null, last_used_at: null, revoked_at: null, replaced_by: null },
  })
  expect(made.key).toMatch(/^mr_[0-9a-hjkmnp-tv-z]{16}_[0-9a-hjkmnp-tv-z]{52}$/)
  const { key, ...shown } = made
  expect((await ask('GET', `/v1/keys/${made.id}`)).body).toEqual(shown)
  expect((await ask('GET', '/v1/models', key)).status).toBe(200)
  const kept = await queue.keys.get(made.id)
  expect(kept?.digest).toBe(createHash('sha256').update(key).digest('hex'))
  expect(JSON.stringify(kept)).not.toContain(key.slice(-52))
})

it('refuses what a key has no scope for, and names the scope', async () => {
  const { key } = await make({ scopes: ['viewer'] })
  const refused = await ask('POST', '/v1/models/ocr/jobs', key, { input: { text: 'a' } })
  expect([refused.status, refused.body]).toEqual([
    403,
    expect.objectContaining({ code: 'scope_missing', detail: 'This needs the scope jobs:write.' }),
  ])
  for (const path of ['/v1/keys', '/metrics', '/v1/webhook-endpoints']) {
    expect((await ask('GET', path, key)).body.code).toBe('scope_missing')
  }
  const admin = await make({ scopes: ['admin'] })
  const second = await ask('POST', '/v1/keys', admin.key, { name: 'by another key', scopes: ['files'] })
  expect(second.body).toMatchObject({ created_by: admin.id })
})

it('lets a key use its models and no others', async () => {
  const { key } = await make({ models: ['whisper'], scopes: ['operator'] })
  expect((await ask('GET', '/v1/models', key)).body).toMatchObject({ data: [] })
  for (const path of ['/v1/models/ocr', '/v1/models/none', '/v1/jobs?model=ocr']) {
    expect((await ask('GET', path, key)).body.code).toBe('model_not_allowed')
  }
  expect((await ask('POST', '/v1/models/ocr/jobs', key, { input: { text: 'a' } })).body.code).toBe('model_not_allowed')
  for (const path of ['/v1/webhook-endpoints', '/v1/webhook-deliveries', '/v1/webhook-secret']) {
    expect((await ask('GET', path, key)).body.code).toBe('model_not_allowed')
  }
  const job = newJobId('ocr')
  for (const path of [`/v1/jobs/${job}`, `/v1/jobs/${job}/events`, `/v1/jobs/${job}/output`]) {
    expect((await ask('GET', path, key)).body.code).toBe('job_not_found')
  }
  expect((await ask('GET', `/v1/files/file_${job.slice(4)}_o0`, key)).body.code).toBe('file_not_found')
})

it('gives one answer for a key that is unknown, has ended, or is malformed', async () => {
  const revoked = await make()
  expect((await ask('DELETE', `/v1/keys/${revoked.id}`)).body).toMatchObject({ status: 'revoked' })
  expect((await ask('DELETE', `/v1/keys/${revoked.id}`)).status).toBe(200)
  const other = await make()
  const wrong = [
    revoked.key,
    `mr_${'0'.repeat(16)}_${'0'.repeat(52)}`,
    `${other.key.slice(0, -1)}${other.key.endsWith('0') ? '1' : '0'}`,
    `mr_${other.id}_`,
    other.id,
    '',
  ]
  const answers = await Promise.all(wrong.map((key) => ask('GET', '/v1/models', key)))
  const bodies = answers.map(({ status, body }) => ({ status, ...body, request_id: '' }))
  expect(bodies).toEqual(bodies.map(() => ({ ...bodies[0], status: 401, code: 'unauthorized' })))
})

it('rotates a key: both are good for the overlap, which never makes the old one live longer', async () => {
  const old = await make({ tenant: 'acme', models: ['ocr'] })
  const next = await ask('POST', `/v1/keys/${old.id}/rotate`, ROOT, { overlap_seconds: 3600 })
  expect(next.body).toMatchObject({ tenant: 'acme', models: ['ocr'], scopes: old['scopes'], name: 'a test' })
  for (const key of [old.key, (next.body as unknown as Made).key]) {
    expect((await ask('GET', '/v1/models', key)).status).toBe(200)
  }
  expect((await ask('GET', `/v1/keys/${old.id}`)).body).toMatchObject({
    replaced_by: next.body['id'],
    status: 'active',
  })
  const soon = new Date(Date.now() + 60_000).toISOString()
  const short = await make({ expires_at: soon })
  await ask('POST', `/v1/keys/${short.id}/rotate`, ROOT, { overlap_seconds: 3600 })
  expect((await ask('GET', `/v1/keys/${short.id}`)).body).toMatchObject({ expires_at: soon })
  await ask('DELETE', `/v1/keys/${short.id}`)
  expect((await ask('POST', `/v1/keys/${short.id}/rotate`, ROOT, {})).body.code).toBe('key_ended')
})

it.each([
  [{ scopes: ['jobs:fly'] }, '/scopes/0'],
  [{ scopes: [] }, '/scopes'],
  [{ tenant: 'A/../b' }, '/tenant'],
  [{ tenant: '-a' }, '/tenant'],
  [{ name: ' ' }, '/name'],
  [{ name: undefined }, '/name'],
  [{ models: [] }, '/models'],
  [{ models: ['no model'] }, '/models/0'],
  [{ expires_at: '2020-01-01T00:00:00Z' }, '/expires_at'],
  [{ expires_at: 'tomorrow' }, '/expires_at'],
])('refuses %j, and makes nothing', async (asked, path) => {
  const count = async () => (await queue.keys.list({ limit: 100 })).keys.length
  const before = await count()
  const { status, body } = await ask('POST', '/v1/keys', ROOT, { name: 'a', scopes: ['client'], ...asked })
  expect([status, body]).toEqual([400, expect.objectContaining({ errors: [expect.objectContaining({ path })] })])
  expect(await count()).toBe(before)
})

it('lists keys in pages, of one tenant or of all, and never a text', async () => {
  const ids = []
  for (let i = 0; i < 5; i++) ids.push((await make({ tenant: 'beta' })).id)
  const listed: string[] = []
  let cursor = ''
  do {
    const { body } = await ask('GET', `/v1/keys?tenant=beta&limit=2${cursor}`)
    const page = body as unknown as { data: { id: string }[]; next_cursor: string | null }
    listed.push(...page.data.map(({ id }) => id))
    expect(JSON.stringify(page)).not.toMatch(/mr_|digest/)
    cursor = page.next_cursor ? `&cursor=${page.next_cursor}` : 'end'
  } while (cursor !== 'end')
  expect(listed).toEqual(ids.toReversed())
})
