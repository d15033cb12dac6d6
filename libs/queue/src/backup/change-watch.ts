/**
 * Hears which keys of one server change, so that a copy that takes a while can be brought up to date. The server tells the names by
 * its broadcasts for caches (CLIENT TRACKING), to a connection that does nothing else. Made by copyRecord.
 */
import type { Redis } from 'ioredis'
import { isKept, KEY_PREFIXES } from './copied-key.ts'

const CHANNEL = '__redis__:invalidate'
/** More names than these are not remembered: then the server changes faster than it can be copied. */
const MOST_CHANGED = 2_000_000

export class ChangeWatch {
  readonly hand: Redis
  readonly #ear: Redis
  #changed = new Set<string>()
  #fault: Error | undefined

  private constructor(hand: Redis, ear: Redis) {
    this.hand = hand
    this.#ear = ear
    const lost = () => {
      this.#fault ??= new Error('The connection to Redis was lost, and with it what changed meanwhile')
    }
    for (const one of [hand, ear]) one.on('close', lost)
    ear.on('messageBuffer', (_channel: Buffer, keys: unknown) => this.#note(keys))
  }

  /** Listens from now on. Both connections are the watch's own; neither comes back once it is lost. */
  static async open(hand: Redis, ear: Redis): Promise<ChangeWatch> {
    const watch = new ChangeWatch(hand, ear)
    const id = String(await ear.client('ID'))
    await ear.subscribe(CHANNEL)
    const prefixes = KEY_PREFIXES.flatMap((prefix) => ['PREFIX', prefix])
    await hand.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', id, 'BCAST', ...prefixes)
    return watch
  }

  /** Resolves when all is known that was changed before the call. Rejects when something was missed. */
  async settle(): Promise<void> {
    // The answer comes behind all names that were told before.
    await this.#ear.ping()
    if (this.#fault) throw this.#fault
  }

  /** How many are to be copied again. */
  get size(): number {
    return this.#changed.size
  }

  /** Their names; none of them is known afterwards. */
  take(): string[] {
    const taken = [...this.#changed]
    this.#changed = new Set()
    return taken
  }

  close(): void {
    this.hand.disconnect()
    this.#ear.disconnect()
  }

  #note(keys: unknown): void {
    // Null: all keys were deleted at once (FLUSHALL).
    if (!Array.isArray(keys)) {
      this.#fault ??= new Error('All of Redis was emptied while it was copied')
      return
    }
    for (const key of keys as Buffer[]) {
      const name = key.toString()
      if (isKept(name)) this.#changed.add(name)
    }
    if (this.#changed.size > MOST_CHANGED) this.#fault ??= new Error('Redis changes faster than it can be copied')
  }
}
