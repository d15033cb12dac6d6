/** How many workers a model needs, over the API and a real Redis, read as KEDA's scaler `metrics-api` reads it. */
import { manifestSchema, type ModelScale } from '@millrace/contracts'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { chartQuestions } from '../../../../test/support/chart/chart-questions.ts'
import { newJob } from '../../../../test/support/open-test-queue.ts'
import { holdJob, takeJobs } from '../../../../test/support/take-jobs.ts'
import { type KeyedApi, openKeyedApi, ROOT } from '../keyed-api.fixture.ts'

let close: KeyedApi['close']
let queue: KeyedApi['queue']
let api: KeyedApi['api']
let raw: KeyedApi['raw']
let readerKey: string

const manifest = (version: string) =>
  manifestSchema.parse({ name: 'ocr', version, input_schema: {}, output_schema: { const: version } })

beforeAll(async () => {
  ;({ raw, queue, api, close } = await openKeyedApi(({ models, scaling }) => ({ models, scaling })))
  const headers = { authorization: `Bearer ${ROOT}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ name: 'keda', tenant: 'keda', scopes: ['metrics'], models: ['ocr'] })
  const made = await api.app.request('/v1/keys', { method: 'POST', headers, body })
  readerKey = ((await made.json()) as { key: string }).key
})
afterAll(() => close())

beforeEach(async () => {
  const [first] = await raw.keys('{mr:*}:manifest')
  const keys = first === undefined ? [] : await raw.keys(first.replace('manifest', '*'))
  if (keys.length > 0) await raw.del(...keys)
  await queue.models.publish(manifest('1'), 'w_1', 2, { busy: 0.25, loadMs: 4000 })
})

async function ask(query = '', key = readerKey) {
  const answer = await api.app.request(`/v1/models/ocr/scale${query}`, { headers: { authorization: `Bearer ${key}` } })
  return { status: answer.status, text: await answer.text() }
}
const scale = async (query = ''): Promise<ModelScale> => JSON.parse((await ask(query)).text) as ModelScale

/** The worker ends as it was asked to: nobody serves the model any more. */
const leave = () => queue.models.withdraw(manifest('1'), 'w_1')

/**
 * What KEDA makes of an answer: a path of names and numbers with dots between (a part of GJSON's paths), `#(name=="value")` for the first of a
 * list that has it, and then a number, or a text that is a quantity. All else is an error, upon which it changes nothing.
 */
function kedaReads(body: string, valueLocation: string): number {
  let value: unknown = JSON.parse(body)
  for (const part of valueLocation.match(/#\([^)]*\)|[^.]+/g) ?? []) {
    const [, name, wanted] = /^#\((\w+)=="?([^")]*)"?\)$/.exec(part) ?? []
    const list = value as Record<string, unknown>[]
    value =
      name === undefined ? (value as Record<string, unknown>)?.[part] : list.find((one) => String(one[name]) === wanted)
  }
  if (typeof value === 'string' && /^\d+(\.\d+)?(m|k|M|G)?$/.test(value)) return Number.parseFloat(value)
  if (typeof value !== 'number') throw new TypeError(`${valueLocation} must point to a number, got ${typeof value}`)
  return value
}

const submit = (version = '1', extra: Partial<Parameters<typeof newJob>[0]> = {}) =>
  queue.jobs.submit(newJob({ model: 'ocr', tenant: 'acme', line: `v:${version}`, version, ...extra }))

it('says numbers and nothing else wherever an autoscaler may read, with and without workers', async () => {
  const paths = [
    ...['queue_depth', 'oldest_wait_seconds', 'workers', 'slots', 'busy_fraction', 'desired_workers', 'running'],
    ...['pools.0.desired_workers', 'pools.#(version=="1").queue_depth', 'pools.#(current==true).busy_fraction'],
  ]
  for (const step of [() => undefined, () => submit(), leave]) {
    await step()
    const { status, text } = await ask()
    expect(status).toBe(200)
    for (const path of paths) expect(kedaReads(text, path)).toBeGreaterThanOrEqual(0)
  }
  expect(() => kedaReads('{"a":null}', 'a')).toThrow('must point to a number')
})

it('answers what the chart has KEDA ask', async () => {
  await leave()
  const questions = chartQuestions()
  expect(questions.length).toBeGreaterThanOrEqual(4)
  for (const { query, place } of questions) {
    const answer = await ask(query.replace(/version=[^&]*/, 'version=1'))
    expect(answer, query).toMatchObject({ status: 200 })
    expect(kedaReads(answer.text, place)).toBe(Number(/min_workers=(\d+)/.exec(query)?.[1]))
  }
})

it('goes from zero to one as soon as a job waits, and back to none, or to what must be there', async () => {
  await leave()
  expect(await scale()).toMatchObject({ desired_workers: 0, reason: 'idle', queue_depth: 0, workers: 0, slots: 0 })
  expect(await scale('?min_workers=2')).toMatchObject({ desired_workers: 2, reason: 'min' })
  await submit()
  expect(await scale()).toMatchObject({ desired_workers: 1, reason: 'demand', queue_depth: 1, running: 0 })
  expect(await scale('?min_workers=2')).toMatchObject({ desired_workers: 2, reason: 'min' })
})

it('reckons with what was measured: places, load time, run time, and how busy workers are', async () => {
  const job = newJob({ model: 'ocr', line: 'v:1' })
  await queue.jobs.submit(job)
  const hold = await holdJob(queue, job, { version: '1' })
  await queue.attempts.succeed(hold, { output: { value: { inline: '1' }, files: [] }, runSeconds: 4 })
  for (let i = 0; i < 60; i++) await submit()
  await takeJobs(queue, 'ocr', { lines: ['v:1'], places: 2, alone: false })
  const { pools, ...whole } = await scale()
  expect(whole).toMatchObject({ queue_depth: 58, running: 2, workers: 1, slots: 2, busy_fraction: 0.25 })
  expect(pools).toMatchObject([
    { version: '1', current: true, slots_per_worker: 2, cold_start_seconds: 4, run_seconds: expect.closeTo(4, 0) },
  ])
  // 58 jobs of 4 s in 26 s are 9 places.
  expect(whole.desired_workers).toBe(5)
  expect((await scale('?target_wait_seconds=200')).desired_workers).toBe(1)
  expect((await scale('?cold_start_seconds=15')).desired_workers).toBeGreaterThan(whole.desired_workers)
  expect(await scale('?max_workers=3')).toMatchObject({ desired_workers: 3, reason: 'max' })
})

it('counts jobs that are pinned to a version to the workers of that version', async () => {
  await queue.models.publish(manifest('2'), 'w_2', 4)
  for (const version of ['1', '1', '2']) await submit(version)
  expect(await scale()).toMatchObject({ queue_depth: 3, workers: 2, slots: 6, version: null })
  expect(await scale('?version=1')).toMatchObject({ queue_depth: 2, workers: 1, slots: 2, desired_workers: 1 })
  expect(await scale('?version=2')).toMatchObject({ queue_depth: 1, workers: 1, slots: 4, desired_workers: 1 })
  expect((await scale('?version=2')).lines).toMatchObject([{ version: '2', pool: '2', queue_depth: 1, slots: 4 }])
})

it('tells how long the oldest waits that may start, and leaves out what waits for its time', async () => {
  await queue.models.publish(manifest('1'), 'w_1', 2, { busy: 0, loadMs: 4000 })
  await submit('1', { runAt: Date.now() + 3_600_000 })
  expect(await scale()).toMatchObject({ queue_depth: 0, scheduled: 1, oldest_wait_seconds: 0, desired_workers: 0 })
  const job = newJob({ model: 'ocr', line: 'v:1' })
  await queue.jobs.submit(job)
  const [record] = await raw.keys(`*job:${job.id}`)
  await raw.hset(record as string, 'created_us', String((Date.now() - 90_000) * 1000))
  const waited = (await scale()).oldest_wait_seconds
  expect([waited >= 90, waited < 100]).toEqual([true, true])
  // It ran meanwhile, and waits again.
  await queue.attempts.release(await holdJob(queue, job), false)
  expect((await scale()).oldest_wait_seconds).toBeLessThan(10)
})

it('keeps to a need for a while, for whoever asks for the same', async () => {
  for (let i = 0; i < 200; i++) await submit()
  const { desired_workers: most } = await scale()
  expect(most).toBeGreaterThan(1)
  await queue.models.pause('ocr', { submits: 'take' } as never)
  expect(await scale()).toMatchObject({ desired_workers: most, reason: 'paused' })
  await queue.models.resume('ocr', {} as never)
  const { records } = await takeJobs(queue, 'ocr', { lines: ['v:1'], places: 200, alone: false })
  expect(records.length).toBeGreaterThan(0)
  expect((await scale()).desired_workers).toBe(most)
  const [kept] = await raw.keys('*:needed:30000:')
  expect(await raw.pttl(kept as string)).toBeGreaterThan(600_000)
})

it('is told as metrics too, by model and version', async () => {
  await submit()
  const headers = { authorization: `Bearer ${ROOT}` }
  const text = await (await api.app.request('/metrics', { headers })).text()
  const labels = ['{model="ocr",version=""}', '{model="ocr",version="1"}']
  for (const of of labels) {
    expect(text).toContain(`millrace_queue_depth${of} 1`)
    expect(text).toContain(`millrace_desired_workers${of} 1`)
    expect(text).toContain(`millrace_slots${of} 2`)
    expect(text).toContain(`millrace_busy_ratio${of} 0.25`)
  }
  expect(text).toMatch(/millrace_oldest_wait_seconds\{model="ocr",version=""\} 0\.\d+/)
})

it('costs the same whatever waits: one call, and another one when more is needed than before', async () => {
  const cost = async (): Promise<number> => {
    await scale()
    await raw.config('RESETSTAT')
    await scale()
    const stats = [...(await raw.info('commandstats')).matchAll(/cmdstat_[^:]+:calls=(\d+)/g)]
    return stats.reduce((sum, [, calls]) => sum + Number(calls), 0)
  }
  await submit()
  const few = await cost()
  const jobs = Array.from({ length: 200 }, (_, i) => submit('1', { tenant: `t${i % 40}` }))
  await Promise.all(jobs)
  const many = await cost()
  // Of each tenant that is looked at, the first job.
  expect(many - few).toBeLessThan(25 * 3 + 10)
  await Promise.all(jobs.map((_, i) => submit('1', { tenant: `t${i % 40}` })))
  expect((await cost()) - many).toBeLessThan(10)
})

it('keeps to the most where the bounds cross, and raises it where only the least was given', async () => {
  expect(await scale('?min_workers=5&max_workers=4')).toMatchObject({
    min_workers: 5,
    max_workers: 4,
    desired_workers: 4,
  })
  expect(await scale('?min_workers=101')).toMatchObject({ max_workers: 101, desired_workers: 101 })
})

it('refuses what it cannot answer, and who may not ask', async () => {
  expect((await ask('?target_wait_seconds=0')).status).toBe(400)
  expect((await ask('?target_wait_seconds=1e3')).status).toBe(400)
  expect((await ask('?version=9')).text).toContain('version_not_available')
  const other = await api.app.request('/v1/models/other/scale', { headers: { authorization: `Bearer ${readerKey}` } })
  expect(other.status).toBe(403)
  const none = await api.app.request('/v1/models/other/scale', { headers: { authorization: `Bearer ${ROOT}` } })
  expect(none.status).toBe(404)
  const headers = { authorization: `Bearer ${ROOT}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ name: 'a test', tenant: 'acme', scopes: ['viewer'] })
  const made = await api.app.request('/v1/keys', { method: 'POST', headers, body })
  const { key } = (await made.json()) as { key: string }
  expect((await ask('', key)).status).toBe(403)
})
