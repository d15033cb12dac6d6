import { isTerminal, type JobId, type JobStatus, jobStatusSchema } from '@millrace/contracts'
import type { Redis } from 'ioredis'
import { CANCELS_CHANNEL, CHANGES_CHANNEL } from './keys.ts'
import type { ChangeFeed } from './ports.ts'

/**
 * One subscription per process, fanned out by job id. What it says is a hint: a message can be lost while the
 * connection heals, so whoever waits re-reads the record when the wait ends.
 */
export class RedisChangeFeed implements ChangeFeed {
  readonly #watchers = new Map<JobId, Set<(status: JobStatus | null) => void>>()
  readonly #cancelListeners = new Set<(id: JobId) => void>()

  /** Takes over the connection: a subscribed connection can do nothing else. */
  constructor(subscriber: Redis) {
    const subscribe = (): void => {
      subscriber.subscribe(CHANGES_CHANNEL, CANCELS_CHANNEL).catch(() => undefined)
    }
    // On every (re)connection; what changed in between is unknown, so all who wait look for themselves.
    subscriber.on('ready', () => {
      subscribe()
      this.#wakeAll()
    })
    if (subscriber.status === 'ready') subscribe()
    subscriber.on('message', (channel: string, message: string) => this.#onMessage(channel, message))
  }

  ended(id: JobId, signal: AbortSignal): Promise<JobStatus | null> {
    if (signal.aborted) return Promise.resolve(null)
    return new Promise((resolve) => {
      const watchers = this.#watchers.get(id) ?? new Set()
      this.#watchers.set(id, watchers)
      const done = (status: JobStatus | null): void => {
        signal.removeEventListener('abort', onAbort)
        watchers.delete(done)
        if (watchers.size === 0 && this.#watchers.get(id) === watchers) this.#watchers.delete(id)
        resolve(status)
      }
      const onAbort = (): void => done(null)
      signal.addEventListener('abort', onAbort, { once: true })
      watchers.add(done)
    })
  }

  onCancel(listener: (id: JobId) => void): () => void {
    this.#cancelListeners.add(listener)
    return () => this.#cancelListeners.delete(listener)
  }

  #onMessage(channel: string, message: string): void {
    if (channel === CANCELS_CHANNEL) {
      for (const listener of this.#cancelListeners) listener(message)
      return
    }
    const [id, text] = message.split(' ')
    const watchers = this.#watchers.get(id ?? '')
    if (!watchers) return
    const { data: status = null } = jobStatusSchema.safeParse(text)
    if (status !== null && !isTerminal(status)) return
    for (const done of [...watchers]) done(status)
  }

  #wakeAll(): void {
    for (const watchers of [...this.#watchers.values()]) for (const done of [...watchers]) done(null)
  }
}
