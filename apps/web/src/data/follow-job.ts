/**
 * What happens to a job, as it happens. A browser has six connections to a server for all its tabs, so the stream is closed while the
 * page is not seen and goes on behind the last event afterwards; and where many tabs are seen at once, some look in every other second.
 * Called by what shows a running job.
 */
import type { Job, StreamedEvent } from '@millrace/contracts'
import { StreamSeat } from './stream-seat.ts'

/** Of the events that have no data of their own, `job` and `done` bring the job. */
export interface JobFollower {
  /** Events in their order, each once. Many may come at once: gather them before you draw. */
  onEvent(event: StreamedEvent): void
  /** The job has ended; nothing more will come. */
  onDone?(job: Job): void
  /** Whether the stream is open. While it is not, it is tried again. */
  onLink?(isOpen: boolean): void
}

export interface FollowOptions {
  /** Where to begin: behind this event, or `latest`. Default: with the oldest that is kept. */
  after?: string
}

const TYPES = ['status', 'progress', 'log', 'output', 'queue', 'gap', 'bye', 'job', 'done'] as const
/** From one try to the next, and at most. Milliseconds. */
const FIRST_PAUSE = 1000
const LONGEST_PAUSE = 15_000
/** From one look of a tab that has no seat to the next. Milliseconds. */
const LOOK_PAUSE = 1250

/** Follows until it is stopped or the job has ended. Returns what stops it. */
export function followJob(id: string, follower: JobFollower, { after }: FollowOptions = {}): () => void {
  let last = after
  let source: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let pause = FIRST_PAUSE
  let seat: StreamSeat | undefined

  const close = (): void => {
    clearTimeout(timer)
    seat?.end()
    source?.close()
    source = undefined
  }
  const leave = (): void => {
    close()
    seat?.leave()
    seat = undefined
  }
  const stop = (): void => {
    document.removeEventListener('visibilitychange', onVisibility)
    leave()
  }
  const openLater = (ms: number): void => {
    close()
    timer = setTimeout(open, ms)
  }
  const open = (): void => {
    close()
    if (document.visibilityState === 'hidden') return
    seat ??= new StreamSeat()
    seat.begin(() => openLater(LOOK_PAUSE))
    const opened = new EventSource(eventsPath(id, last))
    source = opened
    opened.addEventListener('open', () => {
      pause = FIRST_PAUSE
      seat?.opened()
      follower.onLink?.(true)
    })
    opened.addEventListener('error', () => {
      // The browser's own tries would not know of pages that are not seen.
      openLater(pause)
      follower.onLink?.(false)
      pause = Math.min(pause * 2, LONGEST_PAUSE)
    })
    for (const type of TYPES) opened.addEventListener(type, (message) => take(type, message))
  }
  const take = (type: (typeof TYPES)[number], message: MessageEvent<string>): void => {
    seat?.heard()
    if (message.lastEventId !== '') last = message.lastEventId
    const event = toEvent(type, message)
    if (type === 'done') stop()
    follower.onEvent(event)
    if (event.type === 'done') follower.onDone?.(event.job)
    if (type === 'bye' && source) openLater(FIRST_PAUSE)
  }
  const onVisibility = (): void => (document.visibilityState === 'hidden' ? leave() : open())
  document.addEventListener('visibilitychange', onVisibility)
  open()
  return stop
}

const eventsPath = (id: string, after: string | undefined): string =>
  `v1/jobs/${encodeURIComponent(id)}/events${after === undefined ? '' : `?after=${encodeURIComponent(after)}`}`

/** On the wire the data of `job` and `done` is the job alone. */
function toEvent(type: string, { data, lastEventId }: MessageEvent<string>): StreamedEvent {
  const value: unknown = JSON.parse(data)
  if (type !== 'job' && type !== 'done') return value as StreamedEvent
  const job = value as Job
  return { type, id: lastEventId, at: job.finished_at ?? job.created_at, job } as StreamedEvent
}
