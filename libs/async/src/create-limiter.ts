/**
 * Runs at most `limit` pieces of work at once; the others wait in line. `create` once, then call the result with each
 * piece; it answers as the piece does.
 */
export function createLimiter(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0
  const line: (() => void)[] = []
  return async (work) => {
    if (running >= limit) await new Promise<void>((resolve) => line.push(resolve))
    else running++
    try {
      return await work()
    } finally {
      // The place goes to the next in line as it is, so that nobody else can take it in between.
      const next = line.shift()
      if (next) next()
      else running--
    }
  }
}
