/** Cuts a large upload into parts. Called by S3Uploads when an upload begins and when its parts are signed. */
import { StorageError } from '../../port/storage-error.ts'

const MB = 1024 ** 2
/** Large enough that few addresses are needed, and small enough that a lost part is soon sent again. */
const PART_BYTES = 64 * MB
const MAX_PARTS = 1_000
/** The largest object that S3 takes. */
const MAX_BYTES = 5 * 1024 ** 4

export interface CutPart {
  partNumber: number
  start: number
  size: number
}

/**
 * Cuts that many bytes into parts of 64 MiB, or larger parts when there would be more than 1,000. All parts but the last
 * have the same size. Throws StorageError `mismatch` for no bytes at all, or more than 5 TiB.
 */
export function cutParts(size: number): CutPart[] {
  if (!Number.isSafeInteger(size) || size < 1 || size > MAX_BYTES) {
    throw new StorageError('mismatch', 'an upload in parts has from 1 byte to 5 TiB')
  }
  const partBytes = Math.max(PART_BYTES, Math.ceil(size / MAX_PARTS / MB) * MB)
  return Array.from({ length: Math.ceil(size / partBytes) }, (_, n) => {
    const start = n * partBytes
    return { partNumber: n + 1, start, size: Math.min(partBytes, size - start) }
  })
}
