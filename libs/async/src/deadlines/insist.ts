/** Tries again until it works, or until its time is over. Called for work that must not be lost while a store is away. */
import { pause } from './pause.ts'
import { unlessAborted } from './unless-aborted.ts'

export interface InsistOptions {
  /** Aborting gives up at once with the signal's reason, even when a call hangs. */
  signal: AbortSignal
  /** Gives up with the last error, this long after the first try. Milliseconds. */
  forMs: number
  /** The first wait. It doubles up to `maxDelayMs`, with jitter. Default 100. */
  firstDelayMs?: number
  /** Default 2000. */
  maxDelayMs?: number
  /** Tells whether another try may help. Default: always. */
  retryable?(error: unknown): boolean
  onFault?(error: unknown): void
}

/**
 * Calls `act` again until it succeeds. `act` must be harmless when done twice, because an answer can be lost after the work
 * was done.
 */
export async function insist<T>(act: () => Promise<T>, options: InsistOptions): Promise<T> {
  const giveUpAt = Date.now() + options.forMs
  const maxDelay = options.maxDelayMs ?? 2000
  for (let delay = options.firstDelayMs ?? 100; ; delay = Math.min(delay * 2, maxDelay)) {
    options.signal.throwIfAborted()
    try {
      return await unlessAborted(act(), options.signal)
    } catch (error) {
      if (options.signal.aborted || Date.now() >= giveUpAt || options.retryable?.(error) === false) throw error
      options.onFault?.(error)
    }
    await pause(delay * (0.5 + Math.random() / 2), options.signal)
  }
}
