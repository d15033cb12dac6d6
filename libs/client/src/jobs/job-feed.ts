/**
 * The interface of following one job, and a feed that polls. `watch` knows the feed only by its type, so another feed
 * can replace it.
 */
import type { Job } from '@millrace/contracts'
import type { CallOptions } from '../call-options.ts'
import { isFinal } from './is-final.ts'
import { pause } from '../http/pause.ts'

/** Gives the job now and after each change, until it has ended. */
export type JobFeed = (id: string, options: CallOptions) => AsyncIterable<Job>

export interface JobReading {
  /** Undefined when the job has not changed since the tag. */
  job: Job | undefined
  tag: string | undefined
}

/** Reads a job. Waits at most `wait` seconds for its end. */
export type ReadJob = (id: string, options: { wait: number; tag?: string } & CallOptions) => Promise<JobReading>

/** Milliseconds after which a change is seen at the latest. The end is seen at once. */
const EVERY = 500

/** A feed of short long-polls with the tag of the last answer: a job that has not changed costs an empty answer. */
export const pollFeed = (read: ReadJob): JobFeed =>
  async function* (id, options) {
    let { job, tag } = await read(id, { ...options, wait: 0 })
    for (;;) {
      if (job) yield job
      if (job && isFinal(job)) return
      const started = Date.now()
      ;({ job, tag } = await read(id, { ...options, wait: EVERY / 1000, tag }))
      // A server that is stopping answers at once, and must not be asked without a pause.
      const left = EVERY - (Date.now() - started)
      if (left > 0 && !(job && isFinal(job))) await pause(left, options.signal)
    }
  }
