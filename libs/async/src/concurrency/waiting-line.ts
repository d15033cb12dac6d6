/**
 * First come, first served: those who wait until something is free, each with a way out of the line. What is free, and
 * whether it fits the first, its owner knows. Used by the gate and the slots of a worker, by runners, and by createLimiter.
 */
import { startTimer } from '../deadlines/start-timer.ts'

export interface JoinOptions {
  /** Leaves the line with its reason. */
  signal?: AbortSignal
  /** Leaves the line after that long, with what `late` makes. Milliseconds. */
  patience?: { ms: number; late: () => unknown }
  /** Called when this one left unserved: those behind it may have waited for it alone. */
  onLeave?: () => void
}

interface Waiter<Wish, Given> {
  wish: Wish
  admit(given: Given): void
  refuse(reason: unknown): void
}

export class WaitingLine<Wish = void, Given = void> {
  readonly #line: Waiter<Wish, Given>[] = []
  #refusal: { reason: unknown } | undefined

  /** Resolves with what `serve` gives when it is this one's turn. At the end of the line when this returns. */
  join(wish: Wish, { signal, patience, onLeave }: JoinOptions = {}): Promise<Given> {
    return new Promise<Given>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      if (this.#refusal) return reject(this.#refusal.reason)
      const leave = (reason: unknown) => {
        letGo()
        this.#line.splice(this.#line.indexOf(waiter), 1)
        reject(reason)
        onLeave?.()
      }
      const onAbort = () => leave(signal?.reason)
      const takeBack = patience && startTimer(patience.ms, () => leave(patience.late()))
      const letGo = () => {
        takeBack?.()
        signal?.removeEventListener('abort', onAbort)
      }
      const waiter: Waiter<Wish, Given> = {
        wish,
        admit(given) {
          letGo()
          resolve(given)
        },
        refuse(reason) {
          letGo()
          reject(reason)
        },
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#line.push(waiter)
    })
  }

  /** Who waits, the first in front. */
  get wishes(): Wish[] {
    return this.#line.map(({ wish }) => wish)
  }

  get length(): number {
    return this.#line.length
  }

  /** What the first one wants; undefined when nobody waits. */
  get first(): Wish | undefined {
    return this.#line[0]?.wish
  }

  /** Gives it to the first one, who leaves the line. */
  serve(given: Given): void {
    this.#line.shift()?.admit(given)
  }

  /** Gives it to all who wait. */
  serveAll(given: Given): void {
    for (const waiter of this.#line.splice(0)) waiter.admit(given)
  }

  /** Sends away all who wait. */
  refuse(reason: unknown): void {
    for (const waiter of this.#line.splice(0)) waiter.refuse(reason)
  }

  /** Sends away all who wait, and whoever comes. */
  close(reason: unknown): void {
    this.#refusal = { reason }
    this.refuse(reason)
  }
}
