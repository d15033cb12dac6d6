/**
 * What holds for the tenants that asked this process for something of late; a change is in force 2 s later in all processes. Started
 * by startApi; asked wherever a limit of a tenant is kept to.
 */
import { createLoop, type Lifecycle, WithLifecycle } from '@millrace/async'
import type { Log } from '@millrace/contracts'
import { isUnavailable, type TenantStore } from '@millrace/queue'
import { BoundedMap } from './bounded-map.ts'
import { FOLLOW_MS, FollowedValues } from './followed-values.ts'
import { inStoreTime } from '../store-time.ts'
import { type LimitDefaults, limitsOf, type TenantLimits } from './tenant-limits.ts'

/** Tenants that are remembered. */
const MOST_TENANTS = 20_000

type Tenants = Pick<TenantStore, 'get' | 'changes' | 'setDefaults'>

export class TenantRing extends WithLifecycle {
  readonly #tenants: Tenants
  readonly #config: LimitDefaults
  protected readonly life: Lifecycle
  readonly #values: FollowedValues<string, TenantLimits>
  /** Its place in the row of changes. */
  #at: number | undefined

  constructor(tenants: Tenants, config: LimitDefaults, logger: Log) {
    super()
    this.#tenants = tenants
    this.#config = config
    this.#values = new FollowedValues({
      memory: new BoundedMap<string, TenantLimits>(MOST_TENANTS),
      read: async (tenant) => limitsOf(tenant, (await inStoreTime(tenants.get(tenant)))?.settings ?? {}, config),
      changes: () => this.#changes(),
    })
    this.life = createLoop({
      everyMs: FOLLOW_MS,
      round: () => this.#values.follow(),
      onFault: (error) => {
        if (!isUnavailable(error)) logger.error({ err: error }, 'changes of tenants could not be read')
      },
    })
  }

  /** What holds for a tenant. At once if it is remembered. Rejects with QueueUnavailableError. */
  of(tenant: string): TenantLimits | Promise<TenantLimits> {
    return this.#values.of(tenant)
  }

  /** Only who takes submits tells them: a worker may have been started with others, or with none. */
  #tellDefaults(): Promise<void> {
    const { tenantWeights: weights, tenantRunning: running } = this.#config
    return inStoreTime(this.#tenants.setDefaults({ weights, running }))
  }

  async #changes(): Promise<readonly string[] | undefined> {
    const { at, tenants } = await inStoreTime(this.#tenants.changes(this.#at))
    // At the start, and when Redis has lost its data.
    if (this.#at === undefined || at < this.#at) await this.#tellDefaults()
    this.#at = at
    return tenants
  }
}
