/** Whether a job of the property test was counted for its tenant as it should be. Called by job-record.property.test.ts. */
import { expect } from 'vitest'
import type { QueueStand } from '../../support/open-queue-stand.ts'
import type { RecordModel } from './record-model.ts'

interface Life {
  id: string
  tenant: string
  model: RecordModel
  key: { prefix: string }
}

/** Each job comes with a key of its own, so that what it has used is found apart. */
export const keyOf = (id: string): string => id.slice(-16)

const USED = ['submitted', 'reran', 'succeeded', 'failed', 'expired', 'canceled'] as const

const COUNTED = ['submitted', 'reran', 'succeeded', 'failed', 'canceled'] as const

/** Minute by minute, the same was counted of the model as of its tenants together. */
export async function checkMinutes(
  queue: QueueStand['queue'],
  model: string,
  tenants: readonly string[],
): Promise<void> {
  const now = await queue.minutes.now(model)
  const minutes = await queue.minutes.read(model, now - 60, now)
  const days = { from: Math.floor((now - 60) / 1440), to: Math.floor(now / 1440) }
  const used = await Promise.all(tenants.map((tenant) => queue.usage.read(model, tenant, days)))
  const counts = used.flatMap(({ buckets }) => buckets.map((bucket) => bucket.counts))
  const sum = <T>(all: readonly T[], of: (one: T) => number): number => all.reduce((total, one) => total + of(one), 0)
  expect(used.every(({ next }) => next === undefined)).toBe(true)
  for (const name of COUNTED)
    expect([name, sum(minutes, (one) => one[name])]).toEqual([name, sum(counts, (one) => one[name])])
  expect(sum(minutes, ({ run }) => run.sumMs)).toBe(sum(counts, (one) => one.run_ms))
  expect(sum(minutes, ({ run }) => run.count)).toBe(sum(counts, (one) => one.run_ms) / 1000)
}

/** What its tenant is told to have used is what became of it, each thing once, and what its attempts say. */
export async function checkUsage(
  { queue, raw }: Pick<QueueStand, 'queue' | 'raw'>,
  { id, tenant, model, key }: Life,
): Promise<void> {
  const today = Math.floor(Date.now() / 86_400_000)
  // Midnight may have passed since it was submitted.
  const days = [today - 1, today].map((day) => raw.hget(`${key.prefix}usage:${day}:${tenant}`, keyOf(id)))
  const kept = (await Promise.all(days)).map((numbers) => (numbers ?? '').split(' ').map(Number))
  const [queueMs, runMs, deviceMs, bytesIn, bytesOut] = [6, 7, 8, 9, 10].map(
    (n) => (kept[0]?.[n] ?? 0) + (kept[1]?.[n] ?? 0),
  )
  const { runs, ...ends } = model.used
  expect(Object.fromEntries(USED.map((name, n) => [name, (kept[0]?.[n] ?? 0) + (kept[1]?.[n] ?? 0)]))).toEqual(ends)
  expect({ runMs, bytesIn, bytesOut }).toEqual({
    ...{ runMs: 1000 * runs, bytesIn: 2 * ends.submitted, bytesOut: model.bytesOut },
  })
  if (model.losses === 0) expect(deviceMs).toBe(runMs)
  else expect(deviceMs).toBeGreaterThanOrEqual(runMs ?? 0)
  if (model.status === 'none' || model.status === 'purged') return
  const found = await queue.jobs.get(id, { tenant })
  const { attempts } = found.outcome === 'found' ? found.record : expect.fail(found.outcome)
  const ended = attempts.filter(({ ended_at }) => ended_at !== null)
  const told = Math.round(ended.reduce((sum, one) => sum + 1000 * (one.queue_seconds ?? 0), 0))
  // Where the log is a stream, the event of an end may have the millisecond after that of the script; it ends such a wait.
  const unbegun = ended.filter(({ number }) => number === null).length
  expect(Math.abs((queueMs ?? 0) - told), `queued: ${queueMs} and ${told}`).toBeLessThanOrEqual(unbegun)
}
