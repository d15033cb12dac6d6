/**
 * Bounds how many wrong keys one address may try, in this process. Right ones are not counted, for all people behind a proxy share
 * one address. Called by the routes of /v1/session.
 */
import { ProblemError } from '@millrace/contracts'
import { BoundedMap } from '../http/limits/bounded-map.ts'

const MOST_TRIES = 10
const WITHIN_MS = 60_000
/** Addresses that are remembered. Those that came first are forgotten first. */
const MOST_ADDRESSES = 10_000

export class LoginTries {
  /** Wrong tries of an address, since its first one. */
  readonly #wrong = new BoundedMap<string, { since: number; count: number }>(MOST_ADDRESSES)

  /**
   * Makes a try. Each counts before its outcome is known, so that tries at the same time are bounded too. Rejects with ProblemError
   * `too_many_logins`, or as the try does.
   */
  async bound<Result>(address: string, attempt: () => Promise<Result>, now = performance.now()): Promise<Result> {
    const tried = this.#of(address, now)
    if (tried.count >= MOST_TRIES) {
      throw new ProblemError('too_many_logins', { retryAfter: (tried.since + WITHIN_MS - now) / 1000 })
    }
    tried.count += 1
    let wasWrong = false
    try {
      return await attempt()
    } catch (error) {
      wasWrong = error instanceof ProblemError && error.code === 'unauthorized'
      throw error
    } finally {
      if (!wasWrong) tried.count -= 1
    }
  }

  #of(address: string, now: number): { since: number; count: number } {
    const known = this.#wrong.get(address)
    if (known && now - known.since < WITHIN_MS) return known
    const fresh = { since: now, count: 0 }
    this.#wrong.delete(address)
    this.#wrong.set(address, fresh)
    return fresh
  }
}
