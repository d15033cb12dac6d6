/** A map that forgets its oldest entry when there are too many: for what is remembered of clients, who may be any number. Used by rings, limits and checks. */
export class BoundedMap<Key, Value> extends Map<Key, Value> {
  readonly #most: number

  /** @param most Entries that it holds. */
  constructor(most: number) {
    super()
    this.#most = most
  }

  /** One that is there keeps its age. */
  override set(key: Key, value: Value): this {
    super.set(key, value)
    for (const oldest of this.keys()) {
      if (this.size <= this.#most) break
      this.delete(oldest)
    }
    return this
  }
}
