import type { JobId } from '@millrace/contracts'
import type { NewJob } from '@millrace/queue'
import { beforeEach, expect, it, vi } from 'vitest'
import { newJob } from '../../support/open-test-queue.ts'
import { until } from '../../support/until.ts'
import { statusOf } from '../../support/record-and-events.ts'
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

const bull = (name: string) => `${prefix}bull:${MODEL}:${name}`

/** Pages until there is no more, and what they did. */
async function reconcile() {
  const sum = { pages: 0, expired: 0, abandoned: 0, repaired: 0 }
  for (let more = true; more; sum.pages++) {
    const page = await queue.upkeep.reconcile(MODEL)
    sum.expired += page.expired
    sum.abandoned += page.abandoned
    sum.repaired += page.repaired
    more = page.more
  }
  return sum
}

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
  expect(await queue.upkeep.reconcile(MODEL)).toEqual({ expired: 1, abandoned: 0, repaired: 0, more: false })
  expect(await statusOf(queue, late!)).toBe('failed')
  expect(await raw.exists(bull(late!)), 'its ticket is taken back').toBe(0)
})

it('expires a thousand at once, page by page', async () => {
  const ids = await submit(1000, { expiresInSeconds: 0.02 })
  await until('their time is over', async () => (await raw.zcount(`${prefix}open`, '-inf', Date.now() - 5)) === 1000)
  expect((await reconcile()).expired).toBe(1000)
  expect(await raw.zcard(bull('prioritized'))).toBe(0)
  expect(await statusOf(queue, ids[999]!)).toBe('failed')
})

it('looks once at what an older version has on its list, and then no more before its deadline', async () => {
  const ids = await submit(300)
  await raw.zadd(`${prefix}open`, ...ids.flatMap((id) => [1, id]))
  expect(await reconcile()).toMatchObject({ expired: 0, repaired: 0 })
  expect(await raw.zcount(`${prefix}open`, '-inf', Date.now() + 3_500_000)).toBe(0)
  expect(await raw.zcard(`${prefix}open`)).toBe(300)
})

const LOSSES: [string, (id: JobId) => Promise<unknown>][] = [
  ['all of it', (id) => Promise.all([raw.del(bull(id)), raw.zrem(bull('prioritized'), id)])],
  ['its place', (id) => raw.zrem(bull('prioritized'), id)],
]
it.each(LOSSES)('gives a ticket again at any depth when %s was lost', async (_what, lose) => {
  const ids = await submit(3000)
  await reconcile()
  const lost = [ids[0], ids[1500], ids[2999]] as JobId[]
  for (const id of lost) await lose(id)
  let repaired = 0
  await until('all are mended', async () => {
    repaired += (await reconcile()).repaired
    return (await raw.zcard(bull('prioritized'))) === 3000
  })
  expect(repaired).toBe(3)
  expect(await raw.exists(...lost.map(bull))).toBe(3)
})

it('finds a ticket whose text alone was lost when it next walks past', async () => {
  const [id] = await submit(1)
  await reconcile()
  await raw.del(bull(id!), `${prefix}walked`)
  expect((await reconcile()).repaired).toBe(1)
  expect(await raw.hget(bull(id!), 'data')).toBe(`{"id":"${id}"}`)
})

it('mends nothing that is in order: waiting, put off, in hand, or running', async () => {
  await submit(5)
  await submit(5, { runAt: Date.now() + DAYS })
  const [held, running] = await submit(2, { priority: 'high' })
  await raw.zrem(bull('prioritized'), held!, running!)
  await raw.lpush(bull('active'), held!, running!)
  await queue.attempts.claim(running!, { worker: 'w', delivery: 'd' })
  await raw.zadd(`${prefix}open`, ...(await raw.zrange(`${prefix}open`, '0', '-1')).flatMap((id) => [1, id]))
  for (let i = 0; i < 3; i++) {
    expect((await reconcile()).repaired).toBe(0)
    await raw.del(`${prefix}walked`)
  }
  expect(await raw.zcard(bull('delayed'))).toBe(5)
})

it('gives a job with a start time its ticket again, for that time', async () => {
  const runAt = Date.now() + DAYS
  const [id] = await submit(1, { runAt })
  await raw.del(await raw.keys(bull('*')))
  expect((await reconcile()).repaired).toBe(1)
  expect(Math.floor(Number(await raw.zscore(bull('delayed'), id!)) / 0x1000)).toBe(runAt)
})

/** A job that was tried and is to be tried again, as its worker puts it off. */
async function retried(putOffUntil: number) {
  const [id] = (await submit(1, { maxAttempts: 3 })) as [JobId]
  const claim = await queue.attempts.claim(id, { worker: 'w', delivery: 'd' })
  if (claim.outcome !== 'claimed') throw new Error(claim.outcome)
  const error = { code: 'model_error', message: '', retryable: true } as const
  await queue.attempts.fail({ id, fence: claim.record.fence }, { blame: 'model', error })
  await raw.zrem(bull('prioritized'), id)
  await raw.zadd(bull('delayed'), putOffUntil * 0x1000, id)
  return id
}

it('brings forward what a worker with a fast clock has put off for days', async () => {
  const id = await retried(Date.now() + 2 * DAYS)
  await raw.del(`${prefix}walked`)
  expect((await reconcile()).repaired).toBe(1)
  const due = Number(await raw.zscore(bull('delayed'), id)) / 0x1000
  expect(due - Number(await raw.hget(`${prefix}job:${id}`, 'not_before'))).toBe(0)
})

