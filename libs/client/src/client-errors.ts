/** Every way a call can fail, as a type: branch on the class and on `code`, never on the text. */
import type { Fault, Job, JobError, JobErrorCode, Problem, ProblemCode } from '@millrace/contracts'

/** The server refused the request. `code` is from docs/errors.md, or `unexpected_answer` when it is no answer of Millrace. */
export class ApiError extends Error {
  readonly code: ProblemCode | 'unexpected_answer'
  readonly status: number
  readonly title: string
  readonly detail: string
  /** Each fault with its path, as far as shown; empty when the refusal is about no field. */
  readonly errors: readonly Fault[]
  /** Faults that there are; more than `errors` shows when there are many. */
  readonly errorsTotal: number
  /** The job that it is about, where the call did not name it: of a submit whose key is an erased job's. */
  readonly jobId: string | undefined
  /** To quote when asking the server's operator; its log has it too. */
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

/** No whole answer came: the server is away, or the connection broke. Whether the request was carried out is not known. */
export class ConnectionError extends Error {
  /** Of the server, as given to `createClient`. */
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
  /** Why; null when it was canceled. */
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

/** The job has not ended within the time given to `wait` or `run`. It goes on. */
export class WaitTimeoutError extends Error {
  /** As last seen. */
  readonly job: Job

  constructor(job: Job, seconds: number) {
    super(`Job ${job.id} is ${job.status} after ${seconds} s`)
    this.name = 'WaitTimeoutError'
    this.job = job
  }
}
