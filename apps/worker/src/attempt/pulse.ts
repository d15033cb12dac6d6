/** The heartbeat of one attempt: proves that it lives, carries its progress, learns of a cancel. Started by begin-attempt.ts. */
import type { Progress } from '@millrace/contracts'

/** The heartbeat of one attempt. Started after the claim, stopped before the job is settled. */
export interface Pulse {
  /** Only the newest counts; at most one is sent per `progressMs`. */
  progress(progress: Progress): void
  stop(): void
}

export interface PulseOptions {
  beat(progress?: Progress): Promise<'ok' | 'cancel' | 'lost'>
  onCancel(): void
  onLost(): void
  /** A beat was refused because its store is away. Nothing is lost: the next one carries the progress. */
  onFault(error: unknown): void
  beatMs: number
  progressMs: number
}

export function startPulse(options: PulseOptions): Pulse {
  let newest: Progress | undefined
  let timer: NodeJS.Timeout | undefined
  let inFlight = false
  let stopped = false
  let lastBeat = performance.now()
  let lastProgress = Number.NEGATIVE_INFINITY

  const plan = () => {
    clearTimeout(timer)
    if (stopped || inFlight) return
    // All attempts of a process beat at the same moments, so that their beats share a call.
    const nextBeat = Math.ceil((lastBeat + 1) / options.beatMs) * options.beatMs
    const due = newest ? Math.min(lastProgress + options.progressMs, nextBeat) : nextBeat
    timer = setTimeout(() => void send(), Math.max(0, due - performance.now()))
  }

  const send = async () => {
    const progress = newest
    newest = undefined
    inFlight = true
    lastBeat = performance.now()
    if (progress) lastProgress = lastBeat
    try {
      const answer = await options.beat(progress)
      if (stopped || answer === 'ok') return
      if (answer === 'cancel') options.onCancel()
      else options.onLost()
    } catch (error) {
      newest ??= progress
      if (!stopped) options.onFault(error)
    } finally {
      inFlight = false
      plan()
    }
  }

  plan()
  return {
    progress(progress) {
      newest = progress
      plan()
    },
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
