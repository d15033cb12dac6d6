import type { JobId } from '@millrace/contracts'
import type { NewJob } from '@millrace/queue'
import { beforeEach, expect, it, vi } from 'vitest'
import { newJob, TEST_LINE } from '../../support/open-test-queue.ts'
import { holdJob, takeJobs } from '../../support/take-jobs.ts'
import { until } from '../../support/until.ts'
import { recordOf, statusOf } from '../../support/record-and-events.ts'
import { openQueueStand } from '../../support/open-queue-stand.ts'

/** What the reconciler asks of Redis: each call is one page, whatever the number of jobs that wait or have ended. */

const MODEL = 'upkeep'
const DAYS = 86_400_000

const { raw, queue } = await openQueueStand()
const prefix = `{mr:${newJob({ model: MODEL }).id.slice(4, 12)}}:`

beforeEach(() => raw.flushall())

async function submit(count: number, extra: Partial<NewJob> = {}): Promise<JobId[]> {
  const jobs = Array.from({ length: count }, () => newJob({ model: MODEL, ...extra }))
  await Promise.all(jobs.map((job) => queue.jobs.submit(job)))
  return jobs.map(({ id }) => id)
}

const row = `${prefix}wait:${TEST_LINE}:default`

/** Pages until there is no more, and what they did. */
async function reconcile() {
  const sum = { pages: 0, expired: 0, abandoned: 0, recovered: 0 }
  for (let more = true; more; sum.pages++) {
    const page = await queue.upkeep.reconcile(MODEL)
    sum.expired += page.expired
    sum.abandoned += page.abandoned
    sum.recovered += page.recovered
    more = page.more
  }
  return sum
}

/** What metrics show of it. */
const tally = () => raw.hgetall(`${prefix}tally`)

async function purge() {
  const purged: JobId[] = []
  let pages = 0
  for (let more = true; more; pages++) {
    const page = await queue.upkeep.purgeDue(MODEL)
    purged.push(...page.purged.map(({ id }) => id))
    more = page.more
  }
  return { purged, pages }
}

it('meets a deadline behind thousands of waiting jobs in the first page', async () => {
  await submit(3000)
  const [late] = await submit(1, { expiresInSeconds: 0.02 })
  await until('its time is over', async () => Number(await raw.hget(`${prefix}job:${late}`, 'expires_at')) < Date.now())
  expect(await queue.upkeep.reconcile(MODEL)).toMatchObject({ expired: 1, abandoned: 0, recovered: 0, more: false })
  expect(await statusOf(queue, late!)).toBe('failed')
  expect(await raw.zscore(row, late!), 'it waits no more').toBeNull()
})

it('expires a thousand at once, page by page', async () => {
  const ids = await submit(1000, { expiresInSeconds: 0.02 })
  await until('their time is over', async () => (await raw.zcount(`${prefix}open`, '-inf', Date.now() - 5)) === 1000)
  expect((await reconcile()).expired).toBe(1000)
  expect(await tally()).toEqual({ expired: '1000' })
  expect(await raw.zcard(row)).toBe(0)
  expect(await statusOf(queue, ids[999]!)).toBe('failed')
})

it('looks once at what an older version has on its list, and then no more before its deadline', async () => {
  const ids = await submit(300)
  await raw.zadd(`${prefix}open`, ...ids.flatMap((id) => [1, id]))
  expect(await reconcile()).toMatchObject({ expired: 0, recovered: 0 })
  expect(await raw.zcount(`${prefix}open`, '-inf', Date.now() + 3_500_000)).toBe(0)
  expect(await raw.zcard(`${prefix}open`)).toBe(300)
})

it('brings jobs whose time has come into the line, and takes up none before', async () => {
  const [soon] = (await submit(1, { runAt: Date.now() + DAYS })) as [JobId]
  const [later] = (await submit(1, { runAt: Date.now() + 2 * DAYS })) as [JobId]
  await reconcile()
  expect([await raw.zcard(`${prefix}later`), await raw.zcard(row)]).toEqual([2, 0])
  await raw.zadd(`${prefix}later`, 1, soon)
  await reconcile()
  expect([await raw.zrange(`${prefix}later`, '0', '-1'), await raw.zrange(row, '0', '-1')]).toEqual([[later], [soon]])
})

