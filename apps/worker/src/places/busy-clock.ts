/** How long runs have had their places, all together: of the slots of one model. Kept by SlotPool, read by whoever tells how busy they are. */
export class BusyClock {
  #running = 0
  #sumMs = 0
  #atMs = performance.now()

  /** A run has its place from now on. Returns the end of that; safe to call twice. */
  begin(): () => void {
    this.#advance()
    this.#running++
    let hasEnded = false
    return () => {
      if (hasEnded) return
      hasEnded = true
      this.#advance()
      this.#running--
    }
  }

  /** Milliseconds of all runs until now. */
  get totalMs(): number {
    this.#advance()
    return this.#sumMs
  }

  #advance(): void {
    const now = performance.now()
    this.#sumMs += this.#running * (now - this.#atMs)
    this.#atMs = now
  }
}
