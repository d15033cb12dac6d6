/**
 * Whether a worker is to take nothing more although its process stays: an operator asked for that. One per worker; the beat of the
 * worker sets it, and the service of each model follows it.
 */
export class DrainSwitch {
  #isOn = false
  readonly #listeners = new Set<() => void>()

  get isOn(): boolean {
    return this.#isOn
  }

  /** Answers whether that is news. */
  set(isOn: boolean): boolean {
    if (this.#isOn === isOn) return false
    this.#isOn = isOn
    for (const tell of this.#listeners) tell()
    return true
  }

  /** Calls back after each change. Returns the way to stop. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}
