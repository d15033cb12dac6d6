/** What a caller may say of one call. Types alone; the calls of every folder take them, and index.ts hands them out. */
import type { JobRequest, JobStatus } from '@millrace/contracts'

export interface CallOptions {
  /** Ends the call, not the job. */
  signal?: AbortSignal
  /** For this call, instead of the client's. */
  retries?: number
}

/** Fields of the API's body but the input, as docs of the API name them; and the idempotency key. */
export type SubmitOptions = CallOptions &
  Partial<Omit<JobRequest, 'input'>> & {
    /** Same key, same job, for 24 hours. Default: a random one per submit, so a submit that is sent again makes one job. */
    idempotencyKey?: string
  }

export interface WaitOptions extends CallOptions {
  /** Seconds until WaitTimeoutError, about: an answer on its way is waited for a second more. Default: none. */
  waitSeconds?: number
}

export type RunOptions = SubmitOptions & WaitOptions

export interface EventsOptions extends CallOptions {
  /** Go on behind this event; `latest` begins with a `job` event and what comes after it. Default: the first that is kept. */
  after?: string
}

export interface ListOptions extends CallOptions {
  model?: string
  status?: JobStatus
  /** Jobs in all. Default: every one that is kept. */
  limit?: number
}
