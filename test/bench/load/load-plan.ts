/** What the bench asks of its load generator, and what that answers. Sent as JSON between the two processes. */

export interface Request {
  method: 'GET' | 'POST'
  path: string
  headers: Record<string, string>
  body: string
}

/** As many requests as go through in a time, each connection sending the next when the last is answered. */
export interface FloodPlan {
  kind: 'flood'
  url: string
  connections: number
  /** Ends after this time, or after `most` requests, whatever comes first. Milliseconds. */
  durationMs: number
  most?: number
  /** Taken in turn by all connections together. */
  requests: Request[]
  /** Gives every request a key of its own in `Idempotency-Key`. */
  idempotencyKeys: boolean
  expectStatus: number
  /** One that is answered with this is sent again, and its time counts on. */
  againStatus?: number
}

/** One job after the other on one connection: submit, then wait for the result. */
export interface SequencePlan {
  kind: 'sequence'
  url: string
  count: number
  submit: Request
  /** Without it the submit itself waits. With it the job is read again after this time until it has ended. Milliseconds. */
  pollMs?: number
  /** How it is read then; its path has `{id}` for the id. Default: `GET /jobs/{id}`. */
  read?: Request
  /** Text that the last answer must hold. */
  expectText: string
  /** As in a flood. */
  againStatus?: number
}

/** So many jobs submitted as fast as it goes, then each read until it has ended. */
export interface BurstPlan {
  kind: 'burst'
  url: string
  connections: number
  count: number
  submit: Request
  expectStatus: number
  /** Its path has `{id}` for the id. */
  read: Request
  /** Between two reads of a job that has not ended. Milliseconds. */
  pollMs: number
  expectText: string
}

export type LoadPlan = FloodPlan | SequencePlan | BurstPlan

export interface LoadResult {
  requests: number
  /** Answers of another status or without the text. */
  wrong: number
  /** Status and beginning of the first of those. */
  firstWrong?: string
  seconds: number
  /** CPU that the generator itself used. */
  cpuSeconds: number
  /** Of single requests, or of whole jobs in a sequence. */
  p50Ms: number
  p99Ms: number
  /** `id`s found in the first answers, at most 1,000. */
  ids: string[]
}
