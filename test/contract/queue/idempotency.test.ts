import { expect, it } from 'vitest'
import { newJob } from '../../support/open-test-queue.ts'
import { statusOf } from '../../support/record-and-events.ts'
import { holdJob, ownLine } from '../../support/take-jobs.ts'
import { openQueueStand } from '../../support/open-queue-stand.ts'

/** An idempotency key outlives its job: for its day it never makes a second one. */

const { raw, queue } = await openQueueStand()

const under = (key: string, extra: Parameters<typeof newJob>[0] = {}) =>
  newJob({ model: 'keyed', idempotency: { key, bodyHash: 'h' }, ...extra })

async function ended(key: string, tenant = 'default') {
  const job = under(key, { tenant })
  await queue.jobs.submit(job)
  await queue.jobs.cancel(job.id, tenant)
  return job
}

it('names the purged job for its key, and makes no other', async () => {
  const job = await ended('purged')
  await queue.jobs.purge(job.id, 'default')
  for (let i = 0; i < 2; i++) {
    expect(await queue.jobs.submit(under('purged'))).toEqual({ outcome: 'purged', id: job.id })
  }
  expect((await queue.jobs.list({ tenant: 'default', filter: { model: 'keyed' }, limit: 10 })).records).toEqual([])
})

it('does so too when the retention is over, and when the id itself is forgotten', async () => {
  const job = await ended('forgotten')
  const prefix = `{mr:${job.id.slice(4, 12)}}:`
  await raw.zadd(`${prefix}purge`, 0, job.id)
  await queue.upkeep.purgeDue('keyed')
  expect(await queue.jobs.submit(under('forgotten'))).toEqual({ outcome: 'purged', id: job.id })
  await raw.del(...(await raw.keys(`${prefix}erased:*`)))
  expect(await statusOf(queue, job.id)).toBe('missing')
  expect(await queue.jobs.submit(under('forgotten'))).toEqual({ outcome: 'purged', id: job.id })
})

it('does so too after a rerun', async () => {
  const job = under('rerun', { line: ownLine() })
  await queue.jobs.submit(job)
  const error = { code: 'model_error', message: 'no', retryable: true } as const
  for (const attempt of ['first', 'second']) {
    await queue.attempts.fail(await holdJob(queue, job), { blame: 'final', error })
    if (attempt === 'first') await queue.jobs.rerun(job.id, 'default')
  }
  expect(await queue.jobs.submit(under('rerun'))).toMatchObject({ outcome: 'replayed', record: { id: job.id } })
  await queue.jobs.purge(job.id, 'default')
  expect(await queue.jobs.submit(under('rerun'))).toEqual({ outcome: 'purged', id: job.id })
})

it('still takes another body under the key for a mistake', async () => {
  const job = await ended('other')
  await queue.jobs.purge(job.id, 'default')
  const other = under('other', { idempotency: { key: 'other', bodyHash: 'x' } })
  expect(await queue.jobs.submit(other)).toEqual({ outcome: 'mismatch' })
  expect(await queue.jobs.seen(other)).toEqual({ outcome: 'mismatch', id: job.id })
})

it('tells another tenant nothing of it: the key is free there', async () => {
  const job = await ended('shared', 'anna')
  await queue.jobs.purge(job.id, 'anna')
  expect((await queue.jobs.submit(under('shared', { tenant: 'bert' }))).outcome).toBe('created')
  expect(await queue.jobs.submit(under('shared', { tenant: 'anna' }))).toEqual({ outcome: 'purged', id: job.id })
})

it('makes one job of all submits that meet its purge', async () => {
  const job = await ended('race')
  const results = await Promise.all([
    ...Array.from({ length: 100 }, () => queue.jobs.submit(under('race'))),
    queue.jobs.purge(job.id, 'default'),
    ...Array.from({ length: 100 }, () => new Promise(setImmediate).then(() => queue.jobs.submit(under('race')))),
  ])
  const said = results.map((result) =>
    typeof result === 'string' ? result : 'record' in result ? result.record.id : 'id' in result ? result.id : '',
  )
  expect(new Set(said)).toEqual(new Set([job.id, 'purged']))
})

it('is free again after its day', async () => {
  const job = await ended('daily')
  const [key] = await raw.keys(`{mr:${job.id.slice(4, 12)}}:idem:*`)
  const ttl = await raw.pttl(key ?? '')
  expect(ttl).toBeGreaterThan(86_000_000)
  expect(ttl).toBeLessThanOrEqual(86_400_000)
})

it('answers a submit whose reply was lost until its job was purged', async () => {
  const job = newJob({ model: 'keyed' })
  await queue.jobs.submit(job)
  await queue.jobs.cancel(job.id, 'default')
  await queue.jobs.purge(job.id, 'default')
  expect(await queue.jobs.submit(job)).toEqual({ outcome: 'purged', id: job.id })
})
