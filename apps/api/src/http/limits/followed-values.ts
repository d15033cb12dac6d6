/**
 * What was read of the store of late, so that a request costs no question to Redis. It is asked twice a second which of it was
 * changed, and what is remembered is trusted only as long as that was asked of late: so a change is in force 2 s later in all
 * processes. Used by KeyRing and TenantRing.
 */

/** How often changes are asked for. Milliseconds. */
export const FOLLOW_MS = 500
/** What is remembered is trusted so long after that was asked. Milliseconds. */
const TRUST_MS = 1500

export interface Followed<Id, Value> {
  memory: {
    get(id: Id): Value | undefined
    set(id: Id, value: Value): unknown
    delete(id: Id): unknown
    keys(): Iterable<Id>
  }
  /** Rejects with QueueUnavailableError. */
  read(id: Id): Promise<Value>
  /** Which were changed since the last time; undefined: any of them may have been. Rejects with QueueUnavailableError. */
  changes(): Promise<readonly Id[] | undefined>
  /** What is remembered and was changed is read at once, and not when somebody asks. */
  readsChanged?: boolean
}

export class FollowedValues<Id, Value> {
  readonly #followed: Followed<Id, Value>
  readonly #reading = new Map<Id, Promise<Value>>()
  /** When the last question about changes began. */
  #followedAt = -Infinity
  #following: Promise<void> | undefined

  constructor(followed: Followed<Id, Value>) {
    this.#followed = followed
  }

  /** At once if it is remembered. Rejects with QueueUnavailableError. */
  of(id: Id): Value | Promise<Value> {
    const held = this.#followed.memory.get(id)
    return held !== undefined && this.#isTrusted() ? held : this.#find(id)
  }

  /** One question at a time for each. */
  read(id: Id): Promise<Value> {
    const asked = this.#reading.get(id)
    if (asked) return asked
    const isStill = (): boolean => this.#reading.get(id) === reading
    const reading: Promise<Value> = this.#followed
      .read(id)
      .then((value) => {
        // What changed meanwhile is read again by who asks next.
        if (isStill()) this.#followed.memory.set(id, value)
        return value
      })
      .finally(() => {
        if (isStill()) this.#reading.delete(id)
      })
    this.#reading.set(id, reading)
    return reading
  }

  /** Asks for changes; one question at a time. */
  follow(): Promise<void> {
    this.#following ??= this.#readChanges().finally(() => (this.#following = undefined))
    return this.#following
  }

  async #find(id: Id): Promise<Value> {
    if (!this.#isTrusted()) await this.follow()
    return this.#followed.memory.get(id) ?? this.read(id)
  }

  #isTrusted(): boolean {
    return performance.now() - this.#followedAt < TRUST_MS
  }

  async #readChanges(): Promise<void> {
    const began = performance.now()
    const { memory, readsChanged = false } = this.#followed
    const changed = await this.#followed.changes()
    for (const id of changed ?? [...memory.keys(), ...this.#reading.keys()]) {
      const isHeld = memory.get(id) !== undefined
      memory.delete(id)
      this.#reading.delete(id)
      if (readsChanged && changed !== undefined && isHeld) void this.read(id).catch(() => undefined)
    }
    this.#followedAt = began
  }
}
