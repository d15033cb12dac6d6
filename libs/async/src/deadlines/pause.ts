/** The wait between two tries, which can be broken off. Called by what tries again. */
import { unlessAborted } from './unless-aborted.ts'
import { startTimer } from './start-timer.ts'

/** Resolves after so many milliseconds; rejects with the signal's reason once that is aborted. Used between tries. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  let takeBack: () => void = () => undefined
  const over = new Promise<void>((resolve) => {
    takeBack = startTimer(ms, resolve)
  })
  try {
    await (signal ? unlessAborted(over, signal) : over)
  } finally {
    takeBack()
  }
}
