import { type JobError, type Manifest, manifestSchema } from '@millrace/contracts'
import { lineOfVersion, linesOf } from '@millrace/queue'
import { beforeEach, expect, it } from 'vitest'
import { newJob } from '../../support/open-test-queue.ts'
import { openQueueStand } from '../../support/open-queue-stand.ts'
import { takeJobs } from '../../support/take-jobs.ts'

/** Which version takes the submits that name none, and how one that fails loses its share. */

const MODEL = 'steered'
const { raw, queue } = await openQueueStand()
const prefix = `{mr:${newJob({ model: MODEL }).id.slice(4, 12)}}:`

const manifest = (version: string): Manifest =>
  manifestSchema.parse({ name: MODEL, version, input_schema: { type: 'object' }, output_schema: {} })
const [one, two, three] = ['1', '2', '3'].map(manifest) as [Manifest, Manifest, Manifest]

beforeEach(async () => {
  await raw.flushall()
  await queue.models.publish(one, 'w_1')
  await queue.models.publish(two, 'w_2')
})

const current = async () => (await queue.models.get(MODEL))?.manifest.version
const events = async () => (await queue.steering.steering(MODEL)).events.map(({ type, version }) => [type, version])

it('keeps the version that an operator promoted, goes back to the one before, and follows the newest again', async () => {
  expect(await current()).toBe('2')
  expect(await queue.steering.promote(MODEL, '9')).toBe('missing')
  await queue.steering.promote(MODEL, '1')
  await queue.models.publish(three, 'w_3')
  await queue.models.withdraw(one, 'w_1')
  await queue.models.publish(three, 'w_3')
  expect(await current()).toBe('1')
  await queue.steering.promote(MODEL, '3')
  await queue.steering.rollback(MODEL)
  expect([await current(), (await queue.steering.steering(MODEL)).previous]).toEqual(['1', '3'])
  await queue.steering.promote(MODEL, null)
  expect(await current()).toBe('3')
  await queue.models.publish(manifest('4'), 'w_4')
  expect(await current()).toBe('4')
  expect((await events()).slice(0, 5)).toEqual([
    ['followed', '4'],
    ['promoted', '3'],
    ['rolled_back', '1'],
    ['promoted', '3'],
    ['promoted', '1'],
  ])
})

it('splits traffic between versions that are known, and makes that of the largest share current if none was set', async () => {
  expect(await queue.steering.split(MODEL, [{ version: '9', share: 10 }], null)).toEqual({
    ...{ outcome: 'missing', version: '9' },
  })
  const shares = [
    { version: '1', share: 90 },
    { version: '2', share: 10 },
  ]
  await queue.steering.split(MODEL, shares, null)
  expect([await current(), await queue.steering.traffic(MODEL)]).toMatchObject(['1', shares])
  await queue.models.withdraw(two, 'w_2')
  expect(await queue.steering.traffic(MODEL)).toMatchObject([{ version: '1', share: 90 }])
  expect(await queue.upkeep.tendSteering(MODEL)).toMatchObject([
    { type: 'followed', version: '2' },
    { type: 'promoted', version: '1' },
    { type: 'traffic' },
    { type: 'unserved', version: '2', share: 10 },
  ])
  // Each is told once.
  expect(await queue.upkeep.tendSteering(MODEL)).toEqual([])
  expect((await queue.upkeep.reconcile(MODEL)).steered).toBe(true)
  await queue.models.publish(two, 'w_2')
  expect(await queue.upkeep.tendSteering(MODEL)).toMatchObject([{ type: 'served', version: '2' }])
  await queue.steering.split(MODEL, [], null)
  expect(await queue.steering.traffic(MODEL)).toEqual([])
  expect(await current()).toBe('1')
})

type End = 'succeed' | 'model' | 'crash' | 'platform' | 'cancel' | 'wrong input'

