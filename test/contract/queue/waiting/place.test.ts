/** Where a job waits, as its tenant may know it: why, from when on a time is told, what is refused, and nothing of others. */
import { type JobRecord, manifestSchema } from '@millrace/contracts'
import { lineOfContract, linesOf, type NewJob } from '@millrace/queue'
import { expect, test } from 'vitest'
import { openQueueStand } from '../../../support/open-queue-stand.ts'
import { newJob, openTestQueue, TEST_LINE } from '../../../support/open-test-queue.ts'
import { takeJobs } from '../../../support/take-jobs.ts'
import { prefixOf } from '../device-pool.ts'

const { redis, raw, queue } = await openQueueStand({ lockMs: 600_000, views: { freshMs: 0 } })

const manifestOf = (name: string) =>
  manifestSchema.parse({ name, version: '1.0.0', input_schema: { type: 'object' }, output_schema: {} })

async function submit(job: Partial<NewJob>): Promise<JobRecord> {
  const result = await queue.jobs.submit(newJob(job))
  if (result.outcome !== 'created') throw new Error(result.outcome)
  return result.record
}

/** A worker with one place, which has run so many jobs of ten seconds each. */
async function serve(model: string, runs: number, line = TEST_LINE): Promise<void> {
  await queue.models.publish(manifestOf(model), 'w', 1)
  for (let i = 0; i < runs; i++) {
    await submit({ model, line, tenant: 'before' })
    await runNext(model)
  }
}

/** Of all lines of the model. Answers whose job that was. */
async function runNext(model: string, runSeconds = 10): Promise<JobRecord> {
  const [record] = (await takeJobs(queue, model, { lines: linesOf(manifestOf(model)) })).records
  await queue.attempts.succeed(record!, { output: { value: { inline: '1' }, files: [] }, runSeconds })
  return record!
}

test('a time is told from the twentieth run on, of which the one that runs is a part', async () => {
  const model = 'cold'
  await serve(model, 19)
  await submit({ model })
  await takeJobs(queue, model)
  const waiting = await submit({ model })
  expect(await queue.jobs.place(waiting)).toEqual({ position: 1, ahead: 0, eta: null, why: 'busy', workers: 1 })
  await raw.hincrby(`${prefixOf(waiting.id)}runs:${TEST_LINE}`, '53', 16)
  const place = await queue.jobs.place(waiting)
  expect(place?.eta?.p50).toBeGreaterThanOrEqual(6)
  expect(place?.eta?.p50).toBeLessThanOrEqual(12)
  expect(place?.eta?.p90).toBeGreaterThanOrEqual(place?.eta?.p50 as number)
})

test('says why: nobody serves it, a worker loads its model, it is paused, its time has not come, the tenant is at its limit', async () => {
  const model = 'reasons'
  const job = await submit({ model, tenant: 'capped' })
  const why = async () => (await queue.jobs.place(job))?.why
  expect(await why()).toBe('no_worker')
  const told = {
    label: model,
    name: model,
    version: null,
    reason: null,
    refused: false,
    places: 0,
    held: 0,
    slots: [],
    ahead: [],
  }
  const self = { host: 'here', pid: 1, millrace_version: '0', state: 'up' as const, held: 0, devices: [] }
  await queue.workers.beat('w', { ...self, models: [{ ...told, state: 'failed' }] })
  expect(await why()).toBe('no_worker')
  await queue.workers.beat('w', { ...self, models: [{ ...told, state: 'loading' }] })
  expect(await why()).toBe('loading')
  await queue.models.publish(manifestOf(model), 'w', 3)
  expect(await why()).toBeNull()
  await queue.models.pause(model, { submits: 'take' })
  expect(await why()).toBe('paused')
  await queue.models.resume(model, {})
  const later = await submit({ model, runAt: Date.now() + 60_000 })
  expect(await queue.jobs.place(later)).toMatchObject({ position: null, ahead: null, why: 'scheduled' })
  await queue.tenants.change('capped', { running_jobs: 1 })
  await queue.tenantUpkeep.tend()
  expect((await takeJobs(queue, model)).records.map(({ id }) => id)).toEqual([job.id])
  const next = await submit({ model, tenant: 'capped' })
  expect(await queue.jobs.place(next)).toMatchObject({ position: 1, why: 'tenant_limit', workers: 1 })
})

test('says why: it may have taken its worker down, and waits for one that does nothing else', async () => {
  const model = 'suspects'
  await queue.models.publish(manifestOf(model), 'w', 2)
  const job = await submit({ model, maxAttempts: 3 })
  await takeJobs(queue, model)
  await raw.zadd(`${prefixOf(job.id)}lease`, 1, job.id)
  await queue.upkeep.reconcile(model)
  const place = { position: null, ahead: null, eta: null, why: 'suspect', workers: 1 }
  expect(await queue.jobs.place(job)).toEqual(place)
})

