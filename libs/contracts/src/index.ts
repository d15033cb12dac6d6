/**
 * The words of Millrace, and their shapes. Pure zod: no Redis, no HTTP, no disk. All other packages use these.
 *
 * - model: a named, versioned program that takes an input and gives an output
 * - manifest: what a worker publishes about a model (schemas, limits, metadata)
 * - job: one request to run a model
 * - attempt: one time that a worker has a job; its number says which start of the model it is
 * - fence: the number that an attempt must show to change its job; an old number changes nothing
 * - worker: the process that claims jobs; it never runs model code itself
 * - slot: one place where a model runs, on one device
 * - runner: the child process that holds the loaded model and speaks the runner protocol
 * - file: stored bytes with an id, content type, size and SHA-256
 * - event: one thing that happened to a job, in order
 * - delivery: one webhook message to one receiver, and its tries
 * - tenant: the owner of jobs and files; known from the API key, never taken from the request
 * - key: what lets somebody in for a tenant, with what it may do (scopes)
 */
export * from './access/api-key.ts'
export * from './access/erasure.ts'
export * from './access/scope.ts'
export * from './access/tenant.ts'
export * from './access/tenant-settings.ts'
export * from './audit/audit-action.ts'
export * from './audit/audit-entry.ts'
export * from './batches/batch.ts'
export * from './cut-text.ts'
export * from './files/data-uri.ts'
export * from './files/file.ts'
export * from './jobs/attempt.ts'
export * from './jobs/cancellation.ts'
export * from './jobs/checkpoint.ts'
export * from './jobs/relocation.ts'
export * from './jobs/job-action.ts'
export * from './jobs/eta.ts'
export * from './jobs/job-error.ts'
export * from './jobs/job-event.ts'
export * from './ids.ts'
export * from './iso-time.ts'
export * from './jobs/job-queue.ts'
export * from './jobs/job-request.ts'
export * from './jobs/job-status.ts'
export * from './jobs/job.ts'
export * from './jobs/payload.ts'
export * from './jobs/search/filter-of-query.ts'
export * from './jobs/search/job-filter.ts'
export * from './jobs/search/job-search.ts'
export * from './json-pointer.ts'
export * from './limits.ts'
export * from './log.ts'
export * from './lossy-number.ts'
export * from './manifest.ts'
export * from './models/model-scale.ts'
export * from './models/model-stats.ts'
export * from './models/queue-state.ts'
export * from './files/media-type.ts'
export * from './files/object-key.ts'
export * from './problems/problem.ts'
export type * from './problems/rate-limit.ts'
export * from './redis-address.ts'
export * from './runner-protocol.ts'
export * from './files/safe-file-name.ts'
export * from './jobs/webhook-event.ts'
export * from './usage.ts'
export * from './webhook.ts'
export * from './worker.ts'
