/**
 * How long a request waits for Redis: 2.5 s for each call. Time in which this process was too busy to look at the answer does
 * not count. While Redis answers others, a request waits longer: then it is this process that has too much to do. The ports of
 * the API are limited once, in createApp.
 */
import { ProblemError } from '@millrace/contracts'
import { isUnavailable } from '@millrace/queue'
import { atLatestAwake } from '@millrace/async'

const STORE_MS = 2500
/** Beyond that, for as long as Redis answers others. Milliseconds. */
const PATIENCE_MS = 10_000
/** An answer within this says that Redis is well. Milliseconds. */
const LATELY_MS = 1000
/** Seconds after which a refused client should come again. */
export const RETRY_AFTER_AWAY = 2

/** Whether an error says that no answer of Redis came: then no request waits for it to tidy up, too. */
export const isAway = (error: unknown): boolean =>
  isUnavailable(error) ||
  (error instanceof ProblemError && (error.code === 'unavailable' || error.code === 'overloaded'))

/** When Redis answered any request last, by performance.now(). */
let answeredAt = Number.NEGATIVE_INFINITY

/**
 * The answer of a call, if it comes in time. A call that is given up is not undone: it may yet be carried out. Rejects with
 * ProblemError `unavailable`, or `overloaded` when Redis answers others all the while.
 */
export function inStoreTime<T>(call: Promise<T>, ms = STORE_MS): Promise<T> {
  return new Promise((resolve, reject) => {
    let patience = PATIENCE_MS
    const late = (): void => {
      const isWell = performance.now() - answeredAt < LATELY_MS
      if (!isWell) return reject(new ProblemError('unavailable', { retryAfter: RETRY_AFTER_AWAY }))
      if (patience <= 0) return reject(new ProblemError('overloaded', { retryAfter: RETRY_AFTER_AWAY }))
      patience -= LATELY_MS
      cancel = atLatestAwake(LATELY_MS, late)
    }
    let cancel = atLatestAwake(ms, late)
    call.then(
      (value) => {
        answeredAt = performance.now()
        cancel()
        resolve(value)
      },
      (error: Error) => {
        cancel()
        reject(error)
      },
    )
  })
}

/** The same port, each call of which is answered in time or given up. */
export function limitCalls<Port extends object>(port: Port): Port {
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return (...args: unknown[]): unknown => {
        const answer: unknown = Reflect.apply(member, target, args)
        return answer instanceof Promise ? inStoreTime(answer) : answer
      }
    },
  })
}
