/**
 * Gathers what comes many times in a frame and hands it on once, so that a page stays quick however fast a model talks. Used by
 * what shows streamed output and log lines.
 */
export class FrameQueue<Item> {
  readonly #take: (items: Item[]) => void
  #items: Item[] = []
  #frame: number | undefined

  constructor(take: (items: Item[]) => void) {
    this.#take = take
  }

  push(item: Item): void {
    this.#items.push(item)
    this.#frame ??= requestAnimationFrame(this.flush)
  }

  /** Hands on what is there now. */
  readonly flush = (): void => {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame)
    this.#frame = undefined
    const items = this.#items
    this.#items = []
    if (items.length > 0) this.#take(items)
  }

  clear(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame)
    this.#frame = undefined
    this.#items = []
  }
}
