/**
 * Time limits of requests: many, and hardly one of them is ever reached. All share one tick instead of a timer of Node's
 * each, which makes them nearly free. A limit is noticed up to 50 ms late. Used wherever a request waits for something.
 */
const TICK_MS = 50

interface Limit {
  dueMs: number
  onDue: () => void
}

const limits = new Set<Limit>()
let tick: NodeJS.Timeout | undefined

/** Calls back once when so many milliseconds are over, unless the way to take it back, which is returned, is used before. */
export function atLatest(ms: number, onDue: () => void): () => void {
  const limit = { dueMs: performance.now() + ms, onDue }
  limits.add(limit)
  tick ??= setInterval(lookAround, TICK_MS)
  return () => void limits.delete(limit)
}

function lookAround(): void {
  const now = performance.now()
  for (const limit of limits) {
    if (limit.dueMs > now) continue
    limits.delete(limit)
    limit.onDue()
  }
  if (limits.size > 0) return
  clearInterval(tick)
  tick = undefined
}
