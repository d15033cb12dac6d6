/**
 * Breaks connections on which Redis keeps silent though it owes an answer. Only time in which this process was there to
 * hear it counts: what a process took for itself is no fault of Redis. Called by redis-connection.ts.
 */
import type { Redis } from 'ioredis'

const TICK_MS = 100

/** Breaks the connection when nothing was heard on it for so long while calls wait: they fail, and it is made anew. */
export function breakSilence(redis: Redis, silenceMs: number): void {
  let silent = 0
  let heard: unknown
  let last = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    // Of a long turn of the event loop only two ticks count.
    const passed = Math.min(now - last, 2 * TICK_MS)
    last = now
    const { stream } = redis as { stream: Redis['stream'] | undefined }
    const owes = stream !== undefined && redis.commandQueue.length > 0
    // A stream of its own counts anew; so does any byte, as answers come in the order of the calls.
    const state = stream && `${stream.localPort} ${stream.bytesRead}`
    silent = owes && state === heard ? silent + passed : 0
    heard = state
    if (silent < silenceMs) return
    silent = 0
    stream?.destroy(new Error('Redis fell silent'))
  }, TICK_MS)
  timer.unref()
  redis.on('end', () => clearInterval(timer))
}
