/**
 * The time one request may spend waiting for Redis: 2.5 s over all its calls. What the client took to send its body
 * does not count, nor does time in which this process had no time to look at the answer. While Redis answers others, a
 * request waits longer: then it is this process that has too much to do. Every call to the job store and the model registry
 * goes through one.
 */
import { ProblemError } from '@millrace/contracts'
import { isUnavailable } from '@millrace/queue'
import { atLatestAwake } from '@millrace/async'

export const STORE_MS = 2500
/** Over the budget, for as long as Redis answers others. Milliseconds. */
const PATIENCE_MS = 10_000
/** An answer within this says that Redis is well. Milliseconds. */
const LATELY_MS = 1000
/** Seconds after which a refused client should come again. */
export const RETRY_AFTER_AWAY = 2

/** Whether an error says that no answer of Redis came: then no request waits for it to tidy up, too. */
export const isAway = (error: unknown): boolean =>
  isUnavailable(error) ||
  (error instanceof ProblemError && (error.code === 'unavailable' || error.code === 'overloaded'))

export type StoreBudget = <T>(call: Promise<T>) => Promise<T>

/** When Redis answered any request last, by performance.now(). */
let answeredAt = Number.NEGATIVE_INFINITY

/**
 * Makes a budget. A call that passes it is not undone: it may yet be carried out. Throws ProblemError `unavailable`, or
 * `overloaded` when Redis answers others all the while.
 */
export function storeBudget(totalMs = STORE_MS): StoreBudget {
  let left = totalMs
  return (call) =>
    new Promise((resolve, reject) => {
      const started = performance.now()
      let patience = PATIENCE_MS
      const late = (): void => {
        left = 0
        const isWell = performance.now() - answeredAt < LATELY_MS
        if (!isWell) return reject(new ProblemError('unavailable', { retryAfter: RETRY_AFTER_AWAY }))
        if (patience <= 0) return reject(new ProblemError('overloaded', { retryAfter: RETRY_AFTER_AWAY }))
        patience -= LATELY_MS
        inTime = atLatestAwake(LATELY_MS, late)
      }
      let inTime = atLatestAwake(left, late)
      const settled = (): void => {
        inTime()
        left = Math.max(0, left - (performance.now() - started))
      }
      call.then(
        (value) => {
          answeredAt = performance.now()
          settled()
          resolve(value)
        },
        (error: Error) => {
          settled()
          reject(error)
        },
      )
    })
}