it('runs a retry in time that a real worker with a fast clock has put off', async () => {
  const [id] = (await submit(1, { maxAttempts: 3 })) as [JobId]
  const error = { code: 'model_error', message: '', retryable: true } as const
  const [now, claims] = [Date.now.bind(Date), [] as string[]]
  const consume = () =>
    queue.createConsumer(
      MODEL,
      async ({ delivery }) => {
        const claim = await queue.attempts.claim(id, { worker: 'w', delivery })
        claims.push(claim.outcome)
        if (claim.outcome !== 'claimed' || claims.length > 1) return { outcome: 'done' }
        const result = await queue.attempts.fail({ id, fence: claim.record.fence }, { blame: 'model', error })
        vi.spyOn(Date, 'now').mockImplementation(() => now() + 2 * DAYS)
        return { outcome: 'again', afterMs: result.outcome === 'queued' ? result.delayMs : 0 }
      },
      { concurrency: 1 },
    )
  const fast = consume()
  fast.start()
  await until('it is put off', async () => (await raw.zscore(bull('delayed'), id)) !== null)
  vi.restoreAllMocks()
  await fast.close()
  expect(Number(await raw.zscore(bull('delayed'), id)) / 0x1000 - now()).toBeGreaterThan(DAYS)
  const right = consume()
  right.start()
  await until('it runs again', async () => {
    await queue.upkeep.reconcile(MODEL)
    return claims.at(-1) === 'claimed' && claims.length > 1
  })
  await right.close()
})

it('looks at a retry just after its time, and puts it into the line if no clock of a worker has', async () => {
  const id = await retried(Date.now() + 1000)
  const notBefore = Number(await raw.hget(`${prefix}job:${id}`, 'not_before'))
  const look = Number(await raw.zscore(`${prefix}open`, id))
  expect(look - notBefore).toBe(2000)
  // Its time passes.
  await raw.hset(`${prefix}job:${id}`, 'not_before', 1)
  await raw.zadd(bull('delayed'), 1 * 0x1000, id)
  await raw.zadd(`${prefix}open`, 1, id)
  expect((await reconcile()).repaired, 'nothing was wrong').toBe(0)
  expect(await raw.zscore(bull('delayed'), id)).toBeNull()
  expect(await raw.zscore(bull('prioritized'), id)).not.toBeNull()
})

it('gives a job that is run again a ticket, also when its old one is in the way', async () => {
  const [id] = (await submit(1)) as [JobId]
  const claim = await queue.attempts.claim(id, { worker: 'w', delivery: 'd' })
  await raw.zrem(bull('prioritized'), id)
  await raw.lpush(bull('active'), id)
  const error = { code: 'model_error', message: '', retryable: true } as const
  await queue.attempts.fail(
    { id, fence: claim.outcome === 'claimed' ? claim.record.fence : 0 },
    { blame: 'final', error },
  )
  await queue.jobs.rerun(id, 'default')
  expect(await raw.zscore(bull('prioritized'), id)).toBeNull()
  // The worker lets go of it.
  await raw.lrem(bull('active'), 0, id)
  await raw.del(bull(id))
  await raw.del(`${prefix}walked`)
  expect((await reconcile()).repaired).toBe(1)
  expect(await raw.zscore(bull('prioritized'), id)).not.toBeNull()
})

it('takes back the ticket of a job that is canceled or purged while it waits, and none that a worker has', async () => {
  const [canceled, purged, taken] = (await submit(3)) as [JobId, JobId, JobId]
  await submit(1, { runAt: Date.now() + DAYS }).then(([id]) => queue.jobs.cancel(id!, 'default'))
  await raw.zrem(bull('prioritized'), taken)
  await raw.lpush(bull('active'), taken)
  for (const id of [canceled, taken]) await queue.jobs.cancel(id, 'default')
  await queue.jobs.purge(purged, 'default')
  expect(await raw.exists(bull('prioritized'), bull('delayed'), bull(canceled), bull(purged))).toBe(0)
  expect(await raw.exists(bull(taken))).toBe(1)
})

it('ends a cancel whose worker is silent, however many jobs wait', async () => {
  await submit(1000)
  const [id] = (await submit(1)) as [JobId]
  await queue.attempts.claim(id, { worker: 'w', delivery: 'd' })
  await queue.jobs.cancel(id, 'default')
  const longAgo = Date.now() - 31_000
  await raw.hset(`${prefix}job:${id}`, 'cancel_at', longAgo, 'heartbeat_at', longAgo)
  await raw.zadd(`${prefix}open`, longAgo + 30_000, id)
  expect((await queue.upkeep.reconcile(MODEL)).abandoned).toBe(1)
  expect(await statusOf(queue, id)).toBe('canceled')
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
  expect(await raw.exists(`${prefix}purge`, `${prefix}open`, `${prefix}line`, `${prefix}erasing`)).toBe(0)
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
  const claim = await queue.attempts.claim(id, { worker: 'w', delivery: 'd' })
  if (claim.outcome !== 'claimed') throw new Error(claim.outcome)
  await queue.attempts.succeed({ id, fence: 1 }, { output: { value: { inline: '1' }, files: [] }, runSeconds: 0 })
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
  const left = (await raw.keys(`${prefix}*`)).filter((key) => !key.includes(':bull:'))
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
