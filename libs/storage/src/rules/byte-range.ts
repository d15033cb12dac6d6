/** What a range of bytes means in an object, so that all drivers answer alike. Called by their `get`. */
import type { ByteRange } from '../port/object-info.ts'
import { StorageError } from '../port/storage-error.ts'

/**
 * The first and last byte that a range means in an object of that size; an end behind the last byte is the last byte.
 * Throws StorageError `mismatch` when the range holds no byte of the object or is no range at all.
 */
export function byteRange(range: ByteRange, size: number): Required<ByteRange> {
  const { start, end = Number.MAX_SAFE_INTEGER } = range
  if (!isIndex(start) || !isIndex(end) || end < start || start >= size) throw badRange()
  return { start, end: Math.min(end, size - 1) }
}

export const badRange = (cause?: unknown) =>
  new StorageError('mismatch', 'the range holds no byte of the object', { cause })

const isIndex = (value: number): boolean => Number.isSafeInteger(value) && value >= 0
