/**
 * The log of a job that has ended, as an object: a line for each event, its id and its JSON. What is needed to read it a piece
 * at a time stands in the record.
 */
import type { JobEvent, LoggedEvent } from '@millrace/contracts'
import type { LogEntry, ShelvedLog } from '../ports/shelf-store.ts'

/** What a reader takes at once. Bytes. */
const PIECE_BYTES = 64 * 1024

export function packLog(entries: readonly LogEntry[]): { bytes: Buffer; pieces: ShelvedLog['pieces'] } {
  const lines: Buffer[] = []
  const pieces: ShelvedLog['pieces'] = []
  let end = 0
  let begun = 0
  for (const [id, json] of entries) {
    const line = Buffer.from(`${id} ${json}\n`)
    if (lines.length > 0 && end + line.length - begun > PIECE_BYTES) begun = end
    if (begun === end) pieces.push([id, end])
    lines.push(line)
    end += line.length
    pieces[pieces.length - 1] = [id, end]
  }
  return { bytes: Buffer.concat(lines), pieces }
}

/** The lines of such an object, or of whole pieces of it. */
export const unpackLog = (text: string): LogEntry[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const gap = line.indexOf(' ')
      return [line.slice(0, gap), line.slice(gap + 1)] as const
    })

/** An event as it was kept or published. Ids begin with its time. */
export const toLogged = (id: string, json: string): LoggedEvent => ({
  id,
  at: new Date(Number(id.split('-')[0])).toISOString(),
  event: JSON.parse(json) as JobEvent,
})

/** Whether one event happened after another; '' is before all. Ids are `<milliseconds>-<number in that millisecond>`. */
export function isLaterEvent(id: string, than: string): boolean {
  const [ms = 0, n = 0] = id.split('-').map(Number)
  const [otherMs = 0, otherN = 0] = than.split('-').map(Number)
  return than === '' || ms > otherMs || (ms === otherMs && n > otherN)
}

/** Whether events between `after` and the first that is kept are missing: a log that was never cut begins with the submit. */
export function isCut(first: LoggedEvent, after: string): boolean {
  const { event } = first
  const isSubmit = event.type === 'status' && event.status === 'queued' && event.attempt === 0
  return !isSubmit && isLaterEvent(first.id, after)
}
