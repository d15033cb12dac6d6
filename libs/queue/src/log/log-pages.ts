/**
 * The log of a job, a page at a time, wherever it lies: in Redis, or in the object store when the job has ended and said much. Used by
 * the API and by webhooks of the worker; each says how it reads an object.
 */
import type { JobEvent, JobId } from '@millrace/contracts'
import type { EventPage, JobReader } from '../ports/job-reader.ts'
import type { Reader } from '../ports/reader.ts'
import type { ShelvedLog } from '../ports/shelf-store.ts'
import { isCut, isLaterEvent, toLogged, unpackLog } from './shelved-log.ts'

/** The log of a job, wherever it lies. */
export interface LogPages {
  eventPage(id: JobId, reader: Reader, page: { after: string; count: number }): Promise<LogPage>
}

export type LogPage = Exclude<EventPage, { outcome: 'shelved' }>
type Events = Extract<EventPage, { outcome: 'events' }>

/** The text of a part of an object, from the first byte to the last, both included. Undefined: the object is gone. */
export type ReadPart = (key: string, range: { start: number; end: number }) => Promise<string | undefined>

/** When a job is run again and ends again, its log moves to another object. */
const TRIES = 3
/** Events read at once. */
const PAGE = 200

export function createLogPages(jobs: Pick<JobReader, 'eventPage'>, read: ReadPart): LogPages {
  return {
    async eventPage(id, reader, { after, count }) {
      for (let tries = 0; tries < TRIES; tries++) {
        const page = await jobs.eventPage(id, reader, { after, count })
        if (page.outcome !== 'shelved') return page
        const found = await readShelved(read, page.log, after)
        if (found) return { outcome: 'events', ...found, events: found.events.slice(0, count), more: true }
      }
      return { outcome: 'missing' }
    },
  }
}

/** All events of a job that are kept, in their order; none when the job is gone. */
export async function* eventsOf(pages: LogPages, id: JobId, reader: Reader): AsyncGenerator<JobEvent> {
  for (let after = ''; ; ) {
    const page = await pages.eventPage(id, reader, { after, count: PAGE })
    if (page.outcome === 'missing') return
    for (const { event } of page.events) yield event
    const last = page.events.at(-1)
    if (!page.more || !last) return
    after = last.id
  }
}

/** The events behind `after` in one piece of the log. There is at least one, for the last event of the log is behind it. */
async function readShelved(
  read: ReadPart,
  { key, pieces }: ShelvedLog,
  after: string,
): Promise<Pick<Events, 'events' | 'gap'> | undefined> {
  const at = pieces.findIndex(([last]) => isLaterEvent(last, after))
  const [, end] = pieces[at] as [string, number]
  const start = at === 0 ? 0 : (pieces[at - 1] as [string, number])[1]
  const text = await read(key, { start, end: end - 1 })
  if (text === undefined) return undefined
  const events = unpackLog(text).map((entry) => toLogged(...entry))
  const first = events[0]
  return {
    events: events.filter((event) => isLaterEvent(event.id, after)),
    gap: at === 0 && first !== undefined && isCut(first, after),
  }
}
