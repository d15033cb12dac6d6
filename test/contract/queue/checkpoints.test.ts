/** What the scripts promise of checkpoints: kept under the fence alone, one at a time, gone with the job; with a real Redis. */
import { newJobId } from '@millrace/queue'
import type { NewCheckpoint } from '@millrace/queue'
import { beforeAll, expect, it } from 'vitest'
import { openQueueStand } from '../../support/open-queue-stand.ts'
import { newJob } from '../../support/open-test-queue.ts'
import { holdJob, ownLine, takeJob } from '../../support/take-jobs.ts'

const { queue, raw } = await openQueueStand({ lockMs: 600_000 })
const MODEL = 'ocr'
const TENANT = 'acme'
const VERSION = '1.0.0'
const sha256 = '0'.repeat(64)
const error = { code: 'model_error', message: 'no', retryable: true } as const

beforeAll(async () => {
  await raw.sadd('mr:models', MODEL)
})

const checkpoint = (folder: string, bytes: number, version = VERSION): NewCheckpoint => ({
  ...{ version, folder, stored_bytes: bytes, state: { inline: '{"step":1}' } },
  files: bytes === 0 ? [] : [{ name: 'a\tb', key: 'k', size: bytes, sha256 }],
})

async function running(maxAttempts = 1) {
  const job = newJob({ id: newJobId(MODEL), model: MODEL, tenant: TENANT, line: ownLine(), maxAttempts })
  await queue.jobs.submit(job)
  return { job, hold: await holdJob(queue, job) }
}

const recordOf = async (id: string) => {
  const found = await queue.jobs.get(id, { tenant: TENANT })
  return found.outcome === 'found' ? found.record : expect.fail(found.outcome)
}
const stored = () => queue.usage.storedBytes(TENANT)
/** Folders that are to be deleted now; each is then told to be gone. */
async function dropped(): Promise<string[]> {
  const found = await queue.upkeep.droppedCheckpoints(MODEL)
  for (const one of found) await queue.upkeep.forgetCheckpoint(one)
  return found.map(({ id, tenant, folder }) => `${tenant}/${id}/${folder}`).sort()
}

it('keeps the newest in the record, counts its bytes, and lets the one before go', async () => {
  const before = await stored()
  const { job, hold } = await running()
  expect((await recordOf(job.id)).checkpoint).toBeNull()
  expect(await queue.attempts.keepCheckpoint(hold, checkpoint('1-a', 1000))).toBe('kept')
  const kept = await recordOf(job.id)
  expect(kept.checkpoint).toEqual({ ...checkpoint('1-a', 1000), created_at: expect.stringMatching(/^20/) })
  expect([await stored(), await dropped()]).toEqual([before + 1000, []])
  // The reply was lost and the call is made again.
  expect(await queue.attempts.keepCheckpoint(hold, checkpoint('1-a', 1000))).toBe('kept')
  expect([await stored(), await dropped()]).toEqual([before + 1000, []])
  expect(await queue.attempts.keepCheckpoint(hold, checkpoint('1-b', 300))).toBe('kept')
  expect([await stored(), await dropped()]).toEqual([before + 300, [`${TENANT}/${job.id}/1-a`]])
  expect((await recordOf(job.id)).revision).toBeGreaterThan(kept.revision)
  expect(await queue.attempts.keepCheckpoint(hold, checkpoint('', 0))).toBe('kept')
  expect([await stored(), await dropped()]).toEqual([before, [`${TENANT}/${job.id}/1-b`]])
})

it('refuses that of an attempt whose job is given to another one, or has ended', async () => {
  const { job, hold } = await running()
  await queue.attempts.keepCheckpoint(hold, checkpoint('1-a', 10))
  await queue.attempts.release(hold, true)
  expect(await queue.attempts.keepCheckpoint(hold, checkpoint('1-b', 10))).toBe('fenced')
  const next = await holdJob(queue, job)
  expect(await queue.attempts.keepCheckpoint(hold, checkpoint('1-c', 10))).toBe('fenced')
  expect((await recordOf(job.id)).checkpoint?.folder).toBe('1-a')
  await queue.attempts.succeed(next, { output: { value: { inline: '1' }, files: [] }, runSeconds: 1 })
  expect(await queue.attempts.keepCheckpoint(next, checkpoint('2-a', 10))).toBe('fenced')
  expect((await recordOf(job.id)).checkpoint).toBeNull()
  expect(await dropped()).toEqual([`${TENANT}/${job.id}/1-a`])
})

