/**
 * What is asked for in one turn of the event loop, or while a call is under way, goes with the next call: one is under way at a
 * time. Each caller gets its own answer. Used by RedisHandOut.
 */
interface Waiting<T, R> {
  item: T
  resolve(answer: R): void
  reject(error: unknown): void
}

export class Batch<T, R> {
  readonly #most: number
  readonly #call: (items: T[]) => Promise<readonly R[]>
  readonly #waiting: Waiting<T, R>[] = []
  #isAsked = false
  #sending: Promise<void> | undefined

  /** `call` answers for each item, in order; it is also called with none when `flush` asks for that. */
  constructor(most: number, call: (items: T[]) => Promise<readonly R[]>) {
    this.#most = most
    this.#call = call
  }

  add(item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject })
      this.flush()
    })
  }

  /** Has a call made soon, even if nothing waits for one. */
  flush(): void {
    this.#isAsked = true
    this.#sending ??= this.#send()
  }

  /** Resolves when no call is under way or due. */
  async idle(): Promise<void> {
    while (this.#sending) await this.#sending
  }

  async #send(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#isAsked) {
      const batch = this.#waiting.splice(0, this.#most)
      this.#isAsked = this.#waiting.length > 0
      await this.#answer(batch)
    }
    this.#sending = undefined
  }

  async #answer(batch: Waiting<T, R>[]): Promise<void> {
    try {
      const answers = await this.#call(batch.map(({ item }) => item))
      for (const [i, { resolve }] of batch.entries()) resolve(answers[i] as R)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
}
