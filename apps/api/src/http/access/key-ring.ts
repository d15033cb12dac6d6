/**
 * The keys that were shown to this process of late: a key that was revoked lets nobody in 2 s later, wherever that was asked for.
 * Started by startApi; asked by authenticate.ts and by open event streams.
 */
import { createLoop, type Lifecycle, WithLifecycle } from '@millrace/async'
import type { ApiKeyId, Log } from '@millrace/contracts'
import { isUnavailable, type KeptKey, type KeyStore } from '@millrace/queue'
import { BoundedMap } from '../limits/bounded-map.ts'
import { FOLLOW_MS, FollowedValues } from '../limits/followed-values.ts'
import { inStoreTime } from '../store-time.ts'
import { type Principal, toModels } from './principal.ts'

/** A key is read anew after so long, whatever the log says: Redis may have lost some of it. Milliseconds. */
const KEPT_MS = 60_000
/** Keys that are remembered, and ids that are no key's. */
const MOST_KEYS = 20_000
const MOST_UNKNOWN = 1000

const MINUTE_MS = 60_000
const NO_DIGEST = Buffer.alloc(32)

interface Held {
  /** Undefined: there is no such key. */
  key: KeptKey | undefined
  digest: Buffer
  principal: Principal | undefined
  readAt: number
  /** The minute in which its use was noted last. */
  notedMinute: number
}

type Keys = Pick<KeyStore, 'get' | 'changes' | 'touch'>

export class KeyRing extends WithLifecycle {
  readonly #keys: Keys
  protected readonly life: Lifecycle
  readonly #memory = new KeyMemory()
  readonly #values: FollowedValues<ApiKeyId, Held>
  #used = new Set<ApiKeyId>()
  /** Its place in the log of changes. */
  #at: string | undefined
  /** What the clock of Redis is ahead of `performance.now()`. */
  #aheadMs = 0

  constructor(keys: Keys, logger: Log) {
    super()
    this.#keys = keys
    this.#values = new FollowedValues({
      memory: this.#memory,
      read: async (id) => {
        const readAt = performance.now()
        return toHeld(await inStoreTime(keys.get(id)), readAt)
      },
      changes: () => this.#changes(),
      // Who still holds something open by it hears at once, and not when it asks next.
      readsChanged: true,
    })
    this.life = createLoop({
      everyMs: FOLLOW_MS,
      round: async () => {
        await this.#values.follow()
        await this.#noteUse()
      },
      onFault: (error) => {
        if (!isUnavailable(error)) logger.error({ err: error }, 'changes of keys could not be read')
      },
    })
  }

  /**
   * Whom a key stands for; undefined when it is unknown or has ended, or `isOf` does not take its digest for the one that was
   * shown. At once if the key is remembered. Rejects with QueueUnavailableError.
   */
  find(id: ApiKeyId, isOf: (digest: Buffer) => boolean): Principal | undefined | Promise<Principal | undefined> {
    const held = this.#values.of(id)
    if (held instanceof Promise) return held.then((read) => this.#judge(id, read, isOf))
    return this.#judge(id, held, isOf)
  }

  /** Whether a key that let in before still does, as far as is known now. It is read again if it is not remembered. */
  stillLetsIn(id: ApiKeyId): boolean {
    const held = this.#memory.get(id)
    if (held) return this.#isValid(held)
    void this.#values.read(id).catch(() => undefined)
    return true
  }

  /** Compares in any case, so that the time does not tell a key that has ended from one that never was. */
  #judge(id: ApiKeyId, held: Held, isOf: (digest: Buffer) => boolean): Principal | undefined {
    if (!isOf(held.digest) || !this.#isValid(held)) return undefined
    const minute = Math.floor(this.#now() / MINUTE_MS)
    if (held.notedMinute !== minute) {
      held.notedMinute = minute
      this.#used.add(id)
    }
    return held.principal
  }

  #isValid({ key }: Held): boolean {
    return key !== undefined && key.revokedMs === null && (key.expiresMs === null || key.expiresMs > this.#now())
  }

  /** By the clock of Redis. */
  #now(): number {
    return performance.now() + this.#aheadMs
  }

  async #changes(): Promise<readonly ApiKeyId[] | undefined> {
    const { at, ids, nowMs } = await inStoreTime(this.#keys.changes(this.#at))
    this.#at = at
    this.#aheadMs = nowMs - performance.now()
    return ids
  }

  async #noteUse(): Promise<void> {
    if (this.#used.size === 0) return
    const used = this.#used
    this.#used = new Set()
    await inStoreTime(this.#keys.touch([...used]))
  }
}

/** Ids that are no key's have a bound of their own, so that whoever makes some up drives no key out. */
class KeyMemory {
  readonly #held = new BoundedMap<ApiKeyId, Held>(MOST_KEYS)
  readonly #unknown = new BoundedMap<ApiKeyId, Held>(MOST_UNKNOWN)

  get(id: ApiKeyId): Held | undefined {
    const held = this.#held.get(id) ?? this.#unknown.get(id)
    return held && performance.now() - held.readAt < KEPT_MS ? held : undefined
  }

  set(id: ApiKeyId, held: Held): void {
    this.delete(id)
    const kept = held.key ? this.#held : this.#unknown
    kept.set(id, held)
  }

  delete(id: ApiKeyId): void {
    this.#held.delete(id)
    this.#unknown.delete(id)
  }

  keys(): Iterable<ApiKeyId> {
    return [...this.#held.keys(), ...this.#unknown.keys()]
  }
}

const toHeld = (key: KeptKey | undefined, readAt: number): Held => ({
  key,
  readAt,
  digest: key ? Buffer.from(key.digest, 'hex') : NO_DIGEST,
  principal: key && {
    ...{ tenant: key.tenant, key: key.id, scopes: new Set(key.scopes), models: toModels(key.models) },
  },
  notedMinute: key?.lastUsedMs ? Math.floor(key.lastUsedMs / MINUTE_MS) : 0,
})
