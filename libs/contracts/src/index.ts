/**
 * The words of Millrace, and the shapes that go with them. Pure zod: no Redis, no HTTP, no disk.
 *
 * - model: a named, versioned thing that takes an input and gives an output
 * - manifest: what a worker publishes about a model (schemas, limits, metadata)
 * - job: one request to run a model
 * - attempt: one start of a job on a worker; its number is the job's fence
 * - fence: the number an attempt must show to change its job; a stale one changes nothing
 * - worker: the process that claims jobs; it never runs model code itself
 * - slot: one place where a model runs, pinned to one device
 * - runner: the child process that holds the loaded model and speaks the runner protocol
 * - file: stored bytes with an id, content type, size and sha256
 * - event: one thing that happened to a job, in order
 * - delivery: one webhook message and its tries
 * - tenant: who owns jobs and files; comes from the API key, never from the request
 */
export * from './cut-text.ts'
export * from './files/data-uri.ts'
export * from './files/file.ts'
export * from './jobs/job-error.ts'
export * from './jobs/job-event.ts'
export * from './ids.ts'
export * from './jobs/job-request.ts'
export * from './jobs/job-status.ts'
export * from './jobs/job.ts'
export * from './jobs/payload.ts'
export * from './json-pointer.ts'
export * from './limits.ts'
export * from './log.ts'
export * from './lossy-number.ts'
export * from './manifest.ts'
export * from './files/media-type.ts'
export * from './files/object-key.ts'
export * from './problem.ts'
export * from './runner-protocol.ts'
export * from './files/safe-file-name.ts'
export * from './jobs/webhook-event.ts'
export * from './webhook.ts'