it('gives it to the next attempt of the same version after a release, a loss or a retry, and tells so', async () => {
  const { job, hold } = await running(9)
  await queue.attempts.keepCheckpoint(hold, checkpoint('1-a', 10))
  await queue.attempts.release(hold, true)
  const second = await takeJob(queue, job)
  expect(second.checkpoint?.folder).toBe('1-a')
  const prefix = `{mr:${job.id.slice(4, 12)}}:`
  await raw.zadd(`${prefix}lease`, 1, job.id)
  await queue.upkeep.reconcile(MODEL)
  const third = await takeJob(queue, job)
  await queue.attempts.fail({ id: job.id, fence: third.fence }, { blame: 'model', error, runSeconds: 1 })
  await raw.zadd(`${prefix}later`, 0, job.id)
  await raw.del(`${prefix}reconciling`)
  await queue.upkeep.reconcile(MODEL)
  const other = await takeJob(queue, job, { version: '2.0.0' })
  expect(other.attempts.map(({ resumed }) => resumed)).toEqual([false, true, true, false])
  expect(other.attempts.map(({ version }) => version)).toEqual(['1.0.0', '1.0.0', '1.0.0', '2.0.0'])
  await queue.attempts.fail({ id: job.id, fence: other.fence }, { blame: 'final', error, runSeconds: 1 })
  const failed = await recordOf(job.id)
  expect([failed.status, failed.checkpoint]).toEqual(['failed', null])
  // A new life begins with none.
  expect((await queue.jobs.rerun(job.id, TENANT)).outcome).toBe('queued')
  expect((await takeJob(queue, job)).attempts.at(-1)).toMatchObject({ resumed: false })
  await dropped()
})

it('lets it go with a job that ends without an attempt, and with one that is purged', async () => {
  const before = await stored()
  const waiting = async () => {
    const { job, hold } = await running()
    await queue.attempts.keepCheckpoint(hold, checkpoint(`1-${job.id.slice(-4)}`, 10))
    await queue.attempts.release(hold, true)
    return job
  }
  const [canceled, purged] = [await waiting(), await waiting()]
  expect(await stored()).toBe(before + 20)
  await queue.jobs.cancel(canceled.id, TENANT)
  expect(await queue.jobs.purge(purged.id, TENANT)).toBe('purged')
  expect(await stored()).toBe(before)
  expect(await queue.jobs.purge(canceled.id, TENANT)).toBe('purged')
  expect(await stored()).toBe(before)
  // The objects of a purged job go all together.
  expect(await dropped()).toEqual([`${TENANT}/${canceled.id}/1-${canceled.id.slice(-4)}`])
})

it('names what is to be deleted again until somebody says that it is gone', async () => {
  const { job, hold } = await running()
  await queue.attempts.keepCheckpoint(hold, checkpoint('1-a', 10))
  await queue.attempts.stop(hold)
  const prefix = `{mr:${job.id.slice(4, 12)}}:`
  expect((await queue.upkeep.reconcile(MODEL)).drops).toBe(true)
  expect(await queue.upkeep.droppedCheckpoints(MODEL)).toHaveLength(1)
  expect(await queue.upkeep.droppedCheckpoints(MODEL)).toEqual([])
  const [entry = ''] = await raw.zrange(`${prefix}dropped`, '0', '-1')
  await raw.zadd(`${prefix}dropped`, 1, entry)
  expect(await dropped()).toEqual([`${TENANT}/${job.id}/1-a`])
  await raw.del(`${prefix}reconciling`)
  expect((await queue.upkeep.reconcile(MODEL)).drops).toBe(false)
})
