/** The longest that a timer of Node can wait: asked for more, it would fire at once. */
const LONGEST_MS = 2 ** 31 - 1

/** Calls back once after so many milliseconds, at once when they are negative; returns how to take that back. */
export function startTimer(ms: number, onDue: () => void): () => void {
  const timer = setTimeout(onDue, Math.min(Math.max(0, ms), LONGEST_MS))
  return () => clearTimeout(timer)
}
