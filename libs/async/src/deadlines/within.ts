/** Gives a promise a time limit. Called by code that asks another process or server. */
import { startTimer } from './start-timer.ts'

/** How time is counted: `startTimer`, or `atLatestAwake` where the time that this process itself was busy must not count. */
export type Clock = (ms: number, onDue: () => void) => () => void

/**
 * Resolves as the promise does, unless that takes longer than `ms`: then it rejects with the error that `late` makes. The
 * promise itself goes on and its late answer is dropped. When the work can be ended by a signal, use startDeadline instead.
 */
export function within<T>(promise: Promise<T>, ms: number, late: () => unknown, clock: Clock = startTimer): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const takeBack = clock(ms, () => reject(late()))
    promise.then(resolve, reject).finally(takeBack)
  })
}
