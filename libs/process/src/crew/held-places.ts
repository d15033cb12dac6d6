/** The places of a crew, with the process that holds them. When a process dies, its places become free. Used by the parent. */
import { CountedPlaces, type PlaceAnswer, type PlaceBounds } from './places.ts'

export class HeldPlaces {
  readonly #places = new CountedPlaces()
  /** For each process, the number of places of each holder. */
  readonly #held = new Map<number, Map<string, number>>()

  take(process: number, holder: string, bounds: PlaceBounds): PlaceAnswer {
    const answer = this.#places.takeNow(holder, bounds)
    if (answer === 'taken') {
      const held = this.#held.get(process) ?? new Map<string, number>()
      this.#held.set(process, held.set(holder, (held.get(holder) ?? 0) + 1))
    }
    return answer
  }

  leave(process: number, holder: string): void {
    const held = this.#held.get(process)
    const own = held?.get(holder)
    if (!held || own === undefined) return
    if (own > 1) held.set(holder, own - 1)
    else held.delete(holder)
    this.#places.leave(holder)
  }

  died(process: number): void {
    for (const [holder, own] of this.#held.get(process) ?? []) {
      for (let left = own; left > 0; left--) this.#places.leave(holder)
    }
    this.#held.delete(process)
  }
}
