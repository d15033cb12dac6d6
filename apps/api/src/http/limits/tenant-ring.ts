/**
 * What holds for the tenants that asked this process for something of late, so that a request costs no question to Redis. Twice a
 * second it asks who was changed, so a change is in force 2 s later in all processes. Started by startApi; asked wherever a limit
 * of a tenant is kept to.
 */
import { createLoop, type Lifecycle, WithLifecycle } from '@millrace/async'
import type { Log } from '@millrace/contracts'
import { isUnavailable, type TenantStore } from '@millrace/queue'
import { BoundedMap } from './bounded-map.ts'
import { inStoreTime } from '../store-time.ts'
import { type LimitDefaults, limitsOf, type TenantLimits } from './tenant-limits.ts'

/** How often it asks who was changed. Milliseconds. */
const FOLLOW_MS = 500
/** What it remembers is trusted so long after it has asked. Milliseconds. */
const TRUST_MS = 1500
/** Tenants that are remembered. */
const MOST_TENANTS = 20_000

type Tenants = Pick<TenantStore, 'get' | 'changes' | 'setDefaults'>

export class TenantRing extends WithLifecycle {
  readonly #tenants: Tenants
  readonly #config: LimitDefaults
  protected readonly life: Lifecycle
  readonly #held = new BoundedMap<string, TenantLimits>(MOST_TENANTS)
  readonly #reading = new Map<string, Promise<TenantLimits>>()
  /** Its place in the row of changes. */
  #at: number | undefined
  /** When the last question about changes began. */
  #followedAt = -Infinity
  #following: Promise<void> | undefined

  constructor(tenants: Tenants, config: LimitDefaults, logger: Log) {
    super()
    this.#tenants = tenants
    this.#config = config
    this.life = createLoop({
      everyMs: FOLLOW_MS,
      round: () => this.#follow(),
      onFault: (error) => {
        if (!isUnavailable(error)) logger.error({ err: error }, 'changes of tenants could not be read')
      },
    })
  }

  /** What holds for a tenant. At once if it is remembered. Rejects with QueueUnavailableError. */
  of(tenant: string): TenantLimits | Promise<TenantLimits> {
    const held = this.#held.get(tenant)
    return held && performance.now() - this.#followedAt < TRUST_MS ? held : this.#find(tenant)
  }

  async #find(tenant: string): Promise<TenantLimits> {
    if (performance.now() - this.#followedAt >= TRUST_MS) await this.#follow()
    return this.#held.get(tenant) ?? this.#read(tenant)
  }

  /** One question at a time for each tenant. */
  #read(tenant: string): Promise<TenantLimits> {
    const asked = this.#reading.get(tenant)
    if (asked) return asked
    const reading = inStoreTime(this.#tenants.get(tenant))
      .then((kept) => {
        const limits = limitsOf(tenant, kept?.settings ?? {}, this.#config)
        // What changed meanwhile is read again by who asks next.
        if (this.#reading.get(tenant) === reading) this.#held.set(tenant, limits)
        return limits
      })
      .finally(() => {
        if (this.#reading.get(tenant) === reading) this.#reading.delete(tenant)
      })
    this.#reading.set(tenant, reading)
    return reading
  }

  #follow(): Promise<void> {
    this.#following ??= this.#readChanges().finally(() => (this.#following = undefined))
    return this.#following
  }

  /** Only who takes submits tells them: a worker may have been started with others, or with none. */
  #tellDefaults(): Promise<void> {
    const { tenantWeights: weights, tenantRunning: running } = this.#config
    return inStoreTime(this.#tenants.setDefaults({ weights, running }))
  }

  async #readChanges(): Promise<void> {
    const began = performance.now()
    const { at, tenants } = await inStoreTime(this.#tenants.changes(this.#at))
    // At the start, and when Redis has lost its data.
    if (this.#at === undefined || at < this.#at) await this.#tellDefaults()
    this.#at = at
    for (const tenant of tenants ?? [...this.#held.keys(), ...this.#reading.keys()]) {
      this.#held.delete(tenant)
      this.#reading.delete(tenant)
    }
    this.#followedAt = began
  }
}
