/**
 * Notices that a model does nothing here although jobs wait that it could be given: then what takes them is not well, whatever the cause.
 * Fed by ModelService with every publishing; told on the health port.
 */

/** Nothing was published for so long, because no runner was ready or Redis was away: it begins anew. Milliseconds. */
const GAP_MS = 15_000

export class IdleWatch {
  /** Since when it is idle while something waits. By performance.now(), like the next. */
  #sinceMs: number | undefined
  #lookedMs = Number.NEGATIVE_INFINITY

  /** `waits`: something does, as Redis says. `isIdle`: nothing is in hand here, though it could be. */
  look({ waits, isIdle }: { waits: boolean; isIdle: boolean }): void {
    const now = performance.now()
    if (!waits || !isIdle || now - this.#lookedMs > GAP_MS) this.#sinceMs = undefined
    if (waits && isIdle) this.#sinceMs ??= now
    this.#lookedMs = now
  }

  /** It was given something, or wants nothing. */
  reset(): void {
    this.#sinceMs = undefined
  }

  /** For how long jobs have waited for it in vain. Milliseconds; 0: none do. */
  get idleMs(): number {
    return this.#sinceMs === undefined ? 0 : performance.now() - this.#sinceMs
  }
}
