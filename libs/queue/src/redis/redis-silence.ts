/**
 * Whether Redis keeps silent though it owes an answer. Only time in which this process was there to hear it counts: what
 * a process took for itself is no fault of Redis. Used by the connections and the watch of this room.
 */
import type { Redis } from 'ioredis'

const TICK_MS = 100

/** Calls back once when so much time has passed in which the event loop was turning; returns how to take that back. */
export function afterAwake(ms: number, onDue: () => void): () => void {
  let left = ms
  return eachTick((passed, stop) => {
    left -= passed
    if (left > 0) return
    stop()
    onDue()
  })
}

/** Breaks the connection when nothing was heard on it for so long while calls wait: they fail, and it is made anew. */
export function breakSilence(redis: Redis, silenceMs: number): void {
  let silent = 0
  let heard: unknown
  const stop = eachTick((passed) => {
    const { stream } = redis as { stream: Redis['stream'] | undefined }
    const owes = stream !== undefined && redis.commandQueue.length > 0
    // A stream of its own counts anew; so does any byte, as answers come in the order of the calls.
    const now = stream && `${stream.localPort} ${stream.bytesRead}`
    silent = owes && now === heard ? silent + passed : 0
    heard = now
    if (silent < silenceMs) return
    silent = 0
    stream?.destroy(new Error('Redis fell silent'))
  })
  redis.on('end', stop)
}

/** @param onTick Hears how much time has passed; of a long turn of the event loop only two ticks count. */
function eachTick(onTick: (passedMs: number, stop: () => void) => void): () => void {
  let last = performance.now()
  const stop = (): void => clearInterval(timer)
  const timer = setInterval(() => {
    const now = performance.now()
    const passed = Math.min(now - last, 2 * TICK_MS)
    last = now
    onTick(passed, stop)
  }, TICK_MS)
  timer.unref()
  return stop
}
