/** Lets a suspect run alone in its process. One per worker, passed by each of its attempts. */
import { WaitingLine } from '@millrace/async'

/**
 * The process-wide gate: ordinary attempts pass it together, a suspect (a job that may have taken its last worker
 * down) passes alone, so that a crash blames the right job. First come, first served: whoever arrives after a waiting
 * suspect waits behind it, so a stream of ordinary attempts can't starve it.
 */
export interface Gate {
  /** Resolves, beside others that share, with the way to leave; rejects with the signal's reason when aborted. */
  shared(signal: AbortSignal): Promise<Leave>
  /** Resolves, alone, with the way to leave. */
  exclusive(signal: AbortSignal): Promise<Leave>
  /**
   * For one inside that may be long and could as well come back: calls back once, at once or later, when a suspect waits
   * for all others to leave. Returns the way to stop listening.
   */
  onWanted(listener: () => void): () => void
}

/** Leaves the gate. Safe to call twice. */
export type Leave = () => void

export function createGate(): Gate {
  const line = new WaitingLine<{ alone: boolean }, Leave>()
  const listeners = new Set<() => void>()
  let inside = 0
  let occupiedAlone = false

  const admitNext = () => {
    for (let next = line.first; next; next = line.first) {
      if (occupiedAlone || (next.alone && inside > 0)) return
      inside++
      occupiedAlone = next.alone
      line.serve(makeLeave())
    }
  }

  const isWanted = () => line.wishes.some(({ alone }) => alone)

  const tellWanted = () => {
    const told = [...listeners]
    listeners.clear()
    for (const listener of told) listener()
  }

  const makeLeave = (): Leave => {
    let left = false
    return () => {
      if (left) return
      left = true
      inside--
      occupiedAlone = false
      admitNext()
    }
  }

  const enter = (alone: boolean, signal: AbortSignal) => {
    const turn = line.join({ alone }, { signal, onLeave: admitNext })
    admitNext()
    if (isWanted()) tellWanted()
    return turn
  }

  return {
    shared: (signal) => enter(false, signal),
    exclusive: (signal) => enter(true, signal),
    onWanted(listener) {
      if (isWanted()) {
        listener()
        return () => undefined
      }
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
