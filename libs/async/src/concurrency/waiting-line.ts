/**
 * A line in which callers wait until something is free: first come, first served. Each can leave the line. Its owner knows
 * what is free and whether it fits the first. Used by the gate and the slots of a worker, by runners, and by createLimiter.
 */
import { startTimer } from '../deadlines/start-timer.ts'

export interface JoinOptions {
  /** Aborting it leaves the line with the signal's reason. */
  signal?: AbortSignal
  /** After this time the caller leaves the line, with the error that `late` makes. Milliseconds. */
  patience?: { ms: number; late: () => unknown }
  /** Called when this caller leaves without being served: those behind it may have waited only for it. */
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

  /** Joins the end of the line at once. Resolves with what `serve` gives when it is this caller's turn. */
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

  /** The wishes of all who wait, the first in front. */
  get wishes(): Wish[] {
    return this.#line.map(({ wish }) => wish)
  }

  get length(): number {
    return this.#line.length
  }

  /** False once it was closed. */
  get isOpen(): boolean {
    return this.#refusal === undefined
  }

  /** The wish of the first in line; undefined when nobody waits. */
  get first(): Wish | undefined {
    return this.#line[0]?.wish
  }

  /** Gives this to the first in line, who then leaves it. */
  serve(given: Given): void {
    this.#line.shift()?.admit(given)
  }

  /** Gives this to all who wait. */
  serveAll(given: Given): void {
    for (const waiter of this.#line.splice(0)) waiter.admit(given)
  }

  /** Rejects all who wait with this reason. */
  refuse(reason: unknown): void {
    for (const waiter of this.#line.splice(0)) waiter.refuse(reason)
  }

  /** Rejects all who wait, and all who come later, with this reason. */
  close(reason: unknown): void {
    this.#refusal = { reason }
    this.refuse(reason)
  }
}
