/** Bytes from the object store to a client. */
import type { Readable } from 'node:stream'
import { ProblemError } from '@millrace/contracts'
import { type ByteRange, type ObjectStore, StorageError } from '@millrace/storage'

/** The bytes. An object that a record names and that is gone was erased between the two reads: `job_purged`. */
export async function readObject(objects: ObjectStore, key: string, range?: ByteRange): Promise<Readable> {
  try {
    return await objects.get(key, range)
  } catch (error) {
    if (error instanceof StorageError && error.fault === 'missing') throw new ProblemError('job_purged')
    throw error
  }
}
