/** Those who wait for one thing to come true. */

interface Waiter {
  resolve(): void
  reject(reason: unknown): void
}

export class Waiters {
  readonly #waiting = new Set<Waiter>()
  #refusal: { reason: unknown } | undefined

  /** Resolves with the next `resolve()`; rejects when the signal is aborted, and for ever after `reject()`. */
  async wait(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    if (this.#refusal) throw this.#refusal.reason
    let waiter: Waiter | undefined
    const onAbort = () => waiter?.reject(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      await new Promise<void>((resolve, reject) => {
        waiter = { resolve, reject }
        this.#waiting.add(waiter)
      })
    } finally {
      signal?.removeEventListener('abort', onAbort)
      if (waiter) this.#waiting.delete(waiter)
    }
  }

  resolve(): void {
    for (const waiter of this.#waiting) waiter.resolve()
  }

  reject(reason: unknown): void {
    this.#refusal = { reason }
    for (const waiter of this.#waiting) waiter.reject(reason)
  }
}