test('a look costs as many commands with 1,000 tenants that wait as with 250', async () => {
  const model = 'crowd'
  await queue.models.publish(manifestOf(model), 'w', 1)
  const crowd = async (from: number, to: number) =>
    Promise.all(Array.from({ length: to - from }, (_, i) => submit({ model, tenant: `t${from + i}` })))
  const commands = async () => {
    const counts = (await raw.info('commandstats')).matchAll(/^cmdstat_(\w+).*?calls=(\d+)/gm)
    return [...counts].reduce((sum, [, name, calls]) => sum + (name === 'info' ? 0 : Number(calls)), 0)
  }
  const costOf = async (job: JobRecord) => {
    const before = await commands()
    const place = await queue.jobs.place(job)
    await queue.jobs.tryOut(newJob({ model, tenant: 'new' }))
    expect(place?.position).toBe(1)
    return (await commands()) - before
  }
  const some = await costOf((await crowd(0, 250)).at(-1)!)
  const all = await costOf((await crowd(250, 1000)).at(-1)!)
  expect(all).toBe(some)
  expect(all).toBeLessThan(2000)
})

test('a tenant learns no number of another: whether it has 9 jobs or 13, all that is shown is the same', async () => {
  const shown: unknown[] = []
  for (const others of [9, 13]) {
    const model = `secret-${others}`
    await serve(model, 40)
    const own: JobRecord[] = []
    for (let i = 0; i < 30; i++) own.push(await submit({ model, tenant: 'reader' }))
    for (let i = 0; i < others; i++) await submit({ model, tenant: 'other' })
    // What an account of its own submits would say of the other's pace is not what is looked at here.
    await raw.del(`${prefixOf(own[0]!.id)}index:other:queued`)
    shown.push(await Promise.all(own.map((one) => queue.jobs.place(one))))
  }
  const [few, many] = shown as { position: number; ahead: number }[][]
  expect(many).toEqual(few)
  expect(few?.map(({ position, ahead }) => [position, ahead])).toEqual(Array.from({ length: 30 }, (_, i) => [i + 1, i]))
})

test('a tenant has one turn over all lines of a worker: its pinned jobs, that ran and that wait, put back those that are not', async () => {
  const model = 'two-lines'
  const line = lineOfContract(manifestOf(model), 'prediction')
  await serve(model, 20, TEST_LINE)
  await serve(model, 30, line)
  for (let i = 0; i < 7; i++) await submit({ model, tenant: 'reader' })
  for (let i = 0; i < 30; i++) await submit({ model, line, tenant: 'other' })
  expect((await runNext(model, 60)).tenant).toBe('reader')
  const tried = await queue.jobs.tryOut(newJob({ model, line, tenant: 'reader' }))
  const own = await submit({ model, line, tenant: 'reader' })
  const place = await queue.jobs.place(own)
  expect(place).toMatchObject({ position: 1, ahead: 6 })
  expect(tried).toMatchObject({ place: { ahead: 6, eta: place?.eta } })
  let before = 0
  while ((await runNext(model)).id !== own.id) before++
  expect(before).toBeGreaterThan(15)
  expect(place?.eta?.p50).toBeGreaterThan(before * 10 * 0.85)
  expect(place?.eta?.p50).toBeLessThan(before * 10 * 1.25)
})

test('a trial keeps nothing, tells the wait and the refusals of a submit, and whether the job would be late', async () => {
  const model = 'trial'
  await serve(model, 30)
  const prefix = prefixOf(newJob({ model }).id)
  for (let i = 0; i < 20; i++) await submit({ model })
  const before = await raw.keys(`${prefix}*`)
  const key = { key: 'k', bodyHash: 'hash' }
  const trial = (job: Partial<NewJob>) => queue.jobs.tryOut(newJob({ model, idempotency: key, ...job }))
  const soon = await trial({ expiresInSeconds: 5 })
  expect(soon).toMatchObject({ outcome: 'possible', isLate: true, place: { position: 21, ahead: 20, why: 'busy' } })
  expect(await trial({})).toMatchObject({ outcome: 'possible', isLate: false })
  expect(await trial({ priority: 'high' })).toMatchObject({ place: { position: 1 } })
  expect((await raw.keys(`${prefix}*`)).sort()).toEqual(before.sort())

  const kept = await submit({ model, idempotency: key })
  expect(await trial({})).toEqual({ outcome: 'replayed', id: kept.id })
  expect(await trial({ idempotency: { ...key, bodyHash: 'other' } })).toMatchObject({ outcome: 'mismatch' })
  const small = openTestQueue(redis.url, { limits: { tenantJobs: 21, modelJobs: 100, retentionSeconds: 60 } })
  const full = newJob({ model })
  expect(await small.jobs.tryOut(full)).toEqual(await small.jobs.submit(full))
  await small.close()
  await queue.models.pause(model, { submits: 'refuse' })
  expect(await queue.jobs.tryOut(newJob({ model }))).toEqual({ outcome: 'paused' })
})

test('nothing is called late while nothing is known', async () => {
  const job = newJob({ model: 'unknown', expiresInSeconds: 0.001 })
  expect(await queue.jobs.tryOut(job)).toMatchObject({ outcome: 'possible', isLate: false, place: { eta: null } })
})
