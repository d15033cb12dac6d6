/** Ctrl-C, counted: the first asks, the second leaves. Used while a command waits for its job. */
import { LeftError } from '../command-error.ts'

export interface Interrupts {
  /** Aborted by the second, with a LeftError. */
  readonly second: AbortSignal
  /** Calls back at the first, or at once when that was before. */
  onFirst(callback: () => void): void
  /** Gives the signal back to the system. */
  release(): void
}

/** `whatIsLeft` is told at the second: what goes on without us. */
export function catchInterrupts(whatIsLeft: () => string): Interrupts {
  const second = new AbortController()
  let count = 0
  let first: (() => void) | undefined
  const hear = (): void => {
    count += 1
    if (count === 1) first?.()
    if (count === 2) second.abort(new LeftError(whatIsLeft()))
  }
  process.on('SIGINT', hear)
  return {
    second: second.signal,
    onFirst(callback) {
      first = callback
      if (count > 0) callback()
    },
    release: () => process.off('SIGINT', hear),
  }
}
