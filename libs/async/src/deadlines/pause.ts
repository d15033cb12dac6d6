/** The wait between two tries. It can be broken off. Called by code that tries again. */
import { unlessAborted } from './unless-aborted.ts'
import { startTimer } from './start-timer.ts'

/** Resolves after so many milliseconds. Rejects with the signal's reason when it is aborted. */
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
