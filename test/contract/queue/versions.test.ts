import { type Manifest, manifestSchema } from '@millrace/contracts'
import { lineOfContract, lineOfVersion, linesOf } from '@millrace/queue'
import { beforeEach, expect, it } from 'vitest'
import { newJob } from '../../support/open-test-queue.ts'
import { openQueueStand } from '../../support/open-queue-stand.ts'
import { recordOf } from '../../support/record-and-events.ts'
import { takeJobs } from '../../support/take-jobs.ts'

/** Which version a job may run on, and what is known of versions. */

const MODEL = 'versioned'
const { raw, queue } = await openQueueStand()
const prefix = `{mr:${newJob({ model: MODEL }).id.slice(4, 12)}}:`

beforeEach(() => raw.flushall())

const manifest = (version: string, change: Partial<Manifest> = {}): Manifest =>
  manifestSchema.parse({
    ...{ name: MODEL, version, input_schema: { type: 'object', properties: { a: { type: 'string' } } } },
    ...{ output_schema: { type: 'string' }, ...change },
  })
const old = manifest('1.0.0')
/** With the same schemas, written in another order. */
const patch = manifest('1.0.1', { input_schema: { properties: { a: { type: 'string' } }, type: 'object' } })
const next = manifest('2.0.0', { input_schema: { type: 'object', properties: { b: { type: 'number' } } } })

const takes = async (by: Manifest) =>
  (await takeJobs(queue, MODEL, { lines: linesOf(by), version: by.version, places: 10 })).records.map(({ id }) => id)

it('gives a pinned job to its version only', async () => {
  const job = newJob({ model: MODEL, version: '1.0.0', line: lineOfVersion('1.0.0') })
  await queue.jobs.submit(job)
  expect([await takes(patch), await takes(next)]).toEqual([[], []])
  expect(await takes(old)).toEqual([job.id])
})

it('gives any other job to every version with the schemas that it was accepted by, and to none else', async () => {
  const jobs = [old, old, next].map((by) => newJob({ model: MODEL, line: lineOfContract(by, 'prediction') }))
  for (const job of jobs) await queue.jobs.submit(job)
  expect((await takeJobs(queue, MODEL, { lines: linesOf(patch), version: '1.0.1' })).records).toMatchObject([
    { id: jobs[0]?.id, version: '1.0.1' },
  ])
  expect([await takes(next), await takes(old)]).toEqual([[jobs[2]?.id], [jobs[1]?.id]])
})

it('tells contracts apart by kind and by schemas, and by nothing else', () => {
  const trained = manifest('1', {
    training: { input_schema: old.input_schema, output_schema: old.output_schema, timeout_seconds: 1 },
  })
  const contract = lineOfContract(old, 'prediction')
  expect(lineOfContract(patch, 'prediction')).toBe(contract)
  expect(lineOfContract(manifest('9', { description: 'other', timeout_seconds: 3 }), 'prediction')).toBe(contract)
  expect(lineOfContract(next, 'prediction')).not.toBe(contract)
  expect(lineOfContract(trained, 'training')).not.toBe(contract)
  expect(linesOf(trained)).toHaveLength(3)
})

/** The same schemas as `old`, with words for people. */
const told = manifest('1.0.2', {
  input_schema: { title: 'In', type: 'object', properties: { a: { description: 'A letter', type: 'string' } } },
  output_schema: { type: 'string', examples: ['b'] },
})
/** How workers and APIs that hashed schemas whole call the contract of `told`. */
const FORMER_LINE = 'c:a1peeg6gf6'

it('counts nothing in a contract that a schema only tells people', async () => {
  const contract = lineOfContract(told, 'prediction')
  expect(contract).toBe(lineOfContract(old, 'prediction'))
  const filled = manifest('1.0.3', {
    input_schema: { type: 'object', properties: { a: { type: 'string', default: 'x' } } },
  })
  expect(lineOfContract(filled, 'prediction')).not.toBe(contract)
  const job = newJob({ model: MODEL, line: lineOfContract(old, 'prediction') })
  await queue.jobs.submit(job)
  expect(await takes(told)).toEqual([job.id])
})

