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

interface Waiter {
  alone: boolean
  admit(): void
}

export function createGate(): Gate {
  const line: Waiter[] = []
  const listeners = new Set<() => void>()
  let inside = 0
  let occupiedAlone = false

  const admitNext = () => {
    for (let next = line[0]; next; next = line[0]) {
      if (occupiedAlone || (next.alone && inside > 0)) return
      line.shift()
      inside++
      occupiedAlone = next.alone
      next.admit()
    }
  }

  const isWanted = () => line.some(({ alone }) => alone)

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

  const enter = (alone: boolean, signal: AbortSignal) =>
    new Promise<Leave>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const waiter: Waiter = {
        alone,
        admit: () => {
          signal.removeEventListener('abort', onAbort)
          resolve(makeLeave())
        },
      }
      const onAbort = () => {
        line.splice(line.indexOf(waiter), 1)
        reject(signal.reason)
        admitNext()
      }
      signal.addEventListener('abort', onAbort, { once: true })
      line.push(waiter)
      admitNext()
      if (isWanted()) tellWanted()
    })

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
