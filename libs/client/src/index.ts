/**
 * The client of Millrace's HTTP API, for Node 20 and newer and for browsers: `createClient`, its errors, and the ways to
 * put a file into an input. Of contracts only types are used, so a browser's bundle holds this room and nothing else.
 */
export type {
  CallOptions,
  Client,
  ClientOptions,
  ListOptions,
  RunOptions,
  SubmitOptions,
  WaitOptions,
} from './client.ts'
export { ApiError, ConnectionError, JobFailedError, WaitTimeoutError } from './client-errors.ts'
export { createClient } from './create-client.ts'
export { isFinal } from './is-final.ts'
export type { InputOf, OutputOf, SucceededJob, TypedModel } from './model-types.ts'
export type { ModelView } from './model-view.ts'
export { fileAt, fileFrom, type Upload, type Uploadable } from './upload.ts'
