/** Watches bytes arrive, and gives up an upload that is too long, too slow or silent. Called by whoever reads uploads. */
import { ProblemError } from '@millrace/contracts'
import { Transform } from 'node:stream'
import { tooLarge } from './read-body.ts'

/** Silence after which an upload is given up, and the time over which its pace is measured. Milliseconds. */
const IDLE_MS = 30_000
/** Least bytes per second. Even recorded speech takes more. */
const LEAST_PACE = 256
/** How often it looks in each idle time. */
const LOOKS = 10

export interface Arrival {
  maxBytes: number
  /** Default 30 s. Milliseconds. */
  idleMs?: number
}

/**
 * `fail` is called with ProblemError `body_too_large` or `request_timeout`, and must end the upload. Call `stop` when the bytes
 * have come. Time in which this side did not take on the bytes that are here does not count against the client.
 */
export function guardArrival({ maxBytes, idleMs = IDLE_MS }: Arrival, fail: (error: ProblemError) => void) {
  let total = 0
  /** Looks since the last byte, and within the time that is measured. */
  let silent = 0
  let looks = 0
  let before = 0
  const seconds = idleMs / 1000
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      silent = 0
      total += chunk.length
      if (total <= maxBytes) return done(null, chunk)
      fail(tooLarge(maxBytes))
      done(null)
    },
  })
  const timer = setInterval(() => {
    if (meter.readableLength > 0) return
    if (++silent >= LOOKS) return fail(late(`Nothing was received for ${seconds} s.`))
    if (++looks < LOOKS) return
    if (total - before < LEAST_PACE * seconds) {
      return fail(late(`The body came too slowly: less than ${LEAST_PACE} bytes a second for ${seconds} s.`))
    }
    looks = 0
    before = total
  }, idleMs / LOOKS)
  return { meter, stop: () => clearInterval(timer) }
}

const late = (detail: string) => new ProblemError('request_timeout', { detail })
