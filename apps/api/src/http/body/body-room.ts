/**
 * Bounds how many bytes of bodies this process holds at once, as its part of what the API may. A body costs its text, its values and what is made of them, so
 * without a bound many clients with allowed bodies could take all memory. Used by the routes that hold a body whole.
 */
import { ProblemError } from '@millrace/contracts'
import { announcedBytes } from './read-body.ts'

/** Bytes of all bodies together, and in any case this many of the largest. */
const ROOM = 128 * 1024 * 1024
const LARGEST = 4

export class BodyRoom {
  readonly #maxBytes: number
  readonly #room: number
  #taken = 0

  /**
   * @param maxBytes Longest body that is held whole.
   * @param share The part of an API of several processes that this one is, as a part of 1.
   */
  constructor(maxBytes: number, share = 1) {
    this.#maxBytes = maxBytes
    this.#room = Math.max(maxBytes, Math.floor(Math.max(ROOM, LARGEST * maxBytes) * share))
  }

  /**
   * Runs `work`, which reads a body and uses it. Of multipart bodies only the fields count, for files pass through.
   * Rejects with ProblemError `overloaded` when there is no room.
   */
  async hold<T>(request: Request, work: () => Promise<T>): Promise<T> {
    const bytes = Math.min(announcedBytes(request) ?? this.#maxBytes, this.#maxBytes)
    if (this.#taken + bytes > this.#room) throw new ProblemError('overloaded', { retryAfter: 1 })
    this.#taken += bytes
    try {
      return await work()
    } finally {
      this.#taken -= bytes
    }
  }
}
