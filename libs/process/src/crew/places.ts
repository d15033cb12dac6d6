/**
 * A limited number of places, for each holder and in all. The API counts its event streams with them: within one process, or
 * in the parent of a crew for all processes together.
 */
export interface PlaceBounds {
  /** The limit for this holder. */
  most: number
  /** The limit for all holders together. */
  mostInAll: number
}

/** `holder`: this holder has as many as it may have. `all`: no place is free for anybody. */
export type PlaceAnswer = 'taken' | 'holder' | 'all'

export interface Places {
  take(holder: string, bounds: PlaceBounds): Promise<PlaceAnswer>
  /** Gives back one place that was taken. */
  leave(holder: string): void
}

export class CountedPlaces implements Places {
  readonly #byHolder = new Map<string, number>()
  #taken = 0

  get taken(): number {
    return this.#taken
  }

  async take(holder: string, bounds: PlaceBounds): Promise<PlaceAnswer> {
    return this.takeNow(holder, bounds)
  }

  takeNow(holder: string, { most, mostInAll }: PlaceBounds): PlaceAnswer {
    const own = this.#byHolder.get(holder) ?? 0
    if (own >= most) return 'holder'
    if (this.#taken >= mostInAll) return 'all'
    this.#byHolder.set(holder, own + 1)
    this.#taken++
    return 'taken'
  }

  leave(holder: string): void {
    const own = this.#byHolder.get(holder)
    if (own === undefined) return
    if (own > 1) this.#byHolder.set(holder, own - 1)
    else this.#byHolder.delete(holder)
    this.#taken--
  }
}
