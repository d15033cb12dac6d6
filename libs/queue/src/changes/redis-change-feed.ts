/**
 * One subscription per process, fanned out by job id. What it says of an end is a hint: a message can be lost while the
 * connection heals, so whoever waits re-reads the record when the wait ends. Who follows a job is told of each break. Made by
 * openQueue for long polls, event streams and the worker's cancels.
 */
import { atLatestAwake } from '@millrace/async'
import type { JobId } from '@millrace/contracts'
import type { Redis } from 'ioredis'
import { JobTopics } from './job-topics.ts'
import { CANCELS_CHANNEL, CHANGES_CHANNEL } from '../redis/keys.ts'
import type { ChangeFeed, Heard } from '../ports/change-feed.ts'

/** How often a connection that says nothing is asked whether it lives, and how long it may take to answer. */
const PING_MS = 5000

export class RedisChangeFeed implements ChangeFeed {
  readonly #watchers = new Map<JobId, Set<{ tell(): void }>>()
  readonly #cancelListeners = new Set<(id: JobId) => void>()
  readonly #topics: JobTopics
  readonly #subscriber: Redis
  /** Whether anybody ever waited for an end: workers do not, and are not woken by every job that ends. */
  #hearsEnds = false

  /** Takes over the connection (see `subscribing`): a subscribed connection can do nothing else. */
  constructor(subscriber: Redis) {
    this.#subscriber = subscriber
    this.#topics = new JobTopics(subscriber)
    // On every (re)connection.
    subscriber.on('ready', () => this.#subscribe())
    subscriber.on('close', () => this.#topics.onClose())
    if (subscriber.status === 'ready') this.#subscribe()
    subscriber.on('message', (channel: string, message: string) => this.#onMessage(channel, message))
    keepAlive(subscriber)
  }

  #subscribe(): void {
    this.#subscriber.subscribe(CANCELS_CHANNEL).catch(() => undefined)
    if (this.#hearsEnds) this.#listenForEnds()
    this.#topics.onReady()
  }

  /** What ended before the answer is unknown, so all who wait look for themselves then. */
  #listenForEnds(): void {
    this.#subscriber.subscribe(CHANGES_CHANNEL).then(
      () => this.#tellAll(),
      () => undefined,
    )
  }

  onEnd(id: JobId, listener: () => void): () => void {
    const watchers = this.#watchers.get(id) ?? new Set()
    this.#watchers.set(id, watchers)
    // One of its own, so that the same function may be handed in twice.
    const watcher = { tell: listener }
    watchers.add(watcher)
    if (!this.#hearsEnds) {
      this.#hearsEnds = true
      if (this.#subscriber.status === 'ready') this.#listenForEnds()
    }
    return () => {
      watchers.delete(watcher)
      if (watchers.size === 0 && this.#watchers.get(id) === watchers) this.#watchers.delete(id)
    }
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
    const id = message.slice(0, message.indexOf(' '))
    for (const watcher of [...(this.#watchers.get(id) ?? [])]) watcher.tell()
  }

  #tellAll(): void {
    for (const watchers of [...this.#watchers.values()]) for (const watcher of [...watchers]) watcher.tell()
  }
}

/** A subscriber never sends, so it would not notice that the other side is gone. */
function keepAlive(subscriber: Redis): void {
  let heard: (() => void) | undefined
  const timer = setInterval(() => {
    if (subscriber.status !== 'ready' || heard) return
    const inTime = atLatestAwake(PING_MS, () => subscriber.disconnect(true))
    heard = () => {
      inTime()
      heard = undefined
    }
    subscriber.ping().then(heard, heard)
  }, PING_MS)
  timer.unref()
  subscriber.on('close', () => heard?.())
  subscriber.on('end', () => clearInterval(timer))
}
