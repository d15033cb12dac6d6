/**
 * What happened to a job, as far as a page keeps it: the newest events within bounds, the log apart from the rest. Events come by the
 * thousand; who shows them is told once for each frame. Held by job-watch.ts.
 */
import { signal } from '@preact/signals'
import type { StreamedEvent } from '@millrace/contracts'
import { LogBook } from '../../logs/log-book.ts'
import { Feed } from '../../results/streams/feed.ts'

export interface EventRow {
  number: number
  at: string
  type: StreamedEvent['type']
  text: string
}

const MOST_ROWS = 2000
/** Characters of one event that are shown in the list. */
const ROW_CHARS = 300
/** Pieces of a streamed output that are kept for who looks at it later. */
const MOST_PIECES = 5000

export class EventBook {
  readonly log = new LogBook()
  /** What the newest attempt streams of its output. */
  readonly stream = signal(new Feed<string>(MOST_PIECES))
  /** Grows when there is something new. Whatever reads it is shown again. */
  readonly changes = signal(0)
  #rows: EventRow[] = []
  #count = 0
  #isDue = false

  get rows(): readonly EventRow[] {
    return this.#rows
  }

  /** Events that came and are not in the list any more. */
  get dropped(): number {
    return this.#count - this.#rows.length
  }

  add(event: StreamedEvent): void {
    if (event.type === 'log') this.log.add({ at: event.at, level: event.level, text: event.message })
    if (event.type === 'output') this.stream.peek().push(pieceText(event.chunk))
    if (event.type === 'queue' || event.type === 'job') return
    this.#rows.push({ number: this.#count++, at: event.at, type: event.type, text: textOf(event) })
    // In one cut for many: each by itself would move all that follow.
    if (this.#rows.length > MOST_ROWS + 500) this.#rows = this.#rows.slice(-MOST_ROWS)
    this.#tell()
  }

  /** Another attempt streams anew. */
  startAnew(): void {
    if (this.stream.peek().count > 0) this.stream.value = new Feed(MOST_PIECES)
  }

  #tell(): void {
    if (this.#isDue) return
    this.#isDue = true
    requestAnimationFrame(() => {
      this.#isDue = false
      this.changes.value += 1
    })
  }
}

/** One event in one line. */
function textOf(event: StreamedEvent): string {
  switch (event.type) {
    case 'status':
      return [event.status, event.reason].filter(Boolean).join(': ')
    case 'progress':
      return `${Math.round(event.fraction * 100)} %${event.message ? ` ${event.message}` : ''}`
    case 'log':
      return `${event.level} ${event.message}`.slice(0, ROW_CHARS)
    case 'output':
      return JSON.stringify(event.chunk).slice(0, ROW_CHARS)
    case 'gap':
      return event.after
    case 'bye':
      return event.reason
    case 'done':
      return event.job.status
    default:
      return ''
  }
}

/** Text as it is; all else as JSON, each piece on a line. */
const pieceText = (chunk: unknown): string => (typeof chunk === 'string' ? chunk : `${JSON.stringify(chunk)}\n`)
