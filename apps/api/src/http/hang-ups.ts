/**
 * Tells requests that wait when waiting is no use any more: their client has gone, or the server closes. Thousands may wait. A
 * signal for each would cost more than all else of a wait, and one signal for all is walked through by each that comes or goes.
 * Made by createApp; used by long polls.
 */
import type { ApiContext, ApiEnv } from './api-deps.ts'

export class HangUps {
  readonly #waiting = new Set<() => void>()
  readonly #closing: AbortSignal | undefined

  constructor(closing: AbortSignal | undefined) {
    this.#closing = closing
    const tellAll = () => {
      for (const tell of [...this.#waiting]) tell()
    }
    closing?.addEventListener('abort', tellAll, { once: true })
  }

  /** Calls back, at once if it has happened. Returns the function that takes it back. */
  listen(c: ApiContext, onHangUp: () => void): () => void {
    const client = (c.env as ApiEnv['Bindings'] | undefined)?.outgoing
    if (this.#closing?.aborted || client?.destroyed) onHangUp()
    // One of its own, so that the same function may be handed in twice.
    const tell = (): void => onHangUp()
    this.#waiting.add(tell)
    client?.once('close', tell)
    return () => {
      this.#waiting.delete(tell)
      client?.off('close', tell)
    }
  }
}
