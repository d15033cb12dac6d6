/**
 * How many runs a slot takes in one call: as many as its model says, and fewer after the memory was not enough for them. One per runner;
 * it outlives the processes of the runner, for the device stays the same.
 */

/** After so many full batches that had memory enough, a quarter more are tried. */
const BATCHES_BEFORE_MORE = 16

export class BatchSize {
  readonly #most: number
  #limit: number
  /** Runs that began since it last changed. */
  #begun = 0

  /** `most`: what the model says. */
  constructor(most: number) {
    this.#most = most
    this.#limit = most
  }

  get limit(): number {
    return this.#limit
  }

  /** The memory was not enough for so many together: half of them are taken from now on. */
  lackedMemory(together: number): void {
    this.#limit = Math.max(1, Math.floor(Math.min(this.#limit, together) / 2))
    this.#begun = 0
  }

  /** One run of a batch began. */
  begun(): void {
    if (this.#limit === this.#most) return
    this.#begun += 1
    if (this.#begun < this.#limit * BATCHES_BEFORE_MORE) return
    this.#limit = Math.min(this.#most, Math.ceil(this.#limit * 1.25))
    this.#begun = 0
  }
}
