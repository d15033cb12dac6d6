/**
 * Time limits of requests: many, and hardly one of them is ever reached. All share one tick instead of a timer of Node's
 * each, which makes them nearly free. A limit is noticed up to 50 ms late. Used wherever a request or a call to Redis waits.
 */
const TICK_MS = 50

interface Limit {
  clock: 'wall' | 'awake'
  /** By its clock. */
  dueMs: number
  onDue: () => void
}

const limits = new Set<Limit>()
let tick: NodeJS.Timeout | undefined
let lastMs = 0
/** Time in which the event loop was turning: of a long turn only two ticks count. */
let awakeMs = 0

/** Calls back once when so many milliseconds are over, unless the way to take it back, which is returned, is used before. */
export const atLatest = (ms: number, onDue: () => void): (() => void) =>
  limit({ clock: 'wall', dueMs: performance.now() + ms, onDue })

/**
 * The same, without the time that this process took for itself. For answers that come from elsewhere: they may be here long
 * since, and were not looked at.
 */
export function atLatestAwake(ms: number, onDue: () => void): () => void {
  // What has passed since the last tick is added, so that a limit is never early.
  if (tick === undefined) lastMs = performance.now()
  const passed = Math.min(performance.now() - lastMs, TICK_MS)
  return limit({ clock: 'awake', dueMs: awakeMs + passed + ms, onDue })
}

function limit(one: Limit): () => void {
  limits.add(one)
  if (tick === undefined) {
    lastMs = performance.now()
    tick = setInterval(lookAround, TICK_MS).unref()
  }
  return () => void limits.delete(one)
}

function lookAround(): void {
  const now = performance.now()
  awakeMs += Math.min(now - lastMs, 2 * TICK_MS)
  lastMs = now
  for (const one of limits) {
    if (one.dueMs > (one.clock === 'wall' ? now : awakeMs)) continue
    limits.delete(one)
    one.onDue()
  }
  if (limits.size > 0) return
  clearInterval(tick)
  tick = undefined
}
