import { isTerminal, type JobId, type JobStatus, jobStatusSchema } from '@millrace/contracts'
import type { Redis } from 'ioredis'
import { JobTopics } from './job-topics.ts'
import { CANCELS_CHANNEL, CHANGES_CHANNEL } from './keys.ts'
import type { ChangeFeed, Heard } from './ports.ts'

/** How often a connection that says nothing is asked whether it lives, and how long it may take to answer. */
const PING_MS = 5000

/**
 * One subscription per process, fanned out by job id. What it says of an end is a hint: a message can be lost while the
 * connection heals, so whoever waits re-reads the record when the wait ends. Who follows a job is told of each break.
 */
export class RedisChangeFeed implements ChangeFeed {
  readonly #watchers = new Map<JobId, Set<(status: JobStatus | null) => void>>()
  readonly #cancelListeners = new Set<(id: JobId) => void>()
  readonly #topics: JobTopics

  /** Takes over the connection (see `subscribing`): a subscribed connection can do nothing else. */
  constructor(subscriber: Redis) {
    this.#topics = new JobTopics(subscriber)
    const subscribe = (): void => {
      subscriber.subscribe(CHANGES_CHANNEL, CANCELS_CHANNEL).catch(() => undefined)
      this.#topics.onReady()
    }
    // On every (re)connection; what changed in between is unknown, so all who wait look for themselves.
    subscriber.on('ready', () => {
      subscribe()
      this.#wakeAll()
    })
    subscriber.on('close', () => this.#topics.onClose())
    if (subscriber.status === 'ready') subscribe()
    subscriber.on('message', (channel: string, message: string) => this.#onMessage(channel, message))
    keepAlive(subscriber)
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

  follow(id: JobId, listener: (heard: Heard) => void): () => void {
    return this.#topics.follow(id, listener)
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
    if (channel !== CHANGES_CHANNEL) {
      this.#topics.onMessage(channel, message)
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

/** A subscriber never sends, so it would not notice that the other side is gone. */
function keepAlive(subscriber: Redis): void {
  let late: NodeJS.Timeout | undefined
  const timer = setInterval(() => {
    if (subscriber.status !== 'ready' || late !== undefined) return
    const heard = (): void => {
      clearTimeout(late)
      late = undefined
    }
    late = setTimeout(() => subscriber.disconnect(true), PING_MS).unref()
    subscriber.ping().then(heard, heard)
  }, PING_MS)
  timer.unref()
  subscriber.on('close', () => {
    clearTimeout(late)
    late = undefined
  })
  subscriber.on('end', () => clearInterval(timer))
}
