/** Lets a suspect run alone in its process. One per worker: each of its models asks it for leave before it takes jobs. */

/** The leave to take jobs: kept until it is known how many came. */
export interface Pass {
  /** Nothing else is inside, nor will be before `fill`. */
  readonly alone: boolean
  /** So many jobs came, each gets a way to leave. `suspect`: the one that came must stay alone. Called once. */
  fill(count: number, suspect: boolean): Leave[]
}

/** Leaves the gate. Safe to call twice. */
export type Leave = () => void

/**
 * The process-wide gate: ordinary jobs pass it together, a suspect (a job that may have taken its last worker down) passes alone, so
 * that a crash blames the right job. Nothing waits in it: who gets no leave asks again when he is told to.
 */
export class Gate {
  #inside = 0
  /** Passes out that may bring ordinary jobs. */
  #asking = 0
  /** A suspect is inside, or a pass is out that may bring one. */
  #isClosed = false
  #isWanted = false
  /** Whoever knows of the suspect that waits, told before all others when nobody is inside: else these would be in again. */
  #wanter: (() => void) | undefined
  readonly #wishes = new Set<() => void>()
  readonly #turnedAway = new Set<() => void>()

  /** Undefined: no leave now, and `onFree` is called once when it is worth to ask again. */
  ask(onFree: () => void): Pass | undefined {
    if (!this.isOpen(onFree)) return undefined
    const isEmpty = this.#inside === 0 && this.#asking === 0
    if (isEmpty) this.#isClosed = true
    else this.#asking++
    return { alone: isEmpty, fill: (count, suspect) => this.#fill(isEmpty, count, suspect) }
  }

  /** Whether `ask` would be granted; if not, `onFree` is called once when it would be worth to ask. */
  isOpen(onFree: () => void): boolean {
    const isOpen = !this.#isClosed && !(this.#isWanted && this.#inside + this.#asking > 0)
    if (!isOpen) this.#turnedAway.add(onFree)
    return isOpen
  }

  /** Lets nothing more in until all have left, and calls back then: this process was asked to become idle, for a suspect waits. */
  becomeIdle(onIdle: () => void): void {
    this.#isWanted = true
    this.#wanter = onIdle
    const wishes = [...this.#wishes]
    this.#wishes.clear()
    for (const tell of wishes) tell()
    // Those who were inside when it was asked may have left since.
    this.#tellFree()
  }

  /**
   * For one inside that may be long and could as well come back: calls back once, at once or later, when this process is to
   * become idle. Returns the way to stop listening.
   */
  onWanted(listener: () => void): () => void {
    if (this.#isWanted) {
      listener()
      return () => undefined
    }
    this.#wishes.add(listener)
    return () => void this.#wishes.delete(listener)
  }

  #fill(wasAlone: boolean, count: number, suspect: boolean): Leave[] {
    this.#inside += count
    if (wasAlone) {
      // Whatever was given, it was the turn of the suspect.
      this.#isWanted = false
      this.#isClosed = suspect
    } else {
      this.#asking--
    }
    this.#tellFree()
    return Array.from({ length: count }, () => this.#makeLeave())
  }

  #makeLeave(): Leave {
    let left = false
    return () => {
      if (left) return
      left = true
      this.#inside--
      if (this.#inside === 0) this.#isClosed = false
      this.#tellFree()
    }
  }

  #tellFree(): void {
    if (this.#isClosed || (this.#isWanted && this.#inside + this.#asking > 0)) return
    const told = new Set(this.#wanter ? [this.#wanter, ...this.#turnedAway] : this.#turnedAway)
    this.#wanter = undefined
    this.#turnedAway.clear()
    for (const tell of told) tell()
  }
}
