/** Minutes of a model, over the API and a real Redis: each thing once, told to operators alone. */
import { isoTime, type ModelStats, manifestSchema } from '@millrace/contracts'
import { Lengths } from '@millrace/queue'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newJob } from '../../../../test/support/open-test-queue.ts'
import { holdJob, ownLine } from '../../../../test/support/take-jobs.ts'
import { statsRows } from './stats-rows.ts'
import { type KeyedApi, openKeyedApi, ROOT } from '../keyed-api.fixture.ts'

let close: KeyedApi['close']
let queue: KeyedApi['queue']
let api: KeyedApi['api']
let raw: KeyedApi['raw']

beforeAll(async () => {
  ;({ raw, queue, api, close } = await openKeyedApi(({ minutes, models }) => ({ minutes, models })))
  const manifest = { name: 'ocr', version: '1', input_schema: {}, output_schema: {} }
  await queue.models.publish(manifestSchema.parse(manifest), 'w')
})
afterAll(() => close())

async function ask(path: string, key = ROOT) {
  const answer = await api.app.request(path, { headers: { authorization: `Bearer ${key}` } })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

async function run(runSeconds: number, end: 'succeed' | 'fail'): Promise<void> {
  const job = newJob({ model: 'ocr', line: ownLine(), maxAttempts: 2 })
  await queue.jobs.submit(job)
  const hold = await holdJob(queue, job)
  const error = { code: 'model_error', message: 'no', retryable: true } as const
  if (end === 'succeed')
    await queue.attempts.succeed(hold, { output: { value: { inline: '1' }, files: [] }, runSeconds })
  else await queue.attempts.fail(hold, { blame: 'final', error, runSeconds })
}

it('tells what was submitted and how it ended, how long it waited and ran', async () => {
  await run(0.5, 'succeed')
  await run(1.5, 'succeed')
  await run(4, 'fail')
  const canceled = newJob({ model: 'ocr' })
  await queue.jobs.submit(canceled)
  await queue.jobs.cancel(canceled.id, 'default')
  const { status, body } = await ask('/v1/models/ocr/stats')
  expect(status).toBe(200)
  const stats = body as unknown as ModelStats
  expect(stats.total).toEqual({
    ...{ submitted: 4, reran: 0, succeeded: 2, failed: 1, canceled: 1 },
    wait: { count: 3, mean: expect.any(Number), p50: expect.any(Number), p95: expect.any(Number) },
    run: { count: 3, mean: 2, p50: 1.5, p95: 4 },
  })
  expect(stats.data.reduce((sum, row) => sum + row.submitted, 0)).toBe(4)
  expect(Date.parse(stats.to) - Date.parse(stats.since)).toBe(3_600_000)
  const merged = (await ask('/v1/models/ocr/stats?every=60')).body as unknown as ModelStats
  expect([merged.data.length, merged.data[0]]).toEqual([1, { at: merged.since, ...stats.total }])
  // It is bounded: what is older than a day goes by itself.
  const [key = ''] = await raw.keys('*:minute:*')
  expect(await raw.ttl(key)).toBeGreaterThan(86_000)
})

it('tells operators alone, and of a day at most', async () => {
  const body = JSON.stringify({ name: 'a test', tenant: 'acme', scopes: ['operator'] })
  const headers = { authorization: `Bearer ${ROOT}`, 'content-type': 'application/json' }
  const made = await api.app.request('/v1/keys', { method: 'POST', headers, body })
  const { key } = (await made.json()) as { key: string }
  expect(await ask('/v1/models/ocr/stats', key)).toMatchObject({ status: 403, body: { code: 'scope_missing' } })
  const since = (hours: number) => `?since=${isoTime(Date.now() - hours * 3_600_000)}`
  expect(await ask(`/v1/models/ocr/stats${since(25)}`)).toMatchObject({
    status: 400,
    body: { code: 'invalid_request' },
  })
  expect(await ask(`/v1/models/ocr/stats${since(23)}`)).toMatchObject({ status: 200 })
  expect(await ask(`/v1/models/ocr/stats${since(-1)}`)).toMatchObject({ status: 200, body: { data: [] } })
  expect(await ask('/v1/models/ocr/stats?every=0')).toMatchObject({ status: 400 })
  expect(await ask('/v1/models/none/stats')).toMatchObject({ status: 404 })
})

it('puts minutes together without a loss, and leaves out those in which nothing happened', () => {
  const lengths = (step: number, count: number, sumMs: number) => {
    const all = new Lengths()
    all.add(step, count, sumMs)
    return all
  }
  const minute = (at: number, run: Lengths) => ({
    ...{ minute: at, submitted: 1, reran: 0, succeeded: 1, failed: 0, canceled: 0, wait: new Lengths(), run },
  })
  const minutes = [
    minute(100, lengths(30, 9, 9000)),
    minute(104, lengths(40, 1, 10_000)),
    minute(111, lengths(30, 1, 1000)),
  ]
  const rows = statsRows(minutes, 100, 5)
  expect(rows.map(({ at }) => Date.parse(at) / 60_000)).toEqual([100, 110])
  expect(rows[0]).toMatchObject({ submitted: 2, wait: null, run: { count: 10, mean: 1.9, p50: 1, p95: 10 } })
})
