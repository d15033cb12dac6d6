/**
 * The log of a job, a page at a time, wherever it lies: in Redis, or in the object store when the job has ended and said much.
 * Used by event streams.
 */
import { text } from 'node:stream/consumers'
import type { JobId } from '@millrace/contracts'
import {
  type EventPage,
  type JobReader,
  type Reader,
  isCut,
  isLaterEvent,
  type ShelvedLog,
  toLogged,
  unpackLog,
} from '@millrace/queue'
import { type ObjectReader, StorageError } from '@millrace/storage'

/** The log of a job, wherever it lies. */
export interface EventPages {
  eventPage(id: JobId, reader: Reader, page: { after: string; count: number }): Promise<LogPage>
}

export type LogPage = Exclude<EventPage, { outcome: 'shelved' }>
type Events = Extract<EventPage, { outcome: 'events' }>

/** When a job is run again and ends again, its log moves to another object. */
const TRIES = 3

export function createEventPages(jobs: Pick<JobReader, 'eventPage'>, objects: Pick<ObjectReader, 'get'>): EventPages {
  return {
    async eventPage(id, reader, { after, count }) {
      for (let tries = 0; tries < TRIES; tries++) {
        const page = await jobs.eventPage(id, reader, { after, count })
        if (page.outcome !== 'shelved') return page
        const found = await readShelved(objects, page.log, after).catch((error: unknown) => {
          if (error instanceof StorageError && error.fault === 'missing') return undefined
          throw error
        })
        if (found) return { outcome: 'events', ...found, events: found.events.slice(0, count), more: true }
      }
      return { outcome: 'missing' }
    },
  }
}

/** The events behind `after` in one piece of the log. There is at least one, for the last event of the log is behind it. */
async function readShelved(
  objects: Pick<ObjectReader, 'get'>,
  { key, pieces }: ShelvedLog,
  after: string,
): Promise<Pick<Events, 'events' | 'gap'>> {
  const at = pieces.findIndex(([last]) => isLaterEvent(last, after))
  const [, end] = pieces[at] as [string, number]
  const start = at === 0 ? 0 : (pieces[at - 1] as [string, number])[1]
  const events = unpackLog(await text(await objects.get(key, { start, end: end - 1 }))).map((entry) =>
    toLogged(...entry),
  )
  const first = events[0]
  return {
    events: events.filter((event) => isLaterEvent(event.id, after)),
    gap: at === 0 && first !== undefined && isCut(first, after),
  }
}
