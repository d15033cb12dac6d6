/**
 * Why an attempt must stop, and who hears of it.
 * - `drain`: the worker is going away; a run is broken off, an upload that is under way may still end
 * - `halt`: it goes away now
 * - `canceled`: the client asked
 * - `lost`: another attempt owns the job; nothing this one says counts any more
 */
export type StopReason = 'drain' | 'halt' | 'canceled' | 'lost'

/** Later reasons weigh more: a lost attempt must stay silent whatever else was asked of it. */
const WEIGHT: Record<StopReason, number> = { drain: 0, halt: 1, canceled: 2, lost: 3 }

/** The reason that the signals of a switch are aborted with. */
export class AttemptStopped extends Error {
  constructor(reason: StopReason) {
    super(`the attempt was stopped: ${reason}`)
    this.name = 'AttemptStopped'
  }
}

export interface StopSwitch {
  /** The weightiest reason so far. */
  readonly reason: StopReason | undefined
  /** Aborted for any reason: fetching, waiting for a slot, running. */
  readonly running: AbortSignal
  /** Aborted for any reason but a drain: a finished result is worth the upload. */
  readonly storing: AbortSignal
  stop(reason: StopReason): void
}

export function createStopSwitch(): StopSwitch {
  const running = new AbortController()
  const storing = new AbortController()
  let heaviest: StopReason | undefined

  return {
    get reason() {
      return heaviest
    },
    running: running.signal,
    storing: storing.signal,
    stop(reason) {
      if (heaviest === undefined || WEIGHT[reason] > WEIGHT[heaviest]) heaviest = reason
      running.abort(new AttemptStopped(reason))
      if (reason !== 'drain') storing.abort(new AttemptStopped(reason))
    },
  }
}
