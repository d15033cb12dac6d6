/**
 * Turns errors of the SDK into StorageError, by their name and status, because their messages differ from store to store.
 * Used only by the S3 driver.
 */
import { StorageError, type StorageFault } from '../port/storage-error.ts'

interface SdkError {
  name?: string
  /** The system's code when there was no answer: ENOTFOUND, ECONNREFUSED. */
  code?: string
  $metadata?: { httpStatusCode?: number; requestId?: string }
}

const FAULTS: Record<string, StorageFault> = {
  NoSuchKey: 'missing',
  NotFound: 'missing',
  NoSuchUpload: 'missing',
  PreconditionFailed: 'exists',
  InvalidRange: 'mismatch',
  // The store's own check of the arrived bytes failed. That is not our caller's mistake, so it may try again.
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

/** Runs the action and turns its errors into those of the port. */
export async function guarded<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    throw s3Error(error)
  }
}

/** The part of an SDK error that may be logged. The error itself contains the request, the signature and the id of the key. */
function bare(error: unknown): Error {
  const { name, message, code, $metadata } = (error ?? {}) as SdkError & { message?: string; code?: string }
  const { httpStatusCode: status, requestId } = $metadata ?? {}
  return Object.assign(new Error(message ?? 'unknown'), { name: name ?? 'Error', code, status, requestId })
}

/** The HTTP status of the answer; undefined when there was none. */
export const statusOf = (error: unknown): number | undefined =>
  (error as SdkError | undefined)?.$metadata?.httpStatusCode
