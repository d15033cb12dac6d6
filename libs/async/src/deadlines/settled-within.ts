/** Waits for a promise, but not for ever. Called by code that stops something within a limited time. */
import { startTimer } from './start-timer.ts'

/**
 * True when the promise settled, either way, within that many milliseconds and before the signal was aborted. Never rejects.
 */
export async function settledWithin(promise: Promise<unknown>, ms: number, signal?: AbortSignal): Promise<boolean> {
  const settled = promise.then(
    () => true,
    () => true,
  )
  if (signal?.aborted) return false
  let giveUp: () => void = () => undefined
  const late = new Promise<boolean>((resolve) => {
    giveUp = () => resolve(false)
  })
  const takeBack = startTimer(ms, giveUp)
  signal?.addEventListener('abort', giveUp, { once: true })
  try {
    return await Promise.race([settled, late])
  } finally {
    takeBack()
    signal?.removeEventListener('abort', giveUp)
  }
}
