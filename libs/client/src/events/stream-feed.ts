/** Following one job by its events: what changes is heard at once, and a job that does not change costs nothing. */
import type { Job, StreamedEvent } from '@millrace/contracts'
import type { CallOptions } from '../call-options.ts'
import { ConnectionError } from '../client-errors.ts'
import type { ConnectEvents } from './event-connection.ts'
import { isFinal } from '../jobs/is-final.ts'
import { type JobFeed, pollFeed, type ReadJob } from '../jobs/job-feed.ts'
import { pause } from '../http/pause.ts'
import { retryDelay } from '../http/retry-delay.ts'

/** Connections in a row that brought nothing, after which it goes on by polling. */
const STRIKES = 3
/** No event tells the place in the line: it is asked for this often. Milliseconds. */
const PLACE_MS = 1000

/**
 * A feed by events, which reconnects and, where the server has no events or something in between breaks them, goes on by
 * polling. What the server says of the job itself is left to its reading.
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

/** One connection. Ends, without the end of the job, when the connection does. */
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
    // Nobody waits for the one that was asked for in advance.
    next.catch(() => undefined)
    control.abort()
  }
}

/** The job after an event; `unknown` when it must be read to know. */
function applied(job: Job | undefined, event: StreamedEvent): Job | 'none' | 'unknown' {
  switch (event.type) {
    case 'job':
    case 'done':
      return event.job
    case 'progress':
      if (!job) return 'unknown'
      return { ...job, progress: { fraction: event.fraction, message: event.message ?? null } }
    case 'status':
      // The end comes with the job itself.
      return isFinal(event) ? 'none' : 'unknown'
    case 'gap':
      return 'unknown'
    default:
      return 'none'
  }
}

/** Undefined when nothing came in time; then the promise is to be waited for again. */
async function orLater<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const later = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms)
  })
  return Promise.race([promise, later]).finally(() => clearTimeout(timer))
}
