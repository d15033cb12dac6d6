/** What Redis does when its memory ends: new work is refused, and what was accepted comes to its end. */
import type { Manifest } from '@millrace/contracts'
import type { NewJob } from '@millrace/queue'
import { beforeEach, expect, it } from 'vitest'
import { newJob } from '../../support/open-test-queue.ts'
import { until } from '../../support/until.ts'
import { eventPageOf, eventsOf, recordOf, statusOf } from '../../support/record-and-events.ts'
import { runJobs } from '../../support/run-jobs.ts'
import { holdJob, ownLine } from '../../support/take-jobs.ts'
import { openQueueStand } from '../../support/open-queue-stand.ts'

const { raw, queue } = await openQueueStand({}, {})

beforeEach(async () => {
  await raw.config('SET', 'maxmemory', '0')
  await raw.flushall()
})

/** As Redis reckons when it decides whether it is full: without what waits to be written to its file. */
async function usedBytes(): Promise<number> {
  const info = await raw.info('memory')
  const figure = (name: string): number => Number(new RegExp(`\\n${name}:(\\d+)`).exec(info)?.[1] ?? 0)
  return figure('used_memory') - figure('mem_not_counted_for_evict')
}

/** Sets the limit so that what is used now is this share of it. */
const fillTo = async (share: number): Promise<void> => {
  await raw.config('SET', 'maxmemory', Math.round((await usedBytes()) / share))
}

const submit = async (job: NewJob) => (await queue.jobs.submit(job)).outcome

const claimed = (job: NewJob) => holdJob(queue, job)

const small = { value: { inline: '"done"' }, files: [] }
const bulky = { value: { inline: JSON.stringify('x'.repeat(30_000)) }, files: [] }
const moved = {
  value: { stored: { key: 'jobs/a/b/out/1-x/output.json', size: 30_002, sha256: 'f' } },
  files: [],
}
const failure = { code: 'model_error', message: 'no', retryable: true } as const

it('lets no burst of submits jump over the threshold, and takes submits again when there is room', async () => {
  await fillTo(0.2)
  const most = Number(((await raw.config('GET', 'maxmemory')) as string[])[1])
  const input = { value: { inline: JSON.stringify('x'.repeat(20_000)) }, files: [] }
  const jobs = Array.from({ length: 600 }, () => newJob({ model: 'burst', input }))
  const outcomes = await Promise.all(jobs.map(submit))
  expect(outcomes.filter((outcome) => outcome === 'created').length).toBeGreaterThan(20)
  expect(outcomes.filter((outcome) => outcome === 'full').length).toBeGreaterThan(20)
  expect((await usedBytes()) / most).toBeLessThan(0.8)
  for (const job of jobs) await queue.jobs.purge(job.id, 'default')
  await until('there is room again', async () => (await submit(newJob())) === 'created')
})

it('answers a repeated submit with its job although there is no room for new ones', async () => {
  const idempotency = { key: 'k', bodyHash: 'h' }
  const first = newJob({ idempotency })
  await submit(first)
  await fillTo(0.8)
  expect(await queue.jobs.submit(newJob({ idempotency }))).toMatchObject({
    outcome: 'replayed',
    record: { id: first.id },
  })
  expect(await submit(newJob())).toBe('full')
})

it.each([0.8, 1.2])('ends jobs in every way while %s of the memory is used', async (share) => {
  const jobs = Array.from({ length: 9 }, () => newJob({ model: 'ends', line: ownLine(), maxAttempts: 2 }))
  for (const job of jobs) await submit(job)
  const [win, fail, stop, retry, give, cancel, expired, lose, purge] = jobs as [NewJob, ...NewJob[]] as NewJob[]
  const prefix = `{mr:${win!.id.slice(4, 12)}}:`
  await raw.hset(`${prefix}job:${expired!.id}`, 'expires_at', 1)
  await raw.zadd(`${prefix}open`, 0, expired!.id)
  await fillTo(share)
  expect(await submit(newJob())).toBe('full')

  const hold = await claimed(win!)
  expect(await queue.attempts.beat(hold, { fraction: 0.5, message: null })).toBe('ok')
  await queue.attempts.append(hold, [{ type: 'log', level: 'info', message: 'half' }], 1)
  await queue.attempts.succeed(hold, { output: small, runSeconds: 1 })
  await queue.attempts.fail(await claimed(fail!), { blame: 'final', error: failure, runSeconds: 1, partial: small })
  const stopped = await claimed(stop!)
  await queue.jobs.cancel(stop!.id, 'default')
  expect(await queue.attempts.beat(stopped)).toBe('cancel')
  await queue.attempts.stop(stopped, small)
  expect(await queue.attempts.fail(await claimed(retry!), { blame: 'model', error: failure })).toMatchObject({
    outcome: 'queued',
  })
  await queue.attempts.release(await claimed(give!), true)
  await queue.jobs.cancel(cancel!.id, 'default')
  await queue.upkeep.reconcile('ends')
  await claimed(lose!)
  expect(await queue.jobs.purge(purge!.id, 'default')).toBe('purged')
  expect(await Promise.all(jobs.map(({ id }) => statusOf(queue, id)))).toEqual([
    'succeeded',
    'failed',
    'canceled',
    'queued',
    'queued',
    'canceled',
    'failed',
    'running',
    'purged',
  ])
  expect(await queue.jobs.rerun(fail!.id, 'default')).toEqual({ outcome: 'full' })
})

