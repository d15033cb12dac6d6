/** Waits for the end of a job by long polls. Called by create-client.ts. */
import type { Job } from '@millrace/contracts'
import type { WaitOptions } from '../call-options.ts'
import { ConnectionError, WaitTimeoutError } from '../client-errors.ts'
import { isFinal } from './is-final.ts'
import type { ReadJob } from './job-feed.ts'
import { pause } from '../http/pause.ts'

/** Seconds of one long poll: less than the silence that proxies usually allow. */
const POLL = 30
/**
 * Milliseconds between two polls at least: a server that is stopping answers at once, and must not be asked without a
 * pause.
 */
const AT_LEAST = 250

/** Milliseconds added to the caller's time, for an answer that is on its way. */
const SLACK = 1000

/** How to wait for a job. `url` is the address of the server, `last` the job as it was known before. */
interface Wait {
  read: ReadJob
  url: string
  last?: Job
}

/**
 * The job when it has ended. When the time is over, rejects with WaitTimeoutError, also while the server cannot be
 * reached; or with ConnectionError when nothing is known of the job.
 */
export async function waitForEnd({ read, url, last }: Wait, id: string, options: WaitOptions): Promise<Job> {
  const { waitSeconds, signal, ...rest } = options
  if (waitSeconds === undefined) return untilEnd(read, id, options)
  const limit = new AbortController()
  const stop = (): void => limit.abort(signal?.reason)
  if (signal?.aborted) stop()
  signal?.addEventListener('abort', stop, { once: true })
  let seen = last
  const timer = setTimeout(
    () =>
      limit.abort(
        seen ? new WaitTimeoutError(seen, waitSeconds) : new ConnectionError(url, `nothing came in ${waitSeconds} s`),
      ),
    Math.max(0, waitSeconds) * 1000 + SLACK,
  )
  try {
    const see: ReadJob = async (...call) => {
      const reading = await read(...call)
      seen = reading.job ?? seen
      return reading
    }
    return await untilEnd(see, id, { ...rest, waitSeconds, signal: limit.signal })
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
  }
}

async function untilEnd(read: ReadJob, id: string, { waitSeconds, ...options }: WaitOptions): Promise<Job> {
  const deadline = waitSeconds === undefined ? undefined : Date.now() + waitSeconds * 1000
  for (;;) {
    const started = Date.now()
    const left = deadline === undefined ? POLL : Math.max(0, (deadline - started) / 1000)
    const { job } = await read(id, { ...options, wait: Math.min(POLL, left) })
    if (job && isFinal(job)) return job
    const now = Date.now()
    if (job && deadline !== undefined && now >= deadline) throw new WaitTimeoutError(job, waitSeconds ?? 0)
    if (now - started < AT_LEAST) await pause(AT_LEAST, options.signal)
  }
}
