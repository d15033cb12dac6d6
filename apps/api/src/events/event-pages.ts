/**
 * The log of a job, a page at a time, wherever it lies: in Redis, or in the object store when the job has ended and said much.
 * Used by event streams.
 */
import { text } from 'node:stream/consumers'
import type { JobId } from '@millrace/contracts'
import {
  type EventPage,
  isCut,
  isLaterEvent,
  type JobStore,
  type ShelvedLog,
  toLogged,
  unpackLog,
} from '@millrace/queue'
import { type ObjectReader, StorageError } from '@millrace/storage'

export type EventPages = Pick<JobStore, 'eventPage'>

/** A job that is run again and ends again has its log moved on, to another object. */
const TRIES = 3

export function createEventPages(jobs: EventPages, objects: Pick<ObjectReader, 'get'>): EventPages {
  return {
    async eventPage(id: JobId, after: string, count: number): Promise<EventPage> {
      for (let tries = 0; tries < TRIES; tries++) {
        const page = await jobs.eventPage(id, after, count)
        if (!page.shelved) return page
        const found = await readShelved(objects, page.shelved, after).catch((error: unknown) => {
          if (error instanceof StorageError && error.fault === 'missing') return undefined
          throw error
        })
        if (found) return { ...found, events: found.events.slice(0, count), purged: false, more: true }
      }
      return { events: [], gap: false, purged: true, more: false }
    },
  }
}

/** What one piece of it has behind `after`: one at least, for the last event of the log is behind it. */
async function readShelved(
  objects: Pick<ObjectReader, 'get'>,
  { key, pieces }: ShelvedLog,
  after: string,
): Promise<Pick<EventPage, 'events' | 'gap'>> {
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
