import { type Cancellation, type CancellationRequest, type JobId, manifestSchema } from '@millrace/contracts'
import { lineOfVersion } from '@millrace/queue'
import { beforeEach, describe, expect, it } from 'vitest'
import { newJob, openTestQueue } from '../../support/open-test-queue.ts'
import { openQueueStand } from '../../support/open-queue-stand.ts'
import { statusOf } from '../../support/record-and-events.ts'
import { takeJobs } from '../../support/take-jobs.ts'

/** Canceling all jobs that match: which are met, how often each is counted, and what becomes of it when nobody goes on. */

const { raw, redis, queue } = await openQueueStand()
const { cancellations } = queue

beforeEach(() => raw.flushall())

async function submit(change: Parameters<typeof newJob>[0] = {}): Promise<JobId> {
  const job = newJob({ model: 'ocr', ...change })
  await queue.jobs.submit(job)
  return job.id
}

const publish = (name: string) =>
  queue.models.publish(manifestSchema.parse({ name, version: '1', input_schema: {}, output_schema: {} }), 'w')

/** Begins it and does all pages, as upkeep would. */
async function cancelAll(filter: CancellationRequest): Promise<Cancellation> {
  const { id, models } = await cancellations.begin('default', filter)
  await finish(models)
  return (await cancellations.get(id, 'default'))!
}

/** What keeps pages apart is over after some milliseconds. */
async function finish(models: string[]): Promise<void> {
  for (const model of models) while (await cancellations.page(model));
}

const statuses = (ids: JobId[]) => Promise.all(ids.map((id) => statusOf(queue, id)))

describe('canceling all that match', () => {
  it('ends what waits, tells what runs, touches nothing else, and counts exactly', async () => {
    const [running, ...waiting] = [await submit(), await submit(), await submit()]
    const other = await submit({ model: 'other' })
    const foreign = await submit({ tenant: 'else' })
    await takeJobs(queue, 'ocr')
    const told = await cancelAll({ model: 'ocr' })
    expect(told).toMatchObject({ status: 'done', canceled: 2, stopping: 1, filter: { model: 'ocr' } })
    expect(Date.parse(told.finished_at!)).toBeGreaterThanOrEqual(Date.parse(told.created_at))
    expect(await statuses([running!, ...waiting, other, foreign])).toEqual([
      ...['running', 'canceled', 'canceled', 'queued', 'queued'],
    ])
    // Again: what was told is told once.
    expect(await cancelAll({ model: 'ocr' })).toMatchObject({ canceled: 0, stopping: 0 })
  })

  it('leaves jobs alone that came later, however long it takes', async () => {
    const before = await submit()
    const { models } = await cancellations.begin('default', { model: 'ocr' })
    const after = await submit()
    await finish(models)
    expect(await statuses([before, after])).toEqual(['canceled', 'queued'])
  })

  it('goes by status, version and time of creation', async () => {
    const [running, pinned, free] = [await submit(), await submit({ line: lineOfVersion('2 b') }), await submit()]
    await takeJobs(queue, 'ocr', { version: '2 b' })
    expect(await cancelAll({ model: 'ocr', version: '2 b' })).toMatchObject({ canceled: 1, stopping: 1 })
    expect(await statuses([running, pinned, free])).toEqual(['running', 'canceled', 'queued'])
    expect(await cancelAll({ model: 'ocr', status: 'running' })).toMatchObject({ canceled: 0, stopping: 0 })
    const midway = new Date(Date.now() + 3_600_000).toISOString()
    expect(await cancelAll({ model: 'ocr', created_after: midway })).toMatchObject({ canceled: 0 })
    const past = new Date(Date.now() - 3_600_000).toISOString()
    expect(await cancelAll({ model: 'ocr', created_before: past })).toMatchObject({ canceled: 0 })
    expect(await cancelAll({ model: 'ocr', created_after: past, created_before: midway })).toMatchObject({
      canceled: 1,
    })
  })

  it('takes all models when none is named', async () => {
    for (const model of ['ocr', 'asr']) await publish(model)
    const jobs = [await submit(), await submit({ model: 'asr' })]
    expect(await cancelAll({ status: 'queued' })).toMatchObject({ status: 'done', canceled: 2 })
    expect(await statuses(jobs)).toEqual(['canceled', 'canceled'])
  })

  it('goes on where it was, whoever does the next page, and meets none twice', async () => {
    const jobs: JobId[] = []
    await Promise.all(Array.from({ length: 180 }, async () => jobs.push(await submit())))
    await takeJobs(queue, 'ocr', { places: 20, alone: false })
    const { id, models } = await cancellations.begin('default', { model: 'ocr' })
    expect(await cancellations.page('ocr')).toBe(true)
    const halfway = await cancellations.get(id, 'default')
    expect(halfway).toMatchObject({ status: 'running', finished_at: null })
    expect(halfway!.canceled + halfway!.stopping).toBe(50)
    // Others do the rest, at once.
    const others = [openTestQueue(redis.url), openTestQueue(redis.url)]
    await Promise.all([
      finish(models),
      ...others.map(async (one) => {
        while (await one.upkeep.cancelPage('ocr'));
      }),
    ])
    await Promise.all(others.map((one) => one.close()))
    expect(await cancellations.get(id, 'default')).toMatchObject({ status: 'done', canceled: 160, stopping: 20 })
    expect((await statuses(jobs)).filter((status) => status === 'queued')).toEqual([])
  })

  it('meets a job that goes from running to waiting between two pages', async () => {
    const jobs: JobId[] = []
    for (let i = 0; i < 120; i++) jobs.push(await submit())
    const { records } = await takeJobs(queue, 'ocr', { places: 120, alone: false })
    const { id, models } = await cancellations.begin('default', { model: 'ocr' })
    await cancellations.page('ocr')
    const last = records.find((one) => one.id === jobs.at(-1))!
    await queue.attempts.release({ id: last.id, fence: last.fence }, false)
    await finish(models)
    expect(await cancellations.get(id, 'default')).toMatchObject({ canceled: 1, stopping: 119 })
  })

  it('is told to upkeep until it is done', async () => {
    await submit()
    expect(await queue.upkeep.reconcile('ocr')).toMatchObject({ cancels: false })
    await cancellations.begin('default', { model: 'ocr' })
    expect(await queue.upkeep.reconcile('ocr')).toMatchObject({ cancels: true })
    await finish(['ocr'])
    expect(await queue.upkeep.reconcile('ocr')).toMatchObject({ cancels: false })
  })

  it('is known to its tenant alone', async () => {
    const { id } = await cancellations.begin('default', { model: 'ocr' })
    expect(await cancellations.get(id, 'else')).toBeUndefined()
    expect(await cancellations.get('can_nonsense', 'default')).toBeUndefined()
  })
})
