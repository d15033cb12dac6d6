/**
 * What is asked for in one turn of the event loop, or while a call is under way, goes with the next call: one is under way at a
 * time. Each caller gets its own answer. Used by RedisHandOut.
 */
import { startTimer } from '@millrace/async'

interface Waiting<T, R> {
  item: T
  resolve(answer: R): void
  reject(error: unknown): void
}

export class Batch<T, R> {
  readonly #most: number
  readonly #call: (items: T[]) => Promise<readonly R[]>
  readonly #waiting: Waiting<T, R>[] = []
  readonly #patience: () => number
  #isAsked = false
  #sending: Promise<void> | undefined
  /** Called when more came while the next call waits for it. */
  #hurry: (() => void) | undefined

  /**
   * `call` answers for each item, in order; it is also called with none when `flush` asks for that. `patience`: for how many
   * milliseconds the next call may wait for more items; asked again whenever one comes. Default: it waits for none.
   */
  constructor(most: number, call: (items: T[]) => Promise<readonly R[]>, patience: () => number = () => 0) {
    this.#most = most
    this.#call = call
    this.#patience = patience
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
    this.#hurry?.()
    this.#sending ??= this.#send()
  }

  /** Resolves when no call is under way or due. */
  async idle(): Promise<void> {
    while (this.#sending) await this.#sending
  }

  async #send(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#isAsked) {
      await this.#others()
      const batch = this.#waiting.splice(0, this.#most)
      this.#isAsked = this.#waiting.length > 0
      await this.#answer(batch)
    }
    this.#sending = undefined
  }

  /** Resolves when the next call waits no more. */
  #others(): Promise<void> | undefined {
    const ms = this.#patience()
    if (ms <= 0) return undefined
    return new Promise((resolve) => {
      const go = () => {
        this.#hurry = undefined
        cancel()
        resolve()
      }
      const cancel = startTimer(ms, go)
      this.#hurry = () => {
        if (this.#patience() <= 0) go()
      }
    })
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
