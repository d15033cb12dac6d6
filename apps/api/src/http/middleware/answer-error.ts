/**
 * The one door through which refusals and faults leave: any error becomes `application/problem+json` from the problem
 * table, or, below the path of a dialect, what the clients of that one expect. If the fault is ours, the client learns the request id alone, and the log has the rest.
 */
import { randomUUID } from 'node:crypto'
import { type Problem, type ProblemCode, ProblemError, PROBLEMS } from '@millrace/contracts'
import { InvalidCursorError, isUnavailable } from '@millrace/queue'
import { BlobGoneError, StorageError } from '@millrace/storage'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { z } from 'zod'
import type { ApiContext, ApiDeps } from '../api-deps.ts'
import { rateLimitHeaders } from '../limits/rate-limit-headers.ts'
import { invalidRequest } from '../request-faults.ts'
import { RETRY_AFTER_AWAY } from '../store-time.ts'

/** Headers that belong to one body, or to one outcome. */
const OF_A_BODY = [
  ...['accept-ranges', 'cache-control', 'content-disposition', 'content-encoding', 'content-length', 'content-range'],
  ...['content-security-policy', 'etag', 'last-modified', 'location'],
]

/** A problem in the words of another platform. What is left out stays as it is. */
export interface Refusal {
  status?: number
  /** A text is sent as it is, with the content type that `headers` name; all else as JSON. */
  body: unknown
  headers?: Record<string, string>
}

/** How the clients of a path want to be told of a problem; undefined: as ours do. */
export type RefusalOf = (path: string) => ((problem: Problem) => Refusal) | undefined

/** Makes the app's error handler. */
export function createAnswerError(logger: ApiDeps['logger'], refusalOf: RefusalOf = () => undefined) {
  return (error: unknown, c: ApiContext): Response => {
    const problem = problemOf(error)
    const requestId = c.get('requestId')
    if (problem.code === 'internal') logger.error({ err: error, request_id: requestId }, 'request failed')
    // The route set these for its own answer; they are not true of this one.
    for (const name of OF_A_BODY) c.header(name, undefined)
    c.set('hasStandardHeaders', false)
    const { retryAfter } = problem.options
    if (retryAfter !== undefined) c.header('retry-after', String(Math.ceil(retryAfter)))
    for (const [name, value] of Object.entries(rateLimitHeaders(problem.options.rateLimit))) c.header(name, value)
    if (problem.code === 'unauthorized') c.header('www-authenticate', 'Bearer')
    const told = problemBody(problem, requestId)
    const refuse = refusalOf(c.req.path)
    if (refuse) return answerRefusal(c, refuse(told), problem)
    c.header('content-type', 'application/problem+json')
    return c.body(JSON.stringify(told), problem.status as ContentfulStatusCode)
  }
}

function answerRefusal(c: ApiContext, { body, headers = {}, status }: Refusal, problem: ProblemError): Response {
  // Some clients repeat what was refused for good, a 409 for one, unless they are told.
  if (problem.status < 500 && problem.options.retryAfter === undefined) c.header('x-should-retry', 'false')
  c.header('content-type', 'application/json')
  for (const [name, value] of Object.entries(headers)) c.header(name, value)
  return c.body(
    typeof body === 'string' ? body : JSON.stringify(body),
    (status ?? problem.status) as ContentfulStatusCode,
  )
}

/** The same for a request that Hono itself could not read: then there is no context. */
export function createAnswerFault(logger: ApiDeps['logger']) {
  return (problem: ProblemError): Response => {
    const requestId = randomUUID()
    if (problem.code === 'internal') logger.error({ err: problem.cause, request_id: requestId }, 'request failed')
    const headers = {
      'content-type': 'application/problem+json',
      'x-request-id': requestId,
      'cache-control': 'no-store',
      connection: 'close',
    }
    return new Response(JSON.stringify(problemBody(problem, requestId)), { status: problem.status, headers })
  }
}

/** The body that a client gets. */
export function problemBody({ code, options }: ProblemError, requestId: string): Problem {
  const { status, title, fix } = PROBLEMS[code]
  return {
    type: `/problems/${code}`,
    code,
    title,
    status,
    detail: options.detail ?? fix,
    ...(options.errors ? { errors: options.errors } : {}),
    ...(options.errorsTotal ? { errors_total: options.errorsTotal } : {}),
    ...(options.jobId ? { job_id: options.jobId } : {}),
    ...(options.eta ? { eta_seconds: options.eta } : {}),
    ...(options.count === undefined ? {} : { count: options.count }),
    request_id: requestId,
  }
}

/** People make room, or the sweeper does after a while. Seconds. */
const RETRY_AFTER_FULL = 60

const BY_STATUS: Record<number, ProblemCode> = {
  404: 'not_found',
  413: 'body_too_large',
  415: 'unsupported_media_type',
}

/** Any error as the refusal that a client is told of. */
export function problemOf(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error
  if (isUnavailable(error) || (error instanceof StorageError && error.fault === 'unavailable')) {
    return new ProblemError('unavailable', { retryAfter: RETRY_AFTER_AWAY, cause: error })
  }
  if (error instanceof StorageError && error.fault === 'full') {
    return new ProblemError('store_full', { retryAfter: RETRY_AFTER_FULL, cause: error })
  }
  // Uploads that had expired were told before.
  if (error instanceof BlobGoneError) return new ProblemError('tenant_erased')
  if (error instanceof InvalidCursorError) {
    const fault = { path: '/cursor', code: 'format', message: 'expected `next_cursor` of an earlier page' }
    return new ProblemError('invalid_request', { errors: [fault] })
  }
  if (error instanceof z.ZodError) return invalidRequest(error)
  if (error instanceof HTTPException && error.status < 500) {
    return new ProblemError(BY_STATUS[error.status] ?? 'invalid_request')
  }
  return new ProblemError('internal', { cause: error })
}
