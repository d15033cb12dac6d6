/** What holds for a tenant: what was set for it, and else what the installation has for all. Made by TenantRing. */
import type { TenantSetting, TenantSettings } from '@millrace/contracts'
import type { Config } from '@millrace/process'

/** By setting; null: no limit. */
export type TenantLimits = { readonly [Name in TenantSetting]: number | null } & {
  readonly [Name in 'weight' | 'open_jobs' | 'streams' | 'input_bytes']: number
}

/** What the installation has for all. */
export type LimitDefaults = Pick<
  Config,
  'maxTenantJobs' | 'tenantWeights' | 'tenantRunning' | 'maxTenantStreams' | 'maxUploadBytes' | 'retentionSeconds'
>

export function limitsOf(tenant: string, settings: TenantSettings, config: LimitDefaults): TenantLimits {
  return {
    weight: settings.weight ?? numberOf(config.tenantWeights, tenant) ?? 1,
    open_jobs: settings.open_jobs ?? config.maxTenantJobs,
    running_jobs: settings.running_jobs ?? numberOf(config.tenantRunning, tenant) ?? null,
    submits_per_minute: settings.submits_per_minute ?? null,
    device_seconds_per_day: settings.device_seconds_per_day ?? null,
    stored_bytes: settings.stored_bytes ?? null,
    streams: settings.streams ?? config.maxTenantStreams,
    input_bytes: Math.min(settings.input_bytes ?? Infinity, config.maxUploadBytes),
    retention_seconds: settings.retention_seconds ?? null,
  }
}

/** A tenant may be called as every object has a property. */
const numberOf = (numbers: Readonly<Record<string, number>>, tenant: string): number | undefined =>
  Object.hasOwn(numbers, tenant) ? numbers[tenant] : undefined
