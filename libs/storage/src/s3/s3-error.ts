/** What the S3 driver makes of the SDK's errors: by name and status, for messages differ from store to store. */
import { StorageError, type StorageFault } from '../port/storage-error.ts'

interface SdkError {
  name?: string
  /** The system's, when there was no answer: ENOTFOUND, ECONNREFUSED. */
  code?: string
  $metadata?: { httpStatusCode?: number; requestId?: string }
}

const FAULTS: Record<string, StorageFault> = {
  NoSuchKey: 'missing',
  NotFound: 'missing',
  NoSuchUpload: 'missing',
  PreconditionFailed: 'exists',
  InvalidRange: 'mismatch',
  // The store's own check of the bytes that arrived: not our caller's mistake, so it may try again.
  BadDigest: 'unavailable',
  NoSuchBucket: 'unavailable',
}

const FAULT_OF_STATUS: Record<number, StorageFault> = { 404: 'missing', 412: 'exists', 416: 'mismatch' }

/** Time-outs, refused credentials, full or missing buckets and unknown errors are all `unavailable`. */
export function s3Error(error: unknown): StorageError {
  if (error instanceof StorageError) return error
  const name = (error as SdkError | undefined)?.name ?? 'Error'
  const status = statusOf(error)
  const fault = FAULTS[name] ?? FAULT_OF_STATUS[status ?? 0] ?? 'unavailable'
  const { code } = (error ?? {}) as SdkError
  const what = status === undefined && typeof code === 'string' ? code : name
  return new StorageError(fault, `the object store failed: ${what}${status ? ` (${status})` : ''}`, {
    cause: bare(error),
  })
}

/** Rejects in the words of the port. */
export async function guarded<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    throw s3Error(error)
  }
}

/** What may be logged of an SDK error: the error itself drags request, signature and key id along. */
function bare(error: unknown): Error {
  const { name, message, code, $metadata } = (error ?? {}) as SdkError & { message?: string; code?: string }
  const { httpStatusCode: status, requestId } = $metadata ?? {}
  return Object.assign(new Error(message ?? 'unknown'), { name: name ?? 'Error', code, status, requestId })
}

/** The HTTP status that the SDK saw; undefined when there was no answer. */
export const statusOf = (error: unknown): number | undefined =>
  (error as SdkError | undefined)?.$metadata?.httpStatusCode
