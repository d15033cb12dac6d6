/**
 * The time one request may spend waiting for Redis: 2.5 s over all its calls. What the client took to send its body
 * does not count. Every call to the job store and the model registry goes through one.
 */
import { ProblemError } from '@millrace/contracts'
import { isUnavailable } from '@millrace/queue'
import { atLatest } from './at-latest.ts'

export const STORE_MS = 2500
/** Seconds after which a refused client should come again. */
export const RETRY_AFTER_AWAY = 2

/** Whether an error says that Redis does not answer: then no request waits for it to tidy up, too. */
export const isAway = (error: unknown): boolean =>
  isUnavailable(error) || (error instanceof ProblemError && error.code === 'unavailable')

export type StoreBudget = <T>(call: Promise<T>) => Promise<T>

/** Makes a budget. A call that passes it is not undone: it may yet be carried out. Throws ProblemError `unavailable`. */
export function storeBudget(totalMs = STORE_MS): StoreBudget {
  let left = totalMs
  return (call) =>
    new Promise((resolve, reject) => {
      const started = performance.now()
      const late = () => {
        left = 0
        reject(new ProblemError('unavailable', { retryAfter: RETRY_AFTER_AWAY }))
      }
      const inTime = atLatest(left, late)
      const settled = () => {
        inTime()
        left = Math.max(0, left - (performance.now() - started))
      }
      call.then(
        (value) => {
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
