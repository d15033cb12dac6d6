/** Following one job: how changes are heard of. `watch` knows the feed only by its type, so another can take its place. */
import type { Job } from '@millrace/contracts'
import type { CallOptions } from '../call-options.ts'
import { isFinal } from './is-final.ts'
import { pause } from '../http/pause.ts'

/** The job now and after each change, until it has ended. */
export type JobFeed = (id: string, options: CallOptions) => AsyncIterable<Job>

export interface JobReading {
  /** Undefined: it has not changed since the tag. */
  job: Job | undefined
  tag: string | undefined
}

/** Reads a job; `wait` seconds at most until it ends. */
export type ReadJob = (id: string, options: { wait: number; tag?: string } & CallOptions) => Promise<JobReading>

/** Changes are seen this late at most; the end at once. Milliseconds. */
const EVERY = 500

/** A feed by short long-polls with the tag of the last reading: an unchanged job costs an empty answer. */
export const pollFeed = (read: ReadJob): JobFeed =>
  async function* (id, options) {
    let { job, tag } = await read(id, { ...options, wait: 0 })
    for (;;) {
      if (job) yield job
      if (job && isFinal(job)) return
      const started = Date.now()
      ;({ job, tag } = await read(id, { ...options, wait: EVERY / 1000, tag }))
      // A server that closes answers at once, and must not be asked in a circle.
      const left = EVERY - (Date.now() - started)
      if (left > 0 && !(job && isFinal(job))) await pause(left, options.signal)
    }
  }
