/**
 * How many deliveries are in hand, of each lane and in all, and how many more may be. The dispatcher takes places before it
 * takes deliveries, so that two looks at one lane never take too much.
 */
export class LanePlaces {
  readonly #most: { perLane: number; inAll: number }
  readonly #held = new Map<string, number>()
  #inAll = 0

  constructor(most: { perLane: number; inAll: number }) {
    this.#most = most
  }

  get areAllTaken(): boolean {
    return this.#inAll >= this.#most.inAll
  }

  /** Takes all that are free for a lane, and says how many these are. */
  take(lane: string): number {
    const free = Math.min(this.#most.perLane - (this.#held.get(lane) ?? 0), this.#most.inAll - this.#inAll)
    if (free <= 0) return 0
    this.#hold(lane, free)
    return free
  }

  leave(lane: string, count: number): void {
    this.#hold(lane, -count)
  }

  #hold(lane: string, by: number): void {
    this.#inAll += by
    const held = (this.#held.get(lane) ?? 0) + by
    if (held > 0) this.#held.set(lane, held)
    else this.#held.delete(lane)
  }
}
