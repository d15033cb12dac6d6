/** Items that come one by one, for whoever listens: those that were there before, at most so many, and all that follow. */
export class Feed<Item> {
  readonly #most: number
  #items: Item[] = []
  #count = 0
  readonly #listeners = new Set<(item: Item) => void>()

  /** @param most How many are kept for those who begin to listen later. */
  constructor(most: number) {
    this.#most = most
  }

  /** How many have come in all. */
  get count(): number {
    return this.#count
  }

  push(item: Item): void {
    this.#count += 1
    this.#items.push(item)
    if (this.#items.length > this.#most * 2) this.#items = this.#items.slice(-this.#most)
    for (const listen of this.#listeners) listen(item)
  }

  /** Returns what ends it. */
  listen(listener: (item: Item) => void): () => void {
    for (const item of this.#items) listener(item)
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
