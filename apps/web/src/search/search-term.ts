/**
 * What one search of jobs is made of: conditions by name (`status:failed`), labels (`order=42`), or the id of one job. Read and
 * written by read-search.ts and write-search.ts; filter-of-search.ts makes of it what the API is asked.
 */
import type { JobErrorCode, JobFilter, JobStatus } from '@millrace/contracts'

/** The names that a condition can have, in the order in which they are offered. */
export const CONDITIONS = [
  'model',
  'status',
  'code',
  'since',
  'until',
  'worker',
  'device',
  'version',
  'kind',
  'failure',
  'ended-since',
  'ended-until',
] as const
export type Condition = (typeof CONDITIONS)[number]

export type SearchTerm =
  | { readonly is: 'condition'; readonly name: Condition; readonly value: string }
  | { readonly is: 'label'; readonly key: string; readonly value: string }
  | { readonly is: 'job'; readonly id: string }

const keysOf = <Key extends string>(table: Record<Key, true>): readonly Key[] => Object.keys(table) as Key[]

/** Written out, for the contracts themselves are not sent to a browser; a status that is missing here does not compile. */
export const STATUSES = keysOf<JobStatus>({
  queued: true,
  running: true,
  succeeded: true,
  failed: true,
  canceled: true,
})

export const CODES = keysOf<JobErrorCode>({
  invalid_input: true,
  invalid_output: true,
  model_error: true,
  runner_crashed: true,
  worker_lost: true,
  timeout: true,
  expired: true,
  protocol_error: true,
  input_unavailable: true,
  output_unavailable: true,
  internal: true,
})

export const KINDS = keysOf<NonNullable<JobFilter['kind']>>({ prediction: true, training: true })
