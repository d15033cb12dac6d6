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
  /** Throws what `storing` is aborted with, if it is. */
  throwIfOver(): void
  /** Calls back after each stop from now on. There is one listener at a time: the step that waits. Returns the way to stop. */
  listen(listener: () => void): () => void
}

/** A signal costs more than most attempts need, for few of them are stopped: each is made when it is asked for. */
export function createStopSwitch(): StopSwitch {
  let running: AbortController | undefined
  let storing: AbortController | undefined
  let heaviest: StopReason | undefined
  let hear: (() => void) | undefined
  // One that is aborted already keeps its reason.
  const abort = () => {
    if (heaviest === undefined) return
    running?.abort(new AttemptStopped(heaviest))
    if (heaviest !== 'drain') storing?.abort(new AttemptStopped(heaviest))
  }

  return {
    get reason() {
      return heaviest
    },
    get running() {
      running ??= new AbortController()
      abort()
      return running.signal
    },
    get storing() {
      storing ??= new AbortController()
      abort()
      return storing.signal
    },
    stop(reason) {
      if (heaviest === undefined || WEIGHT[reason] > WEIGHT[heaviest]) heaviest = reason
      abort()
      hear?.()
    },
    throwIfOver() {
      if (heaviest !== undefined && heaviest !== 'drain') throw new AttemptStopped(heaviest)
    },
    listen(listener) {
      hear = listener
      return () => {
        if (hear === listener) hear = undefined
      }
    },
  }
}
