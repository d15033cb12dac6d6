/**
 * The jobs that this process follows, each a channel on the one subscribed connection. Whoever joins or leaves within a
 * turn of the event loop does so in one command. Used by RedisChangeFeed.
 */
import type { JobId } from '@millrace/contracts'
import type { Redis } from 'ioredis'
import { toLogged } from './event-log.ts'
import { EVENTS_CHANNELS, eventsChannel } from './keys.ts'
import type { Heard } from './ports.ts'

type Listener = (heard: Heard) => void

interface Topic {
  listeners: Set<Listener>
  /** `joined`: Redis has confirmed, so from now on nothing is missed. */
  state: 'new' | 'joining' | 'joined'
}

/** Channels in one command: Redis carries out a command whole before it looks at the next. */
const MOST_PER_CALL = 1000

export class JobTopics {
  readonly #redis: Redis
  readonly #topics = new Map<JobId, Topic>()
  /** Topics that were made or have lost their last listener in this turn. */
  readonly #changed = new Set<JobId>()

  constructor(subscriber: Redis) {
    this.#redis = subscriber
  }

  /** See ChangeFeed. */
  follow(id: JobId, listener: Listener): () => void {
    const topic = this.#topics.get(id) ?? { listeners: new Set(), state: 'new' }
    if (topic.listeners.size === 0) {
      this.#topics.set(id, topic)
      this.#change(id)
    }
    topic.listeners.add(listener)
    if (topic.state === 'joined') {
      queueMicrotask(() => {
        if (topic.state === 'joined' && topic.listeners.has(listener)) listener({ kind: 'joined' })
      })
    }
    return () => {
      if (topic.listeners.delete(listener) && topic.listeners.size === 0) this.#change(id)
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
        ? { kind: 'erased' }
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

  #change(id: JobId): void {
    this.#changed.add(id)
    if (this.#changed.size === 1) setImmediate(() => this.#flush())
  }

  #flush(): void {
    const changed = [...this.#changed]
    this.#changed.clear()
    const left: JobId[] = []
    for (const id of changed) {
      const topic = this.#topics.get(id)
      if (!topic || topic.listeners.size > 0) continue
      this.#topics.delete(id)
      if (topic.state !== 'new') left.push(id)
    }
    // Without a connection there is nothing to leave; what there is to join is joined when it comes.
    if (this.#redis.status !== 'ready') return
    for (const ids of chunks(left)) this.#redis.unsubscribe(...ids.map(eventsChannel)).catch(() => undefined)
    void this.#join(changed.filter((id) => this.#topics.get(id)?.state === 'new'))
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
