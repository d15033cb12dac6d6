/** Gives a range of bytes the same meaning in all drivers. Called by their `get`. */
import type { ByteRange } from '../port/object-info.ts'
import { StorageError } from '../port/storage-error.ts'

/**
 * The first and the last byte of a range in an object of that size. An end behind the last byte means the last byte. Throws
 * StorageError `mismatch` when the range holds no byte of the object or is not a range.
 */
export function byteRange(range: ByteRange, size: number): Required<ByteRange> {
  const { start, end = Number.MAX_SAFE_INTEGER } = range
  if (!isIndex(start) || !isIndex(end) || end < start || start >= size) throw badRange()
  return { start, end: Math.min(end, size - 1) }
}

export const badRange = (cause?: unknown) =>
  new StorageError('mismatch', 'the range holds no byte of the object', { cause })

const isIndex = (value: number): boolean => Number.isSafeInteger(value) && value >= 0
