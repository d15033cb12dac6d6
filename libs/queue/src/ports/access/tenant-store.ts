/** What operators have set for tenants, for whoever changes it and whoever holds to it. The driver for Redis is in tenants/. */
import type { TenantChanges, TenantSettings } from '@millrace/contracts'

export interface KeptTenant {
  id: string
  settings: TenantSettings
  /** By the clock of Redis. Unix time in milliseconds; null: never. */
  changedMs: number | null
}

export interface TenantQuery {
  limit: number
  cursor?: string | undefined
}

/** Whose settings were changed since a place in the row of changes. */
export interface SettingsChanges {
  /** The place now. */
  at: number
  /** Undefined: more than are listed, or the row has begun anew, so those of any tenant may have changed. */
  tenants: string[] | undefined
}

/** Every call rejects with QueueUnavailableError when Redis is away. */
export interface TenantStore {
  /** Undefined: no key names it, and nothing was set for it. */
  get(id: string): Promise<KeptTenant | undefined>
  /** Those that keys name or for which something was set; newest first. Throws InvalidCursorError. */
  list(query: TenantQuery): Promise<{ tenants: KeptTenant[]; nextCursor: string | null }>
  /**
   * Changes some settings, in one step. What was before is for the audit. A tenant that nobody named yet is one from now on. When
   * this resolves, it is in force in the models; where one could not be told, upkeep tells it.
   * `full`: there are so many that no more are taken.
   */
  change(id: string, changes: TenantChanges): Promise<{ before: KeptTenant; after: KeptTenant } | 'full'>
  /** Changes after that place. Undefined: only the place now. */
  changes(after: number | undefined): Promise<SettingsChanges>
  /**
   * Some of the submits that a tenant has left, of so many in any minute: those that are `granted` are counted from now on. `waitMs`: when
   * some that were counted are free again. To the second.
   */
  drawSubmits(
    tenant: string,
    draw: { quota: number; want: number },
  ): Promise<{ granted: number; remaining: number; waitMs: number }>
  /** How many jobs of a tenant wait and run now, in each model. */
  jobsOf(tenant: string): Promise<{ model: string; queued: number; running: number }[]>
  /** What the installation has for some tenants, from now on. */
  setDefaults(defaults: TenantDefaults): Promise<void>
}

/** By name of the tenant. One that is not named has weight 1, and no limit. */
export interface TenantDefaults {
  weights: Readonly<Record<string, number>>
  /** How many of its jobs may run at once, over all models. */
  running: Readonly<Record<string, number>>
}

/** For whoever does upkeep. */
export interface TenantUpkeep {
  /**
   * Tells models what they missed, and gives of each tenant's cap to those models where it is wanted. One process at a time does
   * this, about every second; for others it does nothing. Rejects with QueueUnavailableError.
   */
  tend(): Promise<void>
}
