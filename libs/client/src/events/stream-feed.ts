/** Follows one job by its events: a change is seen at once, and a job that does not change costs nothing. */
import type { Job, StreamedEvent } from '@millrace/contracts'
import type { CallOptions } from '../call-options.ts'
import { ConnectionError } from '../client-errors.ts'
import type { ConnectEvents } from './event-connection.ts'
import { isFinal } from '../jobs/is-final.ts'
import { type JobFeed, pollFeed, type ReadJob } from '../jobs/job-feed.ts'
import { pause } from '../http/pause.ts'
import { retryDelay } from '../http/retry-delay.ts'

/** Connections in a row that brought nothing. After so many, the feed polls. */
const STRIKES = 3
/** Milliseconds between two reads of the place in the line, as long as no event tells it: that of a server of an older version does not. */
const PLACE_MS = 4000

/**
 * A feed that uses events and reconnects. It polls where the server has no events or where something between breaks the
 * stream. The server's answers about the job itself come from reading it.
 */
export const streamFeed = (connect: ConnectEvents, read: ReadJob): JobFeed =>
  async function* (id, options) {
    const poll = pollFeed(read)
    for (let strikes = 0; strikes < STRIKES; strikes++) {
      try {
        for await (const job of jobsOf(connect, read, id, options)) {
          strikes = 0
          yield job
          if (isFinal(job)) return
        }
      } catch (error) {
        options.signal?.throwIfAborted()
        if (!(error instanceof ConnectionError)) break
      }
      await pause(retryDelay(strikes, null), options.signal)
    }
    yield* poll(id, options)
  }

/** The jobs of one connection. Ends when the connection ends, even if the job goes on. */
async function* jobsOf(connect: ConnectEvents, read: ReadJob, id: string, options: CallOptions): AsyncGenerator<Job> {
  const control = new AbortController()
  const stop = (): void => control.abort(options.signal?.reason)
  if (options.signal?.aborted) stop()
  options.signal?.addEventListener('abort', stop, { once: true })
  const events = connect(id, { after: 'latest', signal: control.signal })
  let job: Job | undefined
  let tag: string | undefined
  let next = events.next()
  try {
    for (;;) {
      const found = await (job?.status === 'queued' ? orLater(next, PLACE_MS) : next)
      if (found?.done) return
      if (found) next = events.next()
      const change = found && applied(job, found.value)
      if (change === 'none') continue
      if (change === undefined || change === 'unknown') {
        const reading = await read(id, { ...options, wait: 0, tag })
        tag = reading.tag ?? tag
        if (!reading.job) continue
        job = reading.job
      } else job = change
      yield job
    }
  } finally {
    options.signal?.removeEventListener('abort', stop)
    // The next event was requested in advance, and nobody waits for it any more.
    next.catch(() => undefined)
    control.abort()
  }
}

/** The job after an event. `none`: it has not changed. `unknown`: it must be read. */
function applied(job: Job | undefined, event: StreamedEvent): Job | 'none' | 'unknown' {
  switch (event.type) {
    case 'job':
    case 'done':
      return event.job
    case 'progress':
      if (!job) return 'unknown'
      return { ...job, progress: { fraction: event.fraction, message: event.message ?? null } }
    case 'status':
      // The end comes in an event that carries the job itself.
      return isFinal(event) ? 'none' : 'unknown'
    case 'queue':
      return job?.status === 'queued' ? { ...job, queue: event.queue } : 'unknown'
    case 'gap':
      return 'unknown'
    default:
      return 'none'
  }
}

/** Resolves with undefined when nothing came within `ms`. The caller can wait for the same promise again. */
async function orLater<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const later = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms)
  })
  return Promise.race([promise, later]).finally(() => clearTimeout(timer))
}
