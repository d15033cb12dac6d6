/**
 * How the API refuses a request: the table of codes with status, title and fix, and the error that carries one.
 * docs/errors.md is generated from it.
 */
import { z } from 'zod'
import { type Eta, etaSchema } from '../jobs/eta.ts'
import { ACCESS_PROBLEMS } from './access-problems.ts'
import { CAPACITY_PROBLEMS } from './capacity-problems.ts'
import type { ProblemEntry } from './problem-entry.ts'
import type { RateLimit } from './rate-limit.ts'
import { REQUEST_PROBLEMS } from './request-problems.ts'
import { STATE_PROBLEMS } from './state-problems.ts'

/**
 * Every way in which a request can be refused: a new one is a row in a file beside this one. The API answers from this
 * table; docs/errors.md and the tests read it too.
 */
export const PROBLEMS = {
  ...REQUEST_PROBLEMS,
  ...ACCESS_PROBLEMS,
  ...STATE_PROBLEMS,
  ...CAPACITY_PROBLEMS,
} as const satisfies Record<string, ProblemEntry>
export type ProblemCode = keyof typeof PROBLEMS

/** One fault of a request. */
export const faultSchema = z
  .object({
    path: z.string().describe('JSON pointer to the faulty value, such as /input/lang.'),
    code: z.string().describe('The rule it breaks, such as required, type, additionalProperties.'),
    message: z.string().describe('What was expected.'),
  })
  .meta({ id: 'Fault' })
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
    eta_seconds: etaSchema.optional().describe('Of `would_be_late`: when it would probably start.'),
    count: z.number().int().optional().describe('Of `count_mismatch`: how many jobs match.'),
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
  /** In how many seconds the job would probably start. */
  eta?: Eta
  /** How many jobs match. */
  count?: number
  /** Of a body that is too large: how large it may be. */
  mostBytes?: number
  /** What is left of the limit, for the RateLimit headers. */
  rateLimit?: RateLimit
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
