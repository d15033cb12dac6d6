/** What was used, over the API and a real Redis: counted once, told to whom it belongs, and to nobody else. */
import type { OwnTenant, Usage } from '@millrace/contracts'
import { newJobId } from '@millrace/queue'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newJob } from '../../../../test/support/open-test-queue.ts'
import { holdJob, ownLine } from '../../../../test/support/take-jobs.ts'
import { type KeyedApi, openKeyedApi, ROOT } from '../keyed-api.fixture.ts'

const MODELS = ['ocr', 'upscale']

let close: KeyedApi['close']
let queue: KeyedApi['queue']
let api: KeyedApi['api']
let raw: KeyedApi['raw']

beforeAll(async () => {
  ;({ raw, queue, api, close } = await openKeyedApi(({ usage, tenants }) => ({ usage, tenants })))
  await raw.sadd('mr:models', ...MODELS)
})
afterAll(() => close())

async function makeKey(tenant: string, more: Record<string, unknown> = {}): Promise<{ id: string; key: string }> {
  const body = JSON.stringify({ name: 'a test', tenant, scopes: ['viewer'], ...more })
  const headers = { authorization: `Bearer ${ROOT}`, 'content-type': 'application/json' }
  const answer = await api.app.request('/v1/keys', { method: 'POST', headers, body })
  return (await answer.json()) as { id: string; key: string }
}

async function ask(query: string, key = ROOT, headers: Record<string, string> = {}) {
  const answer = await api.app.request(`/v1/usage${query}`, { headers: { authorization: `Bearer ${key}`, ...headers } })
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}

const usageOf = async (query: string, key = ROOT): Promise<Usage> => {
  const { status, text } = await ask(query, key)
  expect([status, text]).toEqual([200, expect.anything()])
  return JSON.parse(text) as Usage
}

/** A job that ran for so many seconds and gave four bytes. */
async function useUp(tenant: string, key: string | null, model: string, runSeconds: number): Promise<void> {
  const job = newJob({ id: newJobId(model), tenant, key, model, line: ownLine() })
  await queue.jobs.submit(job)
  await queue.attempts.succeed(await holdJob(queue, job), {
    output: { value: { inline: '"ab"' }, files: [] },
    runSeconds,
  })
}

const today = async (): Promise<string> => new Date(Number((await raw.time())[0]) * 1000).toISOString().slice(0, 10)

it('adds up what was used by day, model and key, and tells a tenant of nothing but its own', async () => {
  const [one, two] = [await makeKey('acme'), await makeKey('acme', { models: ['ocr'] })]
  const other = await makeKey('other')
  await useUp('acme', one.id, 'ocr', 1.5)
  await useUp('acme', one.id, 'ocr', 2)
  await useUp('acme', two.id, 'upscale', 4)
  await useUp('acme', null, 'ocr', 0.001)
  await useUp('other', other.id, 'ocr', 100)
  const day = await today()

  const { data, total, ...rest } = await usageOf('?by=key,model,day', one.key)
  expect(rest).toMatchObject({ object: 'usage', to: day, by: ['day', 'model', 'key'] })
  const ended = (n: number, seconds: number) => ({
    ...{ submitted: n, reran: 0, succeeded: n, failed: 0, expired: 0, canceled: 0, queue_seconds: expect.any(Number) },
    ...{ run_seconds: seconds, device_seconds: seconds, bytes_in: 2 * n, bytes_out: 4 * n, retried: 0 },
  })
  expect(data).toEqual([
    { day, model: 'ocr', key: null, ...ended(1, 0.001) },
    { day, model: 'ocr', key: one.id, ...ended(2, 3.5) },
    { day, model: 'upscale', key: two.id, ...ended(1, 4) },
  ])
  expect(total).toEqual(ended(4, 7.501))
  // The second key may use one model only.
  expect((await usageOf('?by=model', two.key)).data).toEqual([{ model: 'ocr', ...ended(3, 3.501) }])
  expect((await usageOf('', other.key)).total).toEqual(ended(1, 100))
  expect((await usageOf('?model=upscale', other.key)).data).toEqual([])
  // An administrator is told of its own tenant, of another one, or of all.
  expect((await usageOf('')).total).toEqual(ended(0, 0))
  expect((await usageOf('?tenant=other')).total).toEqual(ended(1, 100))
  expect((await usageOf('?by=tenant')).data).toEqual([
    { tenant: 'acme', ...ended(4, 7.501) },
    { tenant: 'other', ...ended(1, 100) },
  ])
})

