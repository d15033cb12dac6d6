/**
 * Watches the bytes of one put on their way into a store. It counts and hashes them, and fails the stream when they are not
 * those announced. Every driver uses it, so that all mean the same by `mismatch`.
 */
import { createHash } from 'node:crypto'
import { addAbortSignal, type Readable } from 'node:stream'
import type { PutOptions } from '../port/object-store.ts'
import { StorageError } from '../port/storage-error.ts'

/** So much of a buffer is passed on between two looks at the signal. */
const SLICE_BYTES = 1024 * 1024

/** An error of the body itself on its way through a driver. `put` unwraps it again. */
export class BodyError extends Error {
  constructor(cause: unknown) {
    super('the body could not be read', { cause })
    this.name = 'BodyError'
  }
}

export class BodyCheck {
  /** Bytes seen so far. */
  size = 0
  /** The hash in hexadecimal. Empty until the last byte was seen. */
  sha256 = ''
  readonly #hash = createHash('sha256')
  readonly #expected: PutOptions

  constructor(expected: PutOptions) {
    this.#expected = expected
  }

  /**
   * The chunks of the body, each seen once. Throws StorageError `mismatch` at the chunk that exceeds the announced size, or
   * at the end for too few bytes or another hash. Throws BodyError when the body itself fails.
   */
  async *read(body: Readable | Buffer): AsyncGenerator<Buffer> {
    for await (const chunk of this.#chunksOf(body)) {
      this.size += chunk.length
      if (this.#expected.size !== undefined && this.size > this.#expected.size) throw mismatch('there are more bytes')
      this.#hash.update(chunk)
      yield chunk
    }
    this.#finish()
  }

  async *#chunksOf(body: Readable | Buffer): AsyncGenerator<Buffer> {
    const { signal } = this.#expected
    if (Buffer.isBuffer(body)) {
      for (let at = 0; at < body.length; at += SLICE_BYTES) {
        signal?.throwIfAborted()
        yield body.subarray(at, at + SLICE_BYTES)
      }
      return
    }
    // Without this, a body that stalls would never notice the abort.
    if (signal) addAbortSignal(signal, body)
    const chunks = body[Symbol.asyncIterator]()
    try {
      for (;;) {
        const next = await chunks.next().catch((error: unknown) => {
          throw new BodyError(error)
        })
        if (next.done) return
        yield typeof next.value === 'string' ? Buffer.from(next.value) : next.value
      }
    } finally {
      body.destroy()
    }
  }

  #finish(): void {
    const { size, sha256 } = this.#expected
    if (size !== undefined && this.size !== size) throw mismatch('there are fewer bytes')
    this.sha256 = this.#hash.digest('hex')
    if (sha256 !== undefined && sha256.toLowerCase() !== this.sha256) throw mismatch('the hash differs')
  }
}

/**
 * The error with which `put` rejects: the body's own error unchanged (its owner knows it best), StorageError `unavailable`
 * for an abort, and the result of `map` for every other error.
 */
export function putErrorOf(error: unknown, signal: AbortSignal | undefined, map: (error: unknown) => Error): unknown {
  if (error instanceof StorageError) return error
  if (signal?.aborted) return new StorageError('unavailable', 'the put was aborted', { cause: signal.reason })
  if (error instanceof BodyError) return error.cause
  return map(error)
}

const mismatch = (why: string) => new StorageError('mismatch', `the bytes are not those announced: ${why}`)
