/** The last step of every `get`: a reader gets all the bytes, or an error in the words of the port. Used by every driver. */
import { pipeline, type Readable, Transform, type TransformCallback } from 'node:stream'
import { StorageError } from '../port/storage-error.ts'
import type { TransferPace } from './transfer-pace.ts'

/**
 * Passes on the bytes of a driver's stream. Fails with StorageError `unavailable` when the stream ends before or after
 * `length` bytes. When the stream breaks, it fails with the result of `map` for the error. With a pace, it also fails when
 * the stream keeps its reader waiting for too long. Destroying the result destroys the source.
 */
export function readThrough(
  source: Readable,
  length: number,
  map: (error: unknown) => StorageError,
  pace?: TransferPace,
): Readable {
  const gate = new Gate(length, map)
  // The gate itself carries the error to its reader.
  pipeline(source, gate, () => {})
  if (pace) gate.watch(pace)
  return gate
}

/** So many looks in each idle time. */
const LOOKS = 10

class Gate extends Transform {
  #left: number
  readonly #map: (error: unknown) => StorageError

  constructor(length: number, map: (error: unknown) => StorageError) {
    super()
    this.#left = length
    this.#map = map
  }

  /** Ends a read when its reader had to wait for a whole idle time and got too few bytes in it. */
  watch({ idleMs, minBytesPerSecond }: TransferPace): void {
    const least = (minBytesPerSecond * idleMs) / 1_000
    let hungry = 0
    let left = this.#left
    const timer = setInterval(() => {
      // When bytes wait to be taken, the reader is the slow side.
      hungry = this.readableLength === 0 ? hungry + 1 : 0
      if (hungry === LOOKS && left - this.#left < least) {
        this.destroy(new StorageError('unavailable', 'the bytes of the object came too slowly'))
      }
      if (hungry % LOOKS === 0) {
        hungry = 0
        left = this.#left
      }
    }, idleMs / LOOKS)
    timer.unref()
    this.once('close', () => clearInterval(timer))
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
