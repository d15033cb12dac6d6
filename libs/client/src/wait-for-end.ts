import type { Job } from '@millrace/contracts'
import type { WaitOptions } from './client.ts'
import { WaitTimeoutError } from './client-errors.ts'
import { isFinal } from './is-final.ts'
import type { ReadJob } from './job-feed.ts'
import { pause } from './pause.ts'

/** Of one long poll: below what proxies usually allow a silent connection. Seconds. */
const POLL = 30
/** A server that closes answers at once, and must not be asked in a circle. Milliseconds. */
const AT_LEAST = 250

/** The job once it has ended. Rejects with WaitTimeoutError. */
export async function waitForEnd(read: ReadJob, id: string, { waitSeconds, ...options }: WaitOptions): Promise<Job> {
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
