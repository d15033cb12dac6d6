/**
 * A time limit for calls that take a signal. It also listens to the caller's own signal. Used wherever a call must end in
 * time: by webhooks, by the attempts of a worker, by the trial of an object store.
 */
import { createBroadcast } from './create-broadcast.ts'
import { startTimer } from './start-timer.ts'

export interface Deadline {
  /** Aborted when the time is over, when the caller's signal is aborted, or by `abort`. Any number may listen. */
  readonly signal: AbortSignal
  /** Ends the deadline early, with a reason of its own. */
  abort(reason: unknown): void
  /** Removes the timer and the listener. It must be called. */
  end(): void
}

export interface DeadlineOptions {
  /** When it is aborted, the deadline is aborted with the same reason. */
  signal?: AbortSignal
  /** Makes the reason for a deadline whose time is over. Default: DeadlineError. */
  reason?: () => unknown
}

/** The time for something is over. */
export class DeadlineError extends Error {
  constructor() {
    super('the time for this is over')
    this.name = 'DeadlineError'
  }
}

/**
 * `AbortSignal.any([signal, AbortSignal.timeout(ms)])` would do the same. But on Node 20 such a signal may be
 * garbage-collected before it fires, and each call leaves a listener on a long-lived `signal`.
 */
export function startDeadline(ms: number, { signal, reason }: DeadlineOptions = {}): Deadline {
  const controller = createBroadcast()
  const late = () => controller.abort(reason ? reason() : new DeadlineError())
  const takeBack = startTimer(ms, late)
  const follow = () => controller.abort(signal?.reason)
  if (signal?.aborted) follow()
  signal?.addEventListener('abort', follow, { once: true })
  return {
    signal: controller.signal,
    abort: (why) => controller.abort(why),
    end() {
      takeBack()
      signal?.removeEventListener('abort', follow)
    },
  }
}
