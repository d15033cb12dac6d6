/**
 * Bounds how many bytes of bodies this process holds at once. A body costs its text, its values and what is made of them, so
 * without a bound many clients with allowed bodies could take all memory. Used by the routes that hold a body whole.
 */
import { ProblemError } from '@millrace/contracts'
import { announcedBytes } from './read-body.ts'

/** Bytes of all bodies together, and in any case this many of the largest. */
const ROOM = 128 * 1024 * 1024
const LARGEST = 4

let taken = 0

/**
 * Runs `work`, which reads a body and uses it. Of multipart bodies only the fields count, for files pass through.
 * Throws ProblemError `overloaded` when there is no room.
 *
 * @param maxBytes Longest body that is held whole here.
 */
export async function inBodyRoom<T>(request: Request, maxBytes: number, work: () => Promise<T>): Promise<T> {
  const bytes = Math.min(announcedBytes(request) ?? maxBytes, maxBytes)
  if (taken + bytes > Math.max(ROOM, LARGEST * maxBytes)) throw new ProblemError('overloaded', { retryAfter: 1 })
  taken += bytes
  try {
    return await work()
  } finally {
    taken -= bytes
  }
}
