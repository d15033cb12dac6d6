/**
 * A bound on time that also listens to somebody else's signal, for calls that take a signal. Used wherever a call must
 * end in time: by webhooks, by the attempts of a worker, by the trial of an object store.
 */
import { createBroadcast } from './create-broadcast.ts'
import { startTimer } from './start-timer.ts'

export interface Deadline {
  /** Aborted when the time is over, when the caller's signal is, or by `abort`; any number may listen. */
  readonly signal: AbortSignal
  /** Ends it early, with a reason of its own. */
  abort(reason: unknown): void
  /** Takes the timer and the listener away. Must be called. */
  end(): void
}

export interface DeadlineOptions {
  /** Aborts the deadline with its reason. */
  signal?: AbortSignal
  /** Makes the reason of a deadline whose time is over. Default: DeadlineError. */
  reason?: () => unknown
}

/** The time that something was given is over. */
export class DeadlineError extends Error {
  constructor() {
    super('the time for this is over')
    this.name = 'DeadlineError'
  }
}

/**
 * `AbortSignal.any([signal, AbortSignal.timeout(ms)])` would say the same, but on Node 20 such a signal may be collected
 * before it fires, and leaves a listener on a long-lived `signal` with each call.
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
