/**
 * How the API refuses a request: the table of codes with status, title and fix, and the error that carries one.
 * docs/errors.md is generated from it.
 */
import { z } from 'zod'

interface ProblemEntry {
  readonly status: number
  readonly title: string
  /** What the caller can do about it. */
  readonly fix: string
}

/**
 * Every way in which a request can be refused. The API answers from this table; docs/errors.md and the tests read it
 * too.
 */
export const PROBLEMS = {
  malformed_http: {
    status: 400,
    title: 'The request is not proper HTTP',
    fix: 'Send well-formed requests, one after the other. Each needs one Host, and either one Content-Length or chunked encoding.',
  },
  malformed_json: { status: 400, title: 'The body is not valid JSON', fix: 'Send well-formed JSON.' },
  invalid_utf8: { status: 400, title: 'The body is not valid UTF-8', fix: 'Encode the body as UTF-8.' },
  json_too_deep: {
    status: 400,
    title: 'The body is nested too deeply',
    fix: 'Nest at most 32 levels; put large data into a file.',
  },
  json_too_large: {
    status: 400,
    title: 'The body holds too many values',
    fix: 'Send at most 10,000 values; put large data into a file.',
  },
  malformed_multipart: {
    status: 400,
    title: 'The multipart body cannot be read',
    fix: 'Send one part `input` with JSON and one part per file.',
  },
  invalid_request: {
    status: 400,
    title: 'The request has the wrong shape',
    fix: 'Correct the fields named in `errors`.',
  },
  reserved_key: {
    status: 400,
    title: 'The body has a key named __proto__',
    fix: 'Use another name for the keys named in `errors`.',
  },
  unauthorized: { status: 401, title: 'The API key is missing or wrong', fix: 'Send `Authorization: Bearer <key>`.' },
  forbidden: {
    status: 403,
    title: 'The link is not valid, or has expired',
    fix: 'Read the job again for a fresh link.',
  },
  not_found: { status: 404, title: 'There is no such thing here', fix: 'Check the address.' },
  model_not_found: {
    status: 404,
    title: 'No worker has published this model',
    fix: 'GET /v1/models lists the published models.',
  },
  job_not_found: {
    status: 404,
    title: 'There is no such job',
    fix: 'Check the id; only the owner of a job can see it.',
  },
  webhook_endpoint_not_found: {
    status: 404,
    title: 'There is no such webhook endpoint',
    fix: 'Check the id: GET /v1/webhook-endpoints lists them.',
  },
  webhook_delivery_not_found: {
    status: 404,
    title: 'There is no such delivery',
    fix: 'Check the id: GET /v1/webhook-deliveries lists the deliveries, which are kept for 7 days after their end.',
  },
  file_not_found: {
    status: 404,
    title: 'There is no such file',
    fix: 'Check the id; a file that no job uses is deleted after a while. Upload it again.',
  },
  method_not_allowed: { status: 405, title: 'This address does not take this method', fix: 'See the Allow header.' },
  request_timeout: {
    status: 408,
    title: 'The request did not arrive in time',
    fix: 'Send headers within 10 s, JSON within 30 s, and a file without pauses of 30 s; then send the request again.',
  },
  version_not_available: {
    status: 409,
    title: 'The model has no such version',
    fix: 'Leave `version` out, or name one of GET /v1/models/{model}/versions.',
  },
  job_not_finished: {
    status: 409,
    title: 'The job has no output yet',
    fix: 'Wait for the job to finish: GET /v1/jobs/{id}?wait=60.',
  },
  job_has_no_output: { status: 409, title: 'The job ended without an output', fix: "See the job's `error`." },
  job_not_retryable: { status: 409, title: 'Only a failed job can be retried', fix: 'Submit a new job instead.' },
  job_running: { status: 409, title: 'The job is running', fix: 'Cancel it first, or wait for its end.' },
  webhook_endpoint_disabled: {
    status: 409,
    title: 'The webhook endpoint is disabled, or was removed',
    fix: 'Enable it first: POST /v1/webhook-endpoints/{id}/enable.',
  },
  webhook_endpoint_limit: {
    status: 409,
    title: 'The highest number of webhook endpoints is reached',
    fix: 'Remove one that is not needed.',
  },
  upload_incomplete: {
    status: 409,
    title: 'Not all bytes of the upload have arrived',
    fix: 'Send what is missing to the addresses of the upload, then complete it again.',
  },
  job_purged: {
    status: 410,
    title: 'The job was purged',
    fix: 'If it is needed, submit it again with a new idempotency key.',
  },
  body_too_large: {
    status: 413,
    title: 'The body is too large',
    fix: 'Send large data as a file part of a multipart body.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'The media type of the body is not supported here',
    fix: 'Send application/json, multipart/form-data or application/x-www-form-urlencoded.',
  },
  expectation_failed: {
    status: 417,
    title: 'The Expect header asks for something that is not supported',
    fix: 'Leave `Expect` out, or send `Expect: 100-continue`.',
  },
  checksum_mismatch: {
    status: 422,
    title: 'The bytes differ from what was announced',
    fix: 'Check `size` and `sha256`, then upload again.',
  },
  file_refused: {
    status: 422,
    title: 'The file cannot be accepted',
    fix: 'Send a file whose bytes match its media type and that is within the limits of the server.',
  },
  kind_not_supported: {
    status: 422,
    title: 'The model has no jobs of this kind',
    fix: 'Leave `kind` out, or name a model that can be trained: GET /v1/models/{model} shows `training`.',
  },
  invalid_input: {
    status: 422,
    title: "The input does not fit the model's schema",
    fix: 'Correct the fields named in `errors`.',
  },
  input_too_costly: {
    status: 422,
    title: "Checking the input by the model's schema costs too much",
    fix: 'Send a smaller or simpler input. For the author of the model, `detail` says what to change in its schema.',
  },
  webhook_not_allowed: {
    status: 422,
    title: 'No webhook may be sent to this address',
    fix: 'Name an https address of the public internet, port 443; or ask the operator to allow its host, see MILLRACE_WEBHOOK_ALLOW_HOSTS.',
  },
  idempotency_mismatch: {
    status: 422,
    title: 'The idempotency key was used with another body',
    fix: 'Use a new key for a new request.',
  },
  tenant_limit: {
    status: 429,
    title: 'You have too many open jobs',
    fix: 'Wait for some to finish, then send the request again.',
  },
  too_many_checks: {
    status: 429,
    title: 'Too many of your inputs wait for a costly check',
    fix: 'Send the request again after `Retry-After` seconds, and fewer at once.',
  },
  too_many_streams: {
    status: 429,
    title: 'You have too many event streams open',
    fix: 'Close some, or long-poll: GET /v1/jobs/{id}?wait=60.',
  },
  headers_too_large: {
    status: 431,
    title: 'The headers are too large',
    fix: 'Send at most 16 KB of headers.',
  },
  internal: {
    status: 500,
    title: 'Millrace failed',
    fix: 'Send the request again with the same idempotency key; if it happens again, report the `request_id`.',
  },
  object_damaged: {
    status: 500,
    title: 'The stored bytes have changed',
    fix: 'Submit the job or upload the file again. Tell the operator that something changed an object in the store.',
  },
  server_closing: {
    status: 503,
    title: 'The server is stopping',
    fix: 'Send the request again after `Retry-After` seconds: another server will take it, or this one after its restart.',
  },
  overloaded: {
    status: 503,
    title: 'The server has too many requests to work on',
    fix: 'Send the request again, with the same idempotency key, after `Retry-After` seconds; open fewer connections.',
  },
  queue_full: {
    status: 503,
    title: 'The model has too many open jobs',
    fix: 'Send the request again after `Retry-After` seconds.',
  },
  checks_full: {
    status: 503,
    title: 'Too many inputs wait for a costly check',
    fix: 'Send the request again after `Retry-After` seconds.',
  },
  streams_full: {
    status: 503,
    title: 'The server has too many event streams open',
    fix: 'Try again after `Retry-After` seconds, or long-poll: GET /v1/jobs/{id}?wait=60.',
  },
  storage_pressure: {
    status: 503,
    title: 'The server does not have enough memory',
    fix: 'Send the request again after `Retry-After` seconds.',
  },
  store_full: {
    status: 503,
    title: 'The server does not have enough room for files',
    fix: 'Delete files and jobs that are not needed, or send the request again after `Retry-After` seconds.',
  },
  unavailable: {
    status: 503,
    title: 'The server cannot reach its store',
    fix: 'Send the request again, with the same idempotency key, after `Retry-After` seconds.',
  },
} as const satisfies Record<string, ProblemEntry>
export type ProblemCode = keyof typeof PROBLEMS

