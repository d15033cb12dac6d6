/** Limits how much work of one kind runs at once. Called by code that starts many processes or connections. */
import { WaitingLine } from './waiting-line.ts'

/**
 * Returns a function that runs work, at most `limit` pieces at once; the others wait in line. The function resolves or
 * rejects as the work does.
 */
export function createLimiter(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  const line = new WaitingLine()
  let running = 0
  return async (work) => {
    if (running >= limit) await line.join()
    else running++
    try {
      return await work()
    } finally {
      // The place goes directly to the next in line, so that nobody else can take it in between.
      if (line.length > 0) line.serve()
      else running--
    }
  }
}
