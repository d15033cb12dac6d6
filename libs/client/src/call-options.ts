/** The options of a call. Only types: the calls in every folder take them, and index.ts exports them. */
import type { JobFilter, JobRequest, JobStatus } from '@millrace/contracts'

export interface CallOptions {
  /** Aborting it ends the call. It does not cancel the job. */
  signal?: AbortSignal
  /** How often this call is repeated, instead of the client's `retries`. */
  retries?: number
}

/** The fields of a submit request except `input`, named as in the API, and the idempotency key. */
export type SubmitOptions = CallOptions &
  Partial<Omit<JobRequest, 'input'>> & {
    /** Same key, same job, for 24 hours. Default: a random key per submit, so a repeated request makes one job only. */
    idempotencyKey?: string
  }

export interface RetryOptions extends CallOptions {
  /** Run the input of the job, which has ended, on this version: a new job. Default: the failed job itself runs again. */
  version?: string
  /** For a new job: same key, same job. Default: one new job for each job and version. */
  idempotencyKey?: string
}

export interface WaitOptions extends CallOptions {
  /** Seconds until WaitTimeoutError. An answer on its way may take one second more. Default: no limit. */
  waitSeconds?: number
}

export type RunOptions = SubmitOptions & WaitOptions

export interface EventsOptions extends CallOptions {
  /**
   * Continue after this event. `latest` begins with a `job` event, followed by what happens from then on. Default: the
   * first event that is kept.
   */
  after?: string
}

/** What jobs have to be to be meant: all that is given. One status or several. */
export type JobConditions = Omit<JobFilter, 'status'> & { status?: JobStatus | readonly JobStatus[] }

export interface ListOptions extends CallOptions, JobConditions {
  /** Most jobs to return. Default: all that are kept. */
  limit?: number
}
