/**
 * Writes events for a watcher, as server-sent events or lines of JSON. Each event is made into text once, however many watch.
 * Called by event streams.
 */
import { randomInt } from 'node:crypto'
import type { LoggedEvent, StreamedEvent } from '@millrace/contracts'

export type Format = 'sse' | 'ndjson'

export const CONTENT_TYPES: Record<Format, string> = { sse: 'text/event-stream', ndjson: 'application/x-ndjson' }

/** The stream that an Accept header asks for, the first that it names; undefined when it names none. */
export function acceptedStream(header: string | undefined): Format | undefined {
  for (const range of header?.slice(0, 1024).split(',') ?? []) {
    const [name, ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    if (parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))) continue
    if (name === CONTENT_TYPES.sse) return 'sse'
    if (name === CONTENT_TYPES.ndjson) return 'ndjson'
  }
  return undefined
}

/** The id of `done`. It lies behind the event that ended the job, so a watcher that has it finds nothing new. */
const doneIdOf = (lastEventId: string): string => `${lastEventId || '0-0'}-done`

/** What a client may send to say where a stream is to begin: nothing, an id, or `latest`. */
export const START = /^(latest|\d{1,15}-\d{1,15}(-done)?)?$/

/** What a watcher may resume from: the position in the log, and whether it has seen the end. Undefined: no id of ours. */
export function parseEventId(text: string): { after: string; sawDone: boolean } | undefined {
  const match = /^(\d{1,15}-\d{1,15})(-done)?$/.exec(text)
  return match ? { after: match[1] as string, sawDone: match[2] !== undefined } : undefined
}

/** Least and most that a browser waits before it connects again: thousands cut off together spread out. Milliseconds. */
const RETRY_MS = [500, 2500] as const

/** What our own streams begin with. */
export const opening = (format: Format): string => (format === 'sse' ? `retry: ${randomInt(...RETRY_MS)}\n\n` : '\n')
const heartbeat = (format: Format): string => (format === 'sse' ? ':\n\n' : '\n')

/** Held weakly: the text of an event lives as long as the event. */
const texts: Record<Format, WeakMap<LoggedEvent, string>> = { sse: new WeakMap(), ndjson: new WeakMap() }

function eventText(logged: LoggedEvent, format: Format): string {
  const known = texts[format].get(logged)
  if (known !== undefined) return known
  const { id, at, event } = logged
  const text = frame(format, event.type, id, JSON.stringify({ id, at, ...event }))
  texts[format].set(logged, text)
  return text
}

/** `job` or `done`; `json` is the job's text. */
export function jobEventText(type: 'job' | 'done', id: string | undefined, json: string, format: Format): string {
  // Values in it are as they were kept. A line end between two of them would end the event.
  const job = json.replaceAll(/[\r\n]/g, ' ')
  if (format === 'sse') return frame(format, type, id, job)
  const head = JSON.stringify({ ...(id === undefined ? {} : { id }), type, at: new Date().toISOString() })
  return `${head.slice(0, -1)},"job":${job}}\n`
}

type Note = Without<NoteEvent>
type NoteEvent = Extract<StreamedEvent, { type: 'gap' | 'bye' | 'queue' }>
type Without<T> = T extends unknown ? Omit<T, 'at'> : never

/** A note about the stream: nothing to resume from, so it has no id. */
const noteText = (note: Note, format: Format): string =>
  frame(format, note.type, undefined, JSON.stringify({ at: new Date().toISOString(), ...note }))

/** How a watcher is told what happens. A text that is empty is not sent. */
export interface Wire {
  /** Sent first, so that proxies in between see bytes at once. Default: that of our own streams. */
  readonly opening?: string
  /** Says that the stream is alive. */
  readonly heartbeat: string
  event(logged: LoggedEvent): string
  note(note: Note): string
  /** The last word, behind that event: the job as `json`, in which a line may end between two values. */
  done(lastEventId: string, json: string): string
}

const wireOf = (format: Format): Wire => ({
  heartbeat: heartbeat(format),
  event: (logged) => eventText(logged, format),
  note: (note) => noteText(note, format),
  done: (lastEventId, json) => jobEventText('done', doneIdOf(lastEventId), json, format),
})

/** Those of our own streams. */
export const WIRES: Record<Format, Wire> = { sse: wireOf('sse'), ndjson: wireOf('ndjson') }

/** `json` must have no line ends. */
function frame(format: Format, type: string, id: string | undefined, json: string): string {
  if (format === 'ndjson') return `${json}\n`
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${type}\ndata: ${json}\n\n`
}