it('gives a retry out again by the clock of Redis, whatever the clock of its worker says', async () => {
  const [id] = (await submit(1, { maxAttempts: 3 })) as [JobId]
  const error = { code: 'model_error', message: '', retryable: true } as const
  const hold = await holdJob(queue, { id, model: MODEL })
  const now = Date.now.bind(Date)
  vi.spyOn(Date, 'now').mockImplementation(() => now() + 2 * DAYS)
  await queue.attempts.fail(hold, { blame: 'model', error })
  vi.restoreAllMocks()
  const due = Number(await raw.zscore(`${prefix}later`, id))
  expect(due - now()).toBeGreaterThan(0)
  expect(due - now()).toBeLessThanOrEqual(1000)
  await until('it is given out again', async () => (await takeJobs(queue, MODEL)).records.length === 1)
})

it('gives a lease by the clock of Redis, whatever the clock of its worker says', async () => {
  const [id] = (await submit(1)) as [JobId]
  const now = Date.now.bind(Date)
  vi.spyOn(Date, 'now').mockImplementation(() => now() - 2 * DAYS)
  await holdJob(queue, { id, model: MODEL })
  vi.restoreAllMocks()
  const left = Number(await raw.zscore(`${prefix}lease`, id)) - now()
  expect(left).toBeGreaterThan(0)
  expect(left).toBeLessThanOrEqual(2000)
})

it('puts a job back whose lease has ended, as one that runs alone, and counts the crash', async () => {
  const [id] = (await submit(1)) as [JobId]
  await holdJob(queue, { id, model: MODEL })
  await raw.zadd(`${prefix}lease`, 1, id)
  expect(await reconcile()).toMatchObject({ recovered: 1 })
  expect(await raw.zrange(`${prefix}suspect:${TEST_LINE}`, '0', '-1')).toEqual([id])
  expect(await recordOf(queue, id)).toMatchObject({ status: 'queued', crashes: 1, lost: 1 })
  expect(await tally()).toEqual({ requeued: '1' })
})

it('leaves nothing in any line of a job that is canceled or purged while it waits', async () => {
  const [canceled, purged] = (await submit(2)) as [JobId, JobId]
  const [putOff] = (await submit(1, { runAt: Date.now() + DAYS })) as [JobId]
  for (const id of [canceled, putOff]) await queue.jobs.cancel(id, 'default')
  await queue.jobs.purge(purged, 'default')
  expect(await raw.exists(row, `${prefix}later`, `${prefix}turn:${TEST_LINE}`, `${prefix}open`)).toBe(0)
  expect(await raw.hget(`${prefix}lines`, TEST_LINE)).toBe('0')
})

it('ends a cancel whose worker is lost, however many jobs wait', async () => {
  const [id] = (await submit(1)) as [JobId]
  await holdJob(queue, { id, model: MODEL })
  await submit(1000)
  await queue.jobs.cancel(id, 'default')
  await raw.zadd(`${prefix}lease`, 1, id)
  expect((await queue.upkeep.reconcile(MODEL)).abandoned).toBe(1)
  expect(await statusOf(queue, id)).toBe('canceled')
  expect(await tally()).toEqual({ canceled: '1' })
})

/** Jobs that have ended, and whose retention is over. */
async function over(count: number, extra: Partial<NewJob> = {}): Promise<JobId[]> {
  const ids = await submit(count, extra)
  await Promise.all(ids.map((id) => queue.jobs.cancel(id, 'default')))
  await raw.zadd(`${prefix}purge`, ...ids.flatMap((id) => [1, id]))
  return ids
}

it('purges what is due page by page, and asks for nothing more where nothing was stored', async () => {
  const ids = await over(500)
  const { purged } = await purge()
  expect(purged).toEqual([])
  expect(await Promise.all(ids.map((id) => statusOf(queue, id)))).toEqual(ids.map(() => 'purged'))
  expect((await raw.keys('*')).filter((key) => key.includes(':job:') || key.includes(':events:job_'))).toEqual([])
  expect(await raw.exists(`${prefix}purge`, `${prefix}open`, row, `${prefix}erasing`)).toBe(0)
})

it('shares the pages among all who purge at once', async () => {
  const stored = { key: 'jobs/default/x/input.json', size: 1, sha256: 'x' }
  const ids = await over(300, { input: { value: { stored }, files: [] } })
  const all = await Promise.all([purge(), purge(), purge()])
  expect(all.flatMap(({ purged }) => purged).sort()).toEqual(ids.sort())
})

