/**
 * Counts Ctrl-C: the first one asks the command to stop, the second one leaves at once. Used while a command waits for its
 * job or saves files.
 */
import { LeftError } from '../command/command-error.ts'

export interface Interrupts {
  /** Aborted with a LeftError by the Ctrl-C that leaves. */
  readonly left: AbortSignal
  /** True once there was a Ctrl-C. */
  readonly asked: boolean
  /** Calls back at the first Ctrl-C, or at once when it has already happened. */
  onFirst(callback: () => void): void
  /** From now on the system handles the signal again. */
  release(): void
}

/**
 * `whatIsLeft`: shown at the end; says what goes on without this command. `patience`: the number of the Ctrl-C that leaves;
 * default 2.
 */
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