it('serves what waits in the line that former processes put jobs of its schemas into', async () => {
  const job = newJob({ model: MODEL, line: FORMER_LINE })
  await queue.jobs.submit(job)
  expect(await takes(told)).toEqual([job.id])
})

it('puts jobs where the worker looks that published the version, be it a former one', async () => {
  const lineOf = async () => {
    const state = await queue.models.get(MODEL)
    return state && lineOfContract(state.manifest, 'prediction')
  }
  await queue.models.publish(told, 'w_new')
  expect(await lineOf()).toBe(lineOfContract(told, 'prediction'))
  // As a former worker publishes.
  await raw.hset(`${prefix}versions`, '1.0.2', JSON.stringify(told))
  await raw.set(`${prefix}manifest`, JSON.stringify(told))
  expect(await lineOf()).toBe(FORMER_LINE)
  const version = await queue.models.version(MODEL, '1.0.2')
  expect(version && linesOf(version)).toEqual(['v:1.0.2', FORMER_LINE])
})

it('serves the older of two heads first, whichever line it is in, so neither pins nor others starve', async () => {
  const lines = [lineOfVersion('1.0.0'), lineOfContract(old, 'prediction')]
  const jobs = [0, 1, 0, 1].map((i) => newJob({ model: MODEL, line: lines[i] }))
  for (const job of jobs) await queue.jobs.submit(job)
  const given: (string | undefined)[] = []
  for (const _ of jobs) given.push((await takeJobs(queue, MODEL, { lines: linesOf(old) })).records[0]?.id)
  expect(given).toEqual(jobs.map(({ id }) => id))
})

it('checks submits against the version that was brought in last, and goes back when nobody has that one any more', async () => {
  const current = async () => (await queue.models.get(MODEL))?.manifest.version
  await queue.models.publish(old, 'w_old')
  await queue.models.publish(next, 'w_next')
  // Both publish again and again.
  await queue.models.publish(old, 'w_old')
  expect(await current()).toBe('2.0.0')
  expect(await queue.models.version(MODEL, '1.0.0')).toEqual(old)
  expect(await queue.models.version(MODEL, '3')).toBeUndefined()
  await queue.models.withdraw(next, 'w_next')
  await queue.models.publish(old, 'w_old')
  expect(await current()).toBe('1.0.0')
})

it('lists the versions, who serves them, and what waits for nobody', async () => {
  expect(await queue.models.versions(MODEL)).toBeUndefined()
  await queue.models.publish(old, 'w_1')
  await queue.models.publish(next, 'w_2')
  const stranded = newJob({ model: MODEL, line: lineOfContract(old, 'prediction') })
  await queue.jobs.submit(stranded)
  await queue.models.withdraw(old, 'w_1')
  const seen = await queue.models.versions(MODEL)
  expect(seen?.versions).toMatchObject([
    { manifest: { version: '2.0.0' }, isCurrent: true, workers: 1 },
    { manifest: { version: '1.0.0' }, isCurrent: false, workers: 0 },
  ])
  expect(seen?.lines.filter(({ queued }) => queued > 0)).toEqual([
    { line: lineOfContract(old, 'prediction'), queued: 1, workers: 0, places: 0, paused: false },
  ])
  const place = await queue.jobs.place(await recordOf(queue, stranded.id))
  expect(place).toEqual({ position: 1, ahead: 0, eta: null, why: 'no_worker', workers: 0 })
})

it('forgets the oldest versions that nobody has, when there are very many', async () => {
  for (let i = 0; i < 115; i++) {
    await queue.models.publish(manifest(`${i}`), `w_${i}`)
    if (i !== 3) await queue.models.withdraw(manifest(`${i}`), `w_${i}`)
  }
  const versions = (await queue.models.versions(MODEL))?.versions.map((one) => one.manifest.version) ?? []
  expect(versions.length).toBeLessThanOrEqual(101)
  expect(versions).toContain('3')
  expect(versions).not.toContain('2')
  expect(await raw.exists(`${prefix}workers:2`)).toBe(0)
})
