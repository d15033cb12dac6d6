/** Refusals for want of room or time, and faults of the platform. Part of the table in problem.ts. */
import type { ProblemEntry } from './problem-entry.ts'

export const CAPACITY_PROBLEMS = {
  tenant_limit: {
    status: 429,
    title: 'You have too many open jobs',
    fix: 'Wait for some to finish, then send the request again.',
  },
  device_seconds_limit: {
    status: 429,
    title: 'Your jobs have used devices today for as long as they may',
    fix: 'Send the request again after `Retry-After` seconds, when the next day begins in UTC, or ask who runs the server for more.',
  },
  stored_bytes_limit: {
    status: 429,
    title: 'You have as many bytes stored as you may',
    fix: 'Delete files and jobs that you do not need, then send the request again; or ask who runs the server for more.',
  },
  too_many_submits: {
    status: 429,
    title: 'You submit more in a minute than you may',
    fix: 'Send the request again after `Retry-After` seconds. GET /v1/tenant shows your limits.',
  },
  too_many_actions: {
    status: 429,
    title: 'Too many of your actions on many jobs go on',
    fix: 'Wait for some to end, or cancel them: GET /v1/job-actions lists them.',
  },
  too_many_batches: {
    status: 429,
    title: 'Too many of your batches go on',
    fix: 'Wait for some to end, or cancel them: GET /v1/batches lists them.',
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
  hook_failed: {
    status: 503,
    title: 'A rule of this installation could not be applied to the job, so it was not kept',
    fix: 'Send the request again after `Retry-After` seconds, with the same idempotency key. If it happens again, tell who runs the server.',
  },
  model_loading: {
    status: 503,
    title: 'The model is being loaded for the first time',
    fix: 'Send the request again after `Retry-After` seconds. GET /v1/models shows its state.',
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
  model_paused: {
    status: 503,
    title: 'The model, or the version that the job names, is paused and takes no jobs meanwhile',
    fix: 'Send the request again after `Retry-After` seconds, or ask who runs the server.',
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
