import { Readable } from 'node:stream'
import type { JobId, LoggedEvent } from '@millrace/contracts'
import {
  type EventPage,
  isLaterEvent,
  type LogEntry,
  packLog,
  type Reader,
  type ShelvedLog,
  toLogged,
} from '@millrace/queue'
import { type ByteRange, StorageError } from '@millrace/storage'
import { expect, test } from 'vitest'
import { createEventPages } from './event-pages.ts'

const ID = 'job_1' as JobId
const submitted: LogEntry = ['1000-0', '{"type":"status","status":"queued","attempt":0}']
const entries = (count: number): LogEntry[] => [
  submitted,
  ...Array.from({ length: count }, (_, i): LogEntry => {
    const message = `${i} ${'ж'.repeat(i % 700)}`
    return [`${1000 + Math.floor(i / 3)}-${(i % 3) + 1}`, JSON.stringify({ type: 'log', level: 'info', message })]
  }),
]

/** A log whose beginning is on the shelf; `tail` is still in Redis. */
function open(shelved: LogEntry[], tail: LogEntry[] = []) {
  const { bytes, pieces } = packLog(shelved)
  const kept = new Map([['log', bytes]])
  const objects = {
    async get(key: string, { start, end } = { start: 0, end: bytes.length - 1 } as ByteRange) {
      const found = kept.get(key)
      if (!found) throw new StorageError('missing', key)
      return Readable.from([found.subarray(start, (end ?? found.length) + 1)])
    },
  }
  const log: ShelvedLog = { key: 'log', last: shelved.at(-1)?.[0] ?? '', pieces }
  const jobs = {
    async eventPage(
      _id: JobId,
      _reader: Reader,
      { after, count }: { after: string; count: number },
    ): Promise<EventPage> {
      if (isLaterEvent(log.last, after)) return { outcome: 'shelved', log }
      const events = tail.filter(([id]) => isLaterEvent(id, after)).slice(0, count)
      const logged = events.map((entry) => toLogged(...entry))
      return { outcome: 'events', events: logged, gap: false, more: events.length === count }
    },
  }
  const pages = createEventPages(jobs, objects)
  const page = (after: string, count: number) => pages.eventPage(ID, 'signed', { after, count })
  const eventsOf = async (after: string, count: number) => {
    const found = await page(after, count)
    if (found.outcome !== 'events') throw new Error('there is no log')
    return found
  }
  return { kept, log, page, eventsOf }
}

const all = (list: LogEntry[]): LoggedEvent[] => list.map((entry) => toLogged(...entry))

test('a log on the shelf is read to its end, each event once and in order, in pieces', async () => {
  const shelved = entries(1000)
  const tail = [['9000-0', '{"type":"status","status":"queued","attempt":1}']] satisfies LogEntry[]
  const { log, eventsOf } = open(shelved, tail)
  expect(log.pieces.length).toBeGreaterThan(5)
  const seen: LoggedEvent[] = []
  for (let more = true; more; ) {
    const page = await eventsOf(seen.at(-1)?.id ?? '', 50)
    expect(page.gap).toBe(false)
    expect(page.events.length).toBeLessThanOrEqual(50)
    seen.push(...page.events)
    more = page.more
  }
  expect(seen).toEqual(all([...shelved, ...tail]))
})

test('it can be taken up behind each of its events', async () => {
  const shelved = entries(300)
  const { eventsOf } = open(shelved)
  for (const [i, [id]] of shelved.slice(0, -1).entries()) {
    const { events } = await eventsOf(id, 1)
    expect(events).toEqual(all([shelved[i + 1]!]))
  }
})

test('a log that was cut before says so to who has not seen its beginning', async () => {
  const shelved = entries(300).slice(20)
  const { page } = open(shelved)
  expect(await page('', 10)).toMatchObject({ gap: true, events: all(shelved.slice(0, 10)) })
  expect(await page('1000-0', 10)).toMatchObject({ gap: true })
  expect(await page(shelved[0]?.[0] ?? '', 10)).toMatchObject({ gap: false })
})

test('a log whose object is gone is that of a job that was purged', async () => {
  const { kept, page } = open(entries(10))
  kept.delete('log')
  expect(await page('', 10)).toEqual({ outcome: 'missing' })
})
