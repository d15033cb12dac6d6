/** Counts lines by the second, so that a model that floods its log is bounded and what was left out is told. Used by EventBuffer. */
export class LineRate {
  readonly #perSecond: number
  #windowStart = performance.now()
  #used = 0
  #missed = 0

  constructor(perSecond: number) {
    this.#perSecond = perSecond
  }

  /** Whether one more line fits, and how many the second before had to leave out. */
  take(): { allowed: boolean; missed: number } {
    const missed = this.#nextSecond() ? this.settle() : 0
    const allowed = this.#used < this.#perSecond
    if (allowed) this.#used++
    else this.#missed++
    return { allowed, missed }
  }

  /** How many were left out since that was last told. */
  settle(): number {
    const missed = this.#missed
    this.#missed = 0
    return missed
  }

  #nextSecond(): boolean {
    const now = performance.now()
    if (now - this.#windowStart < 1000) return false
    this.#windowStart = now
    this.#used = 0
    return true
  }
}