/** One fault of a request. */
export const faultSchema = z.object({
  path: z.string().describe('JSON pointer to the faulty value, such as /input/lang.'),
  code: z.string().describe('The rule it breaks, such as required, type, additionalProperties.'),
  message: z.string().describe('What was expected.'),
})
export type Fault = z.infer<typeof faultSchema>

/** The body of every refusal: `application/problem+json` (RFC 9457). */
export const problemSchema = z
  .object({
    type: z.string().describe('Address of the description of this code.'),
    code: z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]).describe('Stable code to branch on.'),
    title: z.string().describe('What the code means, in one sentence.'),
    status: z.number().int(),
    detail: z.string().describe('What went wrong this time, and what to do.'),
    errors: z.array(faultSchema).optional().describe('Each fault, at most 20.'),
    errors_total: z
      .number()
      .int()
      .optional()
      .describe('Number of all faults, when there are more than `errors` shows.'),
    job_id: z.string().optional().describe('The job that the problem is about, when the request did not name it.'),
    request_id: z.string().describe('Id of the request; also in the header X-Request-Id and in the log of the server.'),
  })
  .meta({ id: 'Problem' })
export type Problem = z.infer<typeof problemSchema>

export interface ProblemOptions {
  /** What went wrong this time and what to do. Default: the title of the code. */
  detail?: string
  errors?: Fault[]
  errorsTotal?: number
  /** The job that the problem is about, when the request did not name it. */
  jobId?: string
  /** Seconds for the Retry-After header. */
  retryAfter?: number
  cause?: unknown
}

/** A refusal of a request. Any code of the API may throw it; one error handler turns it into the answer. */
export class ProblemError extends Error {
  readonly code: ProblemCode
  readonly options: ProblemOptions

  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    super(options.detail ?? PROBLEMS[code].title, { cause: options.cause })
    this.name = 'ProblemError'
    this.code = code
    this.options = options
  }

  get status(): number {
    return PROBLEMS[this.code].status
  }
}
