// A bound on a whole exchange that also listens to the caller. Called by the deliverer and the guarded fetcher.

/** The time for the whole exchange is over. */
export class DeadlineError extends Error {
  constructor() {
    super('the time for this request is over')
    this.name = 'DeadlineError'
  }
}

export interface Deadline {
  /** Aborted with DeadlineError after the time, or with the caller's reason. */
  readonly signal: AbortSignal
  /** Takes the timer and the listener away. Must be called. */
  end(): void
}

/**
 * `AbortSignal.any([signal, AbortSignal.timeout(ms)])` would say the same, but on Node 20 such a signal may be collected
 * before it fires, and leaves a listener on a long-lived `signal` with each call.
 */
export function startDeadline(ms: number, signal?: AbortSignal): Deadline {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(new DeadlineError()), ms)
  const follow = () => controller.abort(signal?.reason)
  if (signal?.aborted) follow()
  signal?.addEventListener('abort', follow, { once: true })
  return {
    signal: controller.signal,
    end() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', follow)
    },
  }
}