it('counts what came back into the line by itself, and not what was given back', async () => {
  const job = newJob({ id: newJobId('ocr'), tenant: 'again', model: 'ocr', line: ownLine(), maxAttempts: 2 })
  await queue.jobs.submit(job)
  await queue.attempts.release(await holdJob(queue, job), false)
  const error = { code: 'model_error', message: 'no', retryable: true } as const
  const failed = { blame: 'model', error } as const
  await queue.attempts.fail(await holdJob(queue, job), failed)
  expect((await usageOf('?tenant=again')).total).toMatchObject({ submitted: 1, reran: 0, retried: 1, failed: 0 })
})

it('tells a tenant what is left of its day and of its room', async () => {
  const key = await makeKey('left')
  await useUp('left', key.id, 'ocr', 2)
  await useUp('left', null, 'upscale', 1.5)
  const answer = await api.app.request('/v1/tenant', { headers: { authorization: `Bearer ${key.key}` } })
  const { limits } = (await answer.json()) as OwnTenant
  expect(limits.device_seconds_per_day).toMatchObject({ limit: null, used: 3.5, remaining: null })
  expect(Date.parse(limits.device_seconds_per_day.resets_at ?? '') % 86_400_000).toBe(0)
  expect(limits.stored_bytes).toEqual({ limit: null, used: 0, remaining: null, resets_at: null })
})

it('answers with CSV to whoever asks for that', async () => {
  const key = await makeKey('sheet')
  await useUp('sheet', key.id, 'ocr', 2)
  const { headers, text } = await ask('?by=day,model,key', key.key, { accept: 'text/csv' })
  expect(headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present')
  const [names, row, end, ...more] = text.split('\r\n')
  expect(names).toMatch(/^day,model,key,submitted,/)
  expect(row).toMatch(new RegExp(`^${await today()},ocr,${key.id},1,0,1,0,0,0,[0-9.]+,2,2,2,4,0$`))
  expect([end, more]).toEqual(['', []])
})

it('keeps what was used for ninety days, whatever becomes of the jobs', async () => {
  const job = newJob({ id: newJobId('ocr'), tenant: 'brief', model: 'ocr', line: ownLine() })
  await queue.jobs.submit(job)
  const hold = await holdJob(queue, job)
  const files = [
    { id: `${job.id}.0`, pointer: '', key: 'k', size: 1000, sha256: '', content_type: 'text/plain', name: 'a' },
  ]
  const output = { value: { inline: 'null' }, files: files as never }
  await queue.attempts.succeed(hold, { output, runSeconds: 1 })
  // The reply was lost and the worker tells it again.
  await queue.attempts.succeed(hold, { output, runSeconds: 1 })
  await queue.jobs.purge(job.id, 'brief')
  expect((await usageOf('?tenant=brief')).total).toMatchObject({
    submitted: 1,
    succeeded: 1,
    run_seconds: 1,
    bytes_out: 1004,
  })
  const lives = await Promise.all((await raw.keys('*:usage:*')).map((key) => raw.ttl(key)))
  expect(Math.min(...lives)).toBeGreaterThan(90 * 86_400)
})

it.each([
  ['?from=2026-02-30', '/from'],
  ['?from=1999-01-01', '/from'],
  ['?from=2999-01-02&to=2999-01-01', '/from'],
  ['?by=day,week', '/by'],
  ['?by=', '/by'],
  ['?model=Ocr', '/model'],
  ['?tenant=../x', '/tenant'],
  ['?days=3', '/days'],
])('refuses %s', async (query, path) => {
  const { status, text } = await ask(query)
  expect([status, JSON.parse(text)]).toEqual([
    400,
    expect.objectContaining({ errors: [expect.objectContaining({ path })] }),
  ])
})

it.each([
  ['?tenant=other', 'scope_missing'],
  ['?by=tenant', 'scope_missing'],
  ['?model=upscale', 'model_not_allowed'],
])('does not tell a tenant what %s asks for', async (query, code) => {
  const { key } = await makeKey('nosy', { models: ['ocr'] })
  const { status, text } = await ask(query, key)
  expect([status, (JSON.parse(text) as { code: string }).code]).toEqual([403, code])
})

it('needs the scope to read jobs', async () => {
  const { key } = await makeKey('acme', { scopes: ['files'] })
  expect((await ask('', key)).status).toBe(403)
})
