/**
 * The jobs that this process follows, each a channel on the one subscribed connection. Those that are joined within a
 * turn of the event loop are joined in one command, and so are those that are left within a while. Used by RedisChangeFeed.
 */
import type { JobId } from '@millrace/contracts'
import type { Redis } from 'ioredis'
import { toLogged } from '../log/shelved-log.ts'
import { EVENTS_CHANNELS, eventsChannel } from '../redis/keys.ts'
import type { Heard } from '../ports/change-feed.ts'

type Listener = (heard: Heard) => void

interface Topic {
  listeners: Set<Listener>
  /** `joined`: Redis has confirmed, so from now on nothing is missed. */
  state: 'new' | 'joining' | 'joined'
}

/** Channels in one command: Redis carries out a command whole before it looks at the next. */
const MOST_PER_CALL = 1000
/** How long a channel is kept that nobody follows any more. Milliseconds. */
const LEAVE_MS = 100

export class JobTopics {
  readonly #redis: Redis
  readonly #topics = new Map<JobId, Topic>()
  /** Topics that have got their first listener in this turn. */
  readonly #wanted = new Set<JobId>()
  /** Topics that have lost their last listener. */
  readonly #left = new Set<JobId>()

  constructor(subscriber: Redis) {
    this.#redis = subscriber
  }

  /** See ChangeFeed. */
  follow(id: JobId, listener: Listener): () => void {
    const topic = this.#topics.get(id) ?? { listeners: new Set(), state: 'new' }
    if (topic.listeners.size === 0) {
      this.#topics.set(id, topic)
      this.#wanted.add(id)
      if (this.#wanted.size === 1) setImmediate(() => this.#joinWanted())
    }
    topic.listeners.add(listener)
    if (topic.state === 'joined') {
      queueMicrotask(() => {
        if (topic.state === 'joined' && topic.listeners.has(listener)) listener({ kind: 'joined' })
      })
    }
    return () => {
      if (!topic.listeners.delete(listener) || topic.listeners.size > 0) return
      if (this.#left.size === 0) setTimeout(() => this.#leave(), LEAVE_MS).unref()
      this.#left.add(id)
    }
  }

  /** A message of one of these channels: `<event id> <event JSON>`, or `erased`. */
  onMessage(channel: string, message: string): void {
    const topic = this.#topics.get(channel.slice(EVENTS_CHANNELS.length))
    // What comes before `joined` was told is in the log, and so is what came before it and was missed: not this one first.
    if (topic?.state !== 'joined' || topic.listeners.size === 0) return
    const space = message.indexOf(' ')
    tell(
      topic,
      space < 0
        ? { kind: 'purged' }
        : { kind: 'event', logged: toLogged(message.slice(0, space), message.slice(space + 1)) },
    )
  }

  /** The connection is there, or there again: joins every topic anew. */
  onReady(): void {
    for (const topic of this.#topics.values()) topic.state = 'new'
    void this.#join([...this.#topics.keys()])
  }

  /** The connection is gone: nobody is told anything until it is back. */
  onClose(): void {
    for (const topic of this.#topics.values()) topic.state = 'new'
  }

  #joinWanted(): void {
    const ids = [...this.#wanted]
    this.#wanted.clear()
    // Without a connection there is nothing to do: what there is to join is joined when it comes.
    if (this.#redis.status === 'ready') void this.#join(ids.filter((id) => this.#topics.get(id)?.state === 'new'))
  }

  #leave(): void {
    const ids = [...this.#left].filter((id) => this.#topics.get(id)?.listeners.size === 0)
    this.#left.clear()
    const known = ids.filter((id) => this.#topics.get(id)?.state !== 'new')
    for (const id of ids) this.#topics.delete(id)
    if (this.#redis.status !== 'ready') return
    for (const some of chunks(known)) this.#redis.unsubscribe(...some.map(eventsChannel)).catch(() => undefined)
  }

  async #join(ids: JobId[]): Promise<void> {
    for (const some of chunks(ids)) {
      const topics = some.map((id) => this.#topics.get(id))
      for (const topic of topics) if (topic) topic.state = 'joining'
      this.#redis.subscribe(...some.map(eventsChannel)).then(
        () => topics.forEach((topic) => topic?.state === 'joining' && confirm(topic)),
        // The connection broke: `onReady` follows.
        () => undefined,
      )
    }
  }
}

function confirm(topic: Topic): void {
  topic.state = 'joined'
  tell(topic, { kind: 'joined' })
}

function tell(topic: Topic, heard: Heard): void {
  for (const listener of [...topic.listeners]) listener(heard)
}

function chunks<T>(list: T[]): T[][] {
  const found: T[][] = []
  for (let i = 0; i < list.length; i += MOST_PER_CALL) found.push(list.slice(i, i + MOST_PER_CALL))
  return found
}
