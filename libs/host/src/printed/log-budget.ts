/**
 * Limits the log lines that one run may add to 100 a second. The lines above that are counted, and one line tells the
 * number at the end of the run. No other limit may drop a line afterwards (event-buffer.ts lets more through), so the
 * number is right.
 */

const LINES_PER_SECOND = 100

export class LogBudget {
  #windowStart = 0
  #inWindow = 0
  #dropped = 0

  /** True when one more line may pass now (`now` in milliseconds). */
  take(now: number): boolean {
    if (now - this.#windowStart >= 1000) {
      this.#windowStart = now
      this.#inWindow = 0
    }
    this.#inWindow += 1
    if (this.#inWindow <= LINES_PER_SECOND) return true
    this.#dropped += 1
    return false
  }

  /** The one notice of what was dropped; undefined when nothing was. */
  notice(): string | undefined {
    if (this.#dropped === 0) return undefined
    return `${this.#dropped} log lines were dropped: more than ${LINES_PER_SECOND} in a second`
  }
}