it('takes no large output while Redis is crowded, and changes nothing until it comes from elsewhere', async () => {
  const jobs = Array.from({ length: 3 }, () => newJob({ model: 'bulky', line: ownLine(), maxAttempts: 1 }))
  for (const job of jobs) await submit(job)
  const [win, fail, stop] = await Promise.all(jobs.map(claimed))
  await fillTo(0.7)
  const before = await usedBytes()
  const ends = [
    (kept: typeof bulky | typeof moved) => queue.attempts.succeed(win!, { output: kept, runSeconds: 1 }),
    (kept: typeof bulky | typeof moved) =>
      queue.attempts.fail(fail!, { blame: 'model', error: failure, runSeconds: 1, partial: kept }),
    (kept: typeof bulky | typeof moved) => queue.attempts.stop(stop!, kept),
  ]
  for (const end of ends) expect(await end(bulky)).toEqual({ outcome: 'crowded' })
  expect(await Promise.all(jobs.map(({ id }) => statusOf(queue, id)))).toEqual(['running', 'running', 'running'])
  for (const end of ends) expect(await end(moved)).toMatchObject({ outcome: 'done' })
  expect((await usedBytes()) - before).toBeLessThan(100_000)
  expect(await recordOf(queue, fail!.id)).toMatchObject({ status: 'failed', output: moved.value })
})

it('hands out jobs, renews their leases and lets them go although Redis is over its limit', async () => {
  const jobs = Array.from({ length: 20 }, () => newJob({ model: 'handed' }))
  for (const job of jobs) await submit(job)
  await raw.config('SET', 'maxmemory', '1mb')
  const run = runJobs(queue, 'handed', async (attempts, { id, fence }) => {
    expect(await attempts.beat({ id, fence })).toBe('ok')
    // Given back once, for later: what waits so is moved by the hand-out too.
    if (fence === 1) await attempts.release({ id, fence }, true, 10)
    else await attempts.succeed({ id, fence }, { output: small, runSeconds: 0 })
  })
  const ended = async () =>
    (await Promise.all(jobs.map(({ id }) => statusOf(queue, id)))).every((status) => status === 'succeeded')
  await until('all have ended', ended)
  expect(await raw.keys('{mr:*}:{wait,turn,later,lease,suspect}*')).toEqual([])
  await run.close()
})

it('makes workers, their models, and the files of accepted jobs known although Redis is over its limit', async () => {
  const manifest = { name: 'known', version: '1' } as Manifest
  await queue.models.publish(manifest, 'w_1')
  const job = newJob({ model: 'known' })
  await submit(job)
  await fillTo(1.2)
  await queue.models.publish({ ...manifest, version: '2' }, 'w_2')
  expect(await raw.zcard(`{mr:${job.id.slice(4, 12)}}:workers`)).toBe(2)
  const blob = { object: 'a'.repeat(26), sha256: 'b'.repeat(64), size: 1 }
  expect(await queue.files.keep('default', job.id, blob)).toMatchObject({ outcome: 'kept' })
  expect(await queue.fileSecret().catch(() => 'refused')).toBe('refused')
  await raw.config('SET', 'maxmemory', '0')
  const secret = await queue.fileSecret()
  await fillTo(1.2)
  expect(await queue.fileSecret()).toBe(secret)
  expect(await eventsOf(queue, job.id)).toHaveLength(1)
  expect(await queue.jobs.snapshot(job.id, 'signed')).toMatchObject({ record: { status: 'queued' } })
})

it('keeps of a job that tells its progress at length little while memory is short', async () => {
  const job = newJob({ model: 'chatty', line: ownLine() })
  await submit(job)
  const hold = await claimed(job)
  for (let i = 0; i < 100; i++)
    await queue.attempts.beat(hold, { fraction: i / 100, message: `${i} ${'x'.repeat(1000)}` })
  await raw.setrange('ballast', 20_000_000, 'x')
  await fillTo(0.8)
  await queue.attempts.beat(hold, { fraction: 1, message: 'last' })
  expect(await raw.memory('USAGE', `{mr:${job.id.slice(4, 12)}}:events:${job.id}`, 'SAMPLES', 0)).toBeLessThan(70_000)
})

it('keeps of a chatty job little while memory is short', async () => {
  const job = newJob({ model: 'chatty', line: ownLine() })
  await submit(job)
  const hold = await claimed(job)
  const lines = Array.from({ length: 100 }, (_, i) => ({
    ...{ type: 'log', level: 'info', message: `${i} ${'x'.repeat(8000)}` },
  })) as { type: 'log'; level: 'info'; message: string }[]
  const bytes = async () =>
    Number(await raw.memory('USAGE', `{mr:${job.id.slice(4, 12)}}:events:${job.id}`, 'SAMPLES', 0))
  await queue.attempts.append(hold, lines, 1)
  expect(await bytes()).toBeGreaterThan(700_000)
  // So much else that a log makes no difference to the share.
  await raw.setrange('ballast', 20_000_000, 'x')
  await fillTo(0.8)
  await queue.attempts.append(hold, lines.slice(0, 10), 101)
  expect(await bytes()).toBeLessThan(70_000)
  await fillTo(0.9)
  await queue.attempts.append(hold, lines.slice(0, 10), 111)
  expect(await bytes()).toBeLessThan(20_000)
  const { events, gap } = await eventPageOf(queue, job.id)
  expect(gap).toBe(true)
  expect(events.at(-1)?.event).toMatchObject({ message: expect.stringMatching(/^9 x/) })
})
