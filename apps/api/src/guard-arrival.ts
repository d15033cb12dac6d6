/** Bytes on their way from a client: counted, and given up when they are too many or come no more. */
import { ProblemError } from '@millrace/contracts'
import { Transform } from 'node:stream'
import { tooLarge } from './read-body.ts'

/** Silence after which an upload is given up. Milliseconds. */
const IDLE_MS = 30_000

export interface Arrival {
  maxBytes: number
  /** Default 30 s. Milliseconds. */
  idleMs?: number
}

/**
 * `fail` is called with ProblemError `body_too_large` or `request_timeout`; what ends the upload is its to do. Call
 * `stop` when the bytes have come.
 */
export function guardArrival({ maxBytes, idleMs = IDLE_MS }: Arrival, fail: (error: ProblemError) => void) {
  let total = 0
  const late = new ProblemError('request_timeout', { detail: `Nothing was received for ${idleMs / 1000} s.` })
  const timer = setTimeout(fail, idleMs, late)
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      timer.refresh()
      total += chunk.length
      if (total <= maxBytes) return done(null, chunk)
      fail(tooLarge(maxBytes))
      done(null)
    },
  })
  return { meter, stop: () => clearTimeout(timer) }
}
