/**
 * Tries again until it works, or until the time or the patience is over. Called for what must not be lost while a
 * store is away.
 */
import { pause } from './pause.ts'
import { unlessAborted } from './unless-aborted.ts'

export interface InsistOptions {
  /** Aborting gives up at once, also on a call that hangs; rejects with its reason. */
  signal: AbortSignal
  /** Gives up, with the last error, this long after the first try. Milliseconds. */
  forMs: number
  /** First wait; doubles up to `maxDelayMs`, with jitter. Default 100. */
  firstDelayMs?: number
  /** Default 2000. */
  maxDelayMs?: number
  /** Whether another try may help. Default: always. */
  retryable?(error: unknown): boolean
  onFault?(error: unknown): void
}

/**
 * Does it again until it works: for what must not be lost because a store was away for a while. What is done must be
 * harmless to do twice, since an answer can be lost after the deed.
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
