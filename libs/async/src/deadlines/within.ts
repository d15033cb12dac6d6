/** Gives a promise a deadline. Called by what asks another process or server. */
import { startTimer } from './start-timer.ts'

/** How time is counted: `startTimer`, or `atLatestAwake` where this process itself must not be what was too slow. */
export type Clock = (ms: number, onDue: () => void) => () => void

/**
 * Resolves as the promise does, unless that takes longer than `ms`: then it rejects with what `late` makes. The promise
 * itself goes on and its late answer is dropped; what can be ended by a signal wants startDeadline instead.
 */
export function within<T>(promise: Promise<T>, ms: number, late: () => unknown, clock: Clock = startTimer): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const takeBack = clock(ms, () => reject(late()))
    promise.then(resolve, reject).finally(takeBack)
  })
}
