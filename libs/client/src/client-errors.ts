/** The errors of the client. Branch on the class and on `code`, never on the text. */
import type { Fault, Job, JobError, JobErrorCode, Problem, ProblemCode } from '@millrace/contracts'

/**
 * The server refused the request. `code` is from docs/errors.md, or `unexpected_answer` when the answer does not come
 * from Millrace.
 */
export class ApiError extends Error {
  readonly code: ProblemCode | 'unexpected_answer'
  readonly status: number
  readonly title: string
  readonly detail: string
  /** The faults that the server lists, each with its path. Empty when the refusal is not about a field. */
  readonly errors: readonly Fault[]
  /** Number of all faults. It can be higher than the number of `errors`. */
  readonly errorsTotal: number
  /** The job that the refusal is about, when the call did not name it: the purged job of an idempotency key. */
  readonly jobId: string | undefined
  /** Id of the request. The server's log has it too; give it to the operator with a question. */
  readonly requestId: string | undefined

  constructor(problem: Pick<Problem, 'title' | 'detail' | 'status'> & Partial<Problem>) {
    super(`${problem.title}: ${problem.detail}`)
    this.name = 'ApiError'
    this.code = problem.code ?? 'unexpected_answer'
    this.status = problem.status
    this.title = problem.title
    this.detail = problem.detail
    this.errors = problem.errors ?? []
    this.errorsTotal = problem.errors_total ?? this.errors.length
    this.jobId = problem.job_id
    this.requestId = problem.request_id
  }
}

/**
 * No complete answer came: the server cannot be reached, or the connection broke. The request may have been carried out
 * or not.
 */
export class ConnectionError extends Error {
  /** Address of the server, as given to `createClient`. */
  readonly url: string

  constructor(url: string, reason: string, options?: { cause?: unknown }) {
    super(`No answer from ${url}: ${reason}`, options)
    this.name = 'ConnectionError'
    this.url = url
  }
}

/** The job ended without an output. */
export class JobFailedError extends Error {
  readonly job: Job
  /** The job's error. Null when the job was canceled. */
  readonly error: JobError | null
  readonly code: JobErrorCode | 'canceled'

  constructor(job: Job) {
    super(job.error ? `Job ${job.id} failed: ${job.error.message} (${job.error.code})` : `Job ${job.id} was canceled`)
    this.name = 'JobFailedError'
    this.job = job
    this.error = job.status === 'failed' ? job.error : null
    this.code = this.error?.code ?? 'canceled'
  }
}

/** The job did not end within the time given to `wait` or `run`. The job goes on. */
export class WaitTimeoutError extends Error {
  /** The job as it was last seen. */
  readonly job: Job

  constructor(job: Job, seconds: number) {
    super(`Job ${job.id} is ${job.status} after ${seconds} s`)
    this.name = 'WaitTimeoutError'
    this.job = job
  }
}
