/** Bounds how much work of one kind is done at once. Called by whoever starts processes or connections in numbers. */
import { WaitingLine } from './waiting-line.ts'

/**
 * Runs at most `limit` pieces of work at once; the others wait in line. `create` once, then call the result with each
 * piece; it answers as the piece does.
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
      // The place goes to the next in line as it is, so that nobody else can take it in between.
      if (line.length > 0) line.serve()
      else running--
    }
  }
}