const FILE = { pointer: '/a', key: 'blobs/default/x', name: 'a', content_type: 'text/plain', size: 1, sha256: 'x' }
const LEFT: [string, string[]][] = [
  ['an input in the store', ['input', '{"stored":{"key":"k"}}']],
  ['an input file', ['input_files', JSON.stringify([FILE])]],
  ['an output in the store', ['output', '{"stored":{"key":"k"}}']],
  ['an output file', ['output_files', JSON.stringify([FILE])]],
  ['an attempt whose worker was lost', ['lost', '1', 'fence', '2', 'settled', '2']],
  ['an attempt that our own fault broke off', ['house_faults', '1']],
  ['an attempt that did not end it', ['fence', '1', 'settled', '']],
]
it.each(LEFT)('has the objects deleted of a job with %s', async (_what, fields) => {
  const [id] = (await over(1)) as [JobId]
  await raw.hset(`${prefix}job:${id}`, ...fields)
  expect((await purge()).purged).toEqual([id])
  expect(await raw.zrange(`${prefix}erasing`, '0', '-1')).toEqual([`${id} default`])
})

it('asks for no object of a job that its one attempt ended and that has small values only', async () => {
  const [id] = (await submit(1)) as [JobId]
  await queue.attempts.succeed(await holdJob(queue, { id, model: MODEL }), {
    output: { value: { inline: '1' }, files: [] },
    runSeconds: 0,
  })
  await raw.zadd(`${prefix}purge`, 1, id)
  expect((await purge()).purged).toEqual([])
  expect(await statusOf(queue, id)).toBe('purged')
})

it('takes up what a killed process had not deleted, one process at a time', async () => {
  await raw.zadd(`${prefix}erasing`, Date.now() - 6000, 'job_1 acme', Date.now(), 'job_2 acme')
  const [one, two] = await Promise.all([queue.upkeep.purgeDue(MODEL), queue.upkeep.purgeDue(MODEL)])
  expect([...one.purged, ...two.purged]).toEqual([{ id: 'job_1', tenant: 'acme' }])
})

it('purges no job that was run again, or that is not there', async () => {
  const [waiting] = (await submit(1)) as [JobId]
  await raw.zadd(`${prefix}purge`, 1, waiting, 1, newJob({ model: MODEL }).id)
  await purge()
  expect(await statusOf(queue, waiting)).toBe('queued')
  expect(await raw.zcard(`${prefix}purge`)).toBe(0)
})

it('remembers a purged id for a day, for less than 100 bytes', async () => {
  const ids = await over(1000)
  await purge()
  const left = await raw.keys(`${prefix}*`)
  const sizes = await Promise.all(left.map((key) => raw.memory('USAGE', key, 'SAMPLES', 0)))
  expect(sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0) / ids.length).toBeLessThan(100)
})

async function expectPurged(id: JobId): Promise<void> {
  const { jobs } = queue
  const answers = [await jobs.get(id, 'signed'), await jobs.snapshot(id, 'signed'), await jobs.rerun(id, 'default')]
  for (const answer of [...answers, await jobs.cancel(id, 'default')]) expect(answer).toEqual({ outcome: 'purged' })
}

it('forgets a purged id after its day', async () => {
  const [id] = (await over(1)) as [JobId]
  await purge()
  const hour = Math.floor(Date.now() / 3_600_000)
  const [key] = (await raw.keys(`${prefix}erased:*`)) as [string]
  await raw.rename(key, `${prefix}erased:${hour - 23}`)
  await expectPurged(id)
  const missing = { outcome: 'missing' }
  expect(await queue.jobs.cancel(id, 'mallory')).toEqual(missing)
  expect(await queue.jobs.rerun(id, 'mallory')).toEqual(missing)
  expect(await queue.jobs.get(id, { tenant: 'mallory' })).toEqual(missing)
  expect(await queue.jobs.snapshot(id, { tenant: 'mallory' })).toEqual(missing)
  await raw.rename(`${prefix}erased:${hour - 23}`, `${prefix}erased:${hour - 25}`)
  expect(await statusOf(queue, id)).toBe('missing')
  await purge()
  expect(await raw.keys(`${prefix}erased:*`)).toEqual([])
})

it('still answers for what an older version has purged', async () => {
  const [id] = (await over(1)) as [JobId]
  await raw.del(`${prefix}job:${id}`)
  await raw.hset(`${prefix}job:${id}`, 'status', 'purged', 'tenant', 'default')
  await expectPurged(id)
  expect(await queue.jobs.purge(id, 'default')).toBe('missing')
})
