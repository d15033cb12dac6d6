/** The log of a job: a capped stream of what happened to it. Read here, written by the scripts only. Used by RedisJobStore. */
import type { JobEvent, JobId, LoggedEvent } from '@millrace/contracts'
import type { Redis } from 'ioredis'
import { RECORD_FIELDS, toRecord } from './job-fields.ts'
import { prefixOfJob } from './keys.ts'
import type { EventPage, Snapshot } from './ports.ts'

type Entry = [id: string, fields: string[]]

const logKey = (id: JobId): string => `${prefixOfJob(id)}events:${id}`
/** Exclusive; from the beginning when there is no id. */
const from = (after: string): string => (after === '' ? '-' : `(${after}`)

/** An event as it was kept or published. */
export const toLogged = (eventId: string, json: string): LoggedEvent => ({
  id: eventId,
  at: new Date(Number(eventId.split('-')[0])).toISOString(),
  event: JSON.parse(json) as JobEvent,
})

const ofEntry = ([eventId, fields]: Entry): LoggedEvent => toLogged(eventId, fields[1] ?? '{}')

/** Whether one event happened after another; '' is before all. Ids are `<milliseconds>-<number in that millisecond>`. */
export function isLaterEvent(id: string, than: string): boolean {
  const [ms = 0, n = 0] = id.split('-').map(Number)
  const [otherMs = 0, otherN = 0] = than.split('-').map(Number)
  return than === '' || ms > otherMs || (ms === otherMs && n > otherN)
}

export async function readEvents(redis: Redis, id: JobId, after: string, count: number): Promise<LoggedEvent[]> {
  const entries = await redis.xrange(logKey(id), from(after), '+', 'COUNT', count)
  return entries.map(ofEntry)
}

/** One transaction: a log that is trimmed between two reads would look as if it had a gap. */
export async function readEventPage(redis: Redis, id: JobId, after: string, count: number): Promise<EventPage> {
  const key = logKey(id)
  const both = redis.multi().xrange(key, from(after), '+', 'COUNT', count).xrange(key, '-', '+', 'COUNT', 1)
  const [entries, [oldest]] = replies<[Entry[], Entry[]]>(await both.exec())
  if (oldest === undefined) return { events: [], gap: false, erased: true }
  const first = ofEntry(oldest)
  const gap = !isSubmit(first.event) && isLaterEvent(first.id, after)
  return { events: entries.map(ofEntry), gap, erased: false }
}

/** A log that does not begin with its job's submit was trimmed. */
const isSubmit = (event: JobEvent): boolean =>
  event.type === 'status' && event.status === 'queued' && event.attempt === 0

/** Undefined when there is no such job of this tenant. */
export async function readSnapshot(redis: Redis, id: JobId, tenant?: string): Promise<Snapshot | 'purged' | undefined> {
  const key = `${prefixOfJob(id)}job:${id}`
  const both = redis
    .multi()
    .hmget(key, ...RECORD_FIELDS)
    .xrevrange(logKey(id), '+', '-', 'COUNT', 1)
  const [values, [newest]] = replies<[(string | null)[], Entry[]]>(await both.exec())
  const hash = Object.fromEntries(RECORD_FIELDS.map((field, i) => [field, values[i] ?? undefined]))
  if (!hash.status || (tenant !== undefined && hash.tenant !== tenant)) return undefined
  return hash.status === 'purged' ? 'purged' : { record: toRecord(id, hash), lastEventId: newest?.[0] ?? '' }
}

function replies<T extends unknown[]>(results: [error: Error | null, result: unknown][] | null): T {
  if (results === null) throw new Error('the transaction was given up')
  for (const [error] of results) if (error) throw error
  return results.map(([, result]) => result) as T
}
