/** Actions on many jobs, over the API and a real Redis: what is refused, who may, and what is written down. */
import { type AuditEntry, type JobAction, manifestSchema } from '@millrace/contracts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newJob } from '../../../../test/support/open-test-queue.ts'
import { until } from '../../../../test/support/until.ts'
import { type KeyedApi, openKeyedApi, ROOT } from '../keyed-api.fixture.ts'

let close: KeyedApi['close']
let queue: KeyedApi['queue']
let api: KeyedApi['api']

beforeAll(async () => {
  ;({ queue, api, close } = await openKeyedApi(({ jobs, jobActions, audit, models, tenants }) => ({
    jobs,
    jobActions,
    audit,
    models,
    tenants,
  })))
  const manifest = { name: 'ocr', version: '1', input_schema: {}, output_schema: {} }
  await queue.models.publish(manifestSchema.parse(manifest), 'w')
})
afterAll(() => close())

async function ask(method: string, path: string, { key = ROOT, body }: { key?: string; body?: unknown } = {}) {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const answer = await api.app.request(`/v1${path}`, { method, headers, body: JSON.stringify(body) })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

const post = (body: unknown, key = ROOT) => ask('POST', '/job-actions', { body, key })

async function makeKey(more: Record<string, unknown>): Promise<string> {
  const { body } = await ask('POST', '/keys', { body: { name: 'a test', tenant: 'default', ...more } })
  return body['key'] as string
}

const submit = (count: number, order: string) =>
  Promise.all(Array.from({ length: count }, () => queue.jobs.submit(newJob({ model: 'ocr', metadata: { order } }))))

const ended = (id: unknown): Promise<JobAction> =>
  until('it has ended', async () => {
    const { body } = await ask('GET', `/job-actions/${String(id)}`)
    return body['finished_at'] === null ? undefined : (body as unknown as JobAction)
  })

it('refuses a filter without a condition, and one that was not counted', async () => {
  const faults = (path: string) => expect.arrayContaining([expect.objectContaining({ path })]) as unknown
  const refused = (path: string) => ({ status: 400, body: { code: 'invalid_request', errors: faults(path) } })
  expect(await post({ action: 'purge', filter: {}, expect_count: 0 })).toMatchObject(refused('/filter'))
  const noLabel = await post({ action: 'purge', filter: { metadata: {} }, expect_count: 0 })
  expect(noLabel).toMatchObject(refused('/filter/metadata'))
  expect(await post({ action: 'purge', filter: { model: 'ocr' } })).toMatchObject(refused('/expect_count'))
  expect(await post({ action: 'burn', filter: { model: 'ocr' }, dry_run: true })).toMatchObject(refused('/action'))
  expect(await ask('GET', '/job-actions/act_nonsense')).toMatchObject({ status: 404 })
})

it('counts, does nothing on another count than was expected, and does it on that one', async () => {
  const filter = { model: 'ocr', status: ['queued'], metadata: { order: 'a secret of hers' } }
  await submit(3, 'a secret of hers')
  await submit(1, 'another')
  const counted = await post({ action: 'cancel', filter, dry_run: true })
  expect(counted).toMatchObject({ status: 202, body: { status: 'done', dry_run: true, matched: 3, done: 0 } })
  const refused = await post({ action: 'cancel', filter, expect_count: 4 })
  expect(refused).toMatchObject({ status: 409, body: { code: 'count_mismatch', count: 3 } })
  const begun = await post({ action: 'cancel', filter, expect_count: 3 })
  expect(begun).toMatchObject({ status: 202, body: { matched: 3, expect_count: 3, filter } })
  expect(await ended(begun.body['id'])).toMatchObject({ status: 'done', done: 3, skipped: 0 })
  const { body } = await ask('GET', '/job-actions?limit=2')
  expect(body).toMatchObject({ data: [{ id: begun.body['id'] }, { status: 'refused' }] })

  const entries = await until('its end was written down', async () => {
    const { body: page } = await ask('GET', '/audit')
    const all = page['data'] as AuditEntry[]
    return all[0]?.action === 'job_action.ended' ? all : undefined
  })
  const after = { action: 'cancel', model: 'ocr', conditions: ['metadata', 'model', 'status'] }
  expect(entries.slice(0, 4)).toMatchObject([
    { action: 'job_action.ended', by: null, subject: begun.body['id'], after: { done: 3, status: 'done' } },
    { action: 'job_action.begin', subject: begun.body['id'], after: { ...after, expect_count: 3 }, outcome: 'done' },
    { action: 'job_action.begin', outcome: 'refused', code: 'count_mismatch' },
    { action: 'job_action.begin', after: { ...after, dry_run: true } },
  ])
  expect(JSON.stringify(entries)).not.toContain('a secret of hers')
})

it('asks for the scope that the same needs for one job', async () => {
  const reader = await makeKey({ scopes: ['viewer'] })
  const writer = await makeKey({ scopes: ['jobs:write', 'jobs:read'] })
  const wish = (action: string) => ({ action, filter: { model: 'ocr', status: ['failed'] }, dry_run: true })
  const missing = { status: 403, body: { code: 'scope_missing' } }
  for (const action of ['cancel', 'retry', 'purge']) expect(await post(wish(action), reader)).toMatchObject(missing)
  expect(await post(wish('retry'), writer)).toMatchObject({ status: 202 })
  for (const action of ['cancel', 'purge']) expect(await post(wish(action), writer)).toMatchObject(missing)
  const { body } = await post(wish('purge'))
  const cancel = (key: string) => ask('POST', `/job-actions/${String(body['id'])}/cancel`, { key })
  expect(await cancel(writer)).toMatchObject(missing)
  expect(await cancel(ROOT)).toMatchObject({ status: 202, body: { status: 'done' } })
  const elsewhere = await makeKey({ scopes: ['client'], models: ['other'] })
  expect(await post(wish('retry'), elsewhere)).toMatchObject({ status: 403, body: { code: 'model_not_allowed' } })
  expect(await ask('GET', `/job-actions/${String(body['id'])}`, { key: elsewhere })).toMatchObject({ status: 404 })
})