/** Jobs that the split gave to a version, or a client did, and how each ended. */
async function run(by: Manifest, ends: readonly End[], routed = true): Promise<void> {
  const line = lineOfVersion(by.version)
  const jobs = ends.map(() => newJob({ model: MODEL, version: by.version, line, routed, maxAttempts: 1 }))
  for (const job of jobs) await queue.jobs.submit(job)
  for (const end of ends) {
    const [record] = (await takeJobs(queue, MODEL, { lines: linesOf(by), version: by.version })).records
    if (!record) throw new Error('nothing was taken')
    const { attempts } = queue
    const error: Omit<JobError, 'attempt'> = { code: 'model_error', message: 'no', retryable: false }
    if (end === 'succeed')
      await attempts.succeed(record, { output: { value: { inline: '1' }, files: [] }, runSeconds: 1 })
    else if (end === 'cancel') await attempts.stop(record)
    else if (end === 'wrong input')
      await attempts.fail(record, { blame: 'final', error: { ...error, code: 'invalid_input' } })
    else if (end === 'model') await attempts.fail(record, { blame: 'model', error })
    else await attempts.fail(record, { blame: 'final', error: { ...error, code: 'timeout' } })
  }
}
const many = (count: number, every: number): End[] =>
  Array.from({ length: count }, (_, i) => (i % every === 0 ? 'model' : 'succeed'))

const split = () =>
  queue.steering.split(
    MODEL,
    [
      { version: '1', share: 90 },
      { version: '2', share: 10 },
    ],
    { jobs: 20, margin: 0.1 },
  )

it('takes the share from a version that fails more often, gives it to the current one, and says why', async () => {
  await split()
  await run(one, many(60, 100))
  await run(two, many(15, 5))
  await queue.upkeep.tendSteering(MODEL)
  expect((await queue.steering.steering(MODEL)).traffic[1]?.share).toBe(10)
  await run(two, many(10, 4))
  expect(await queue.upkeep.tendSteering(MODEL)).toMatchObject([
    { type: 'returned', version: '2', failed: 6, jobs: 25 },
  ])
  const { traffic, returned, outcomes } = await queue.steering.steering(MODEL)
  expect(traffic).toEqual([
    { version: '1', share: 100 },
    { version: '2', share: 0 },
  ])
  expect(returned.get('2')).toMatchObject({ share: 10, failed: 6, jobs: 25, others_failed: 1, others_jobs: 60 })
  expect(outcomes.get('2')).toEqual({ succeeded: 19, failed: 6 })
})

it('blames a version for its own failures only, and counts only what the split gave to it', async () => {
  await split()
  await run(one, many(40, 100))
  await run(
    two,
    Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 'cancel' : 'wrong input')),
  )
  await run(
    two,
    Array.from({ length: 20 }, () => 'model'),
    false,
  )
  await run(two, many(20, 100))
  expect((await queue.upkeep.tendSteering(MODEL)).map(({ type }) => type)).not.toContain('returned')
  expect((await queue.steering.steering(MODEL)).outcomes.get('2')).toEqual({ succeeded: 19, failed: 1 })
})

it('compares anew after so many jobs, so that what fails late does not hide behind what was well', async () => {
  await split()
  await run(one, many(40, 100))
  await run(
    two,
    Array.from({ length: 20 }, () => 'succeed'),
  )
  await queue.upkeep.tendSteering(MODEL)
  await run(one, many(40, 100))
  await run(two, many(20, 5))
  expect((await queue.upkeep.tendSteering(MODEL)).map(({ type }) => type)).toContain('returned')
})

it('counts nothing without a split', async () => {
  const line = lineOfVersion('1')
  await queue.jobs.submit(newJob({ model: MODEL, version: '1', line }))
  const [record] = (await takeJobs(queue, MODEL, { lines: linesOf(one), version: '1' })).records
  if (record) await queue.attempts.succeed(record, { output: { value: { inline: '1' }, files: [] }, runSeconds: 1 })
  expect(await raw.exists(`${prefix}tally`)).toBe(0)
  await queue.upkeep.tendSteering(MODEL)
  expect((await queue.upkeep.reconcile(MODEL)).steered).toBe(false)
})
