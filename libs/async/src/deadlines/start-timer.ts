/** The longest time that a timer of Node can wait. With a longer time it would fire at once. */
const LONGEST_MS = 2 ** 31 - 1

/** Calls back once after so many milliseconds, or at once when they are negative. Returns a function that cancels it. */
export function startTimer(ms: number, onDue: () => void): () => void {
  const timer = setTimeout(onDue, Math.min(Math.max(0, ms), LONGEST_MS))
  return () => clearTimeout(timer)
}
