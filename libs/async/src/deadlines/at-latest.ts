/**
 * Time limits for requests. There are many, and hardly one is ever reached. So they all share one tick instead of a timer of
 * Node for each, which makes them nearly free. A limit is noticed up to 50 ms late. Used wherever a request or a call to
 * Redis waits.
 */
const TICK_MS = 50

interface Limit {
  clock: 'wall' | 'awake'
  /** The time at which it is due, by its clock. */
  dueMs: number
  onDue: () => void
}

const limits = new Set<Limit>()
let tick: NodeJS.Timeout | undefined
let lastMs = 0
/** The time in which the event loop was free to turn. A turn longer than two ticks counts as two ticks. */
let awakeMs = 0

/** Calls back once after so many milliseconds. Returns a function that takes the limit back. */
export const atLatest = (ms: number, onDue: () => void): (() => void) =>
  limit({ clock: 'wall', dueMs: performance.now() + ms, onDue })

/**
 * The same, but the time that this process was busy itself does not count. For answers from elsewhere: while this process
 * was busy, the answer may have come without being read.
 */
export function atLatestAwake(ms: number, onDue: () => void): () => void {
  // The time since the last tick is added, so that a limit never comes early.
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
