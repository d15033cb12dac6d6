/** The last few inches of every `get`: what a reader sees is all the bytes, or an error in the words of the port. */
import { pipeline, type Readable, Transform, type TransformCallback } from 'node:stream'
import { StorageError } from './object-store.ts'

/**
 * Passes the bytes of a driver's stream on. Fails with StorageError `unavailable` when the stream ends before or after
 * `length` bytes, and with what `map` makes of its error when it breaks. Destroying the result destroys the source.
 */
export function readThrough(source: Readable, length: number, map: (error: unknown) => StorageError): Readable {
  const gate = new Gate(length, map)
  // The gate itself carries the error; its reader hears of it there.
  pipeline(source, gate, () => {})
  return gate
}

class Gate extends Transform {
  #left: number
  readonly #map: (error: unknown) => StorageError

  constructor(length: number, map: (error: unknown) => StorageError) {
    super()
    this.#left = length
    this.#map = map
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#left -= chunk.length
    done(null, chunk)
  }

  override _flush(done: TransformCallback): void {
    done(this.#left === 0 ? null : new StorageError('unavailable', 'the store sent another number of bytes'))
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    done(error ? this.#map(error) : null)
  }
}
