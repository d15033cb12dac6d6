/** Ctrl-C, counted: the first asks, the second leaves. Used while a command waits for its job, and while it saves files. */
import { LeftError } from '../command/command-error.ts'

export interface Interrupts {
  /** Aborted by the one that leaves, with a LeftError. */
  readonly left: AbortSignal
  /** Whether there was one. */
  readonly asked: boolean
  /** Calls back at the first, or at once when that was before. */
  onFirst(callback: () => void): void
  /** Gives the signal back to the system. */
  release(): void
}

/** `whatIsLeft` is told at the end: what goes on without us. `patience`: which one leaves; default the second. */
export function catchInterrupts(whatIsLeft: () => string, patience = 2): Interrupts {
  const left = new AbortController()
  let count = 0
  let first: (() => void) | undefined
  const hear = (): void => {
    count += 1
    if (count === 1) first?.()
    if (count === patience) left.abort(new LeftError(whatIsLeft()))
  }
  process.on('SIGINT', hear)
  return {
    left: left.signal,
    get asked() {
      return count > 0
    },
    onFirst(callback) {
      first = callback
      if (count > 0) callback()
    },
    release: () => process.off('SIGINT', hear),
  }
}
