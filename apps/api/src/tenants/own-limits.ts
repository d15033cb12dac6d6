/** What holds for a tenant, and what it has left of it, as it is counted now. Called by GET /v1/tenant. */
import { isoTime, type OwnTenant, TENANT_SETTING_NAMES, type TenantLimit } from '@millrace/contracts'
import type { ApiDeps } from '../http/api-deps.ts'
import type { FindLimits } from '../http/limits/find-limits.ts'
import type { SubmitRates } from '../http/limits/submit-rates.ts'

export type OwnLimitsDeps = Pick<ApiDeps, 'tenants' | 'usage'> & {
  limits: FindLimits
  rates: Pick<SubmitRates, 'look'>
}

/** Rejects with QueueUnavailableError. */
export async function ownLimits({ tenants, usage, limits, rates }: OwnLimitsDeps, tenant: string): Promise<OwnTenant> {
  const held = await limits(tenant)
  const perMinute = held.submits_per_minute
  const [jobs, device, stored, submits] = await Promise.all([
    tenants.jobsOf(tenant),
    usage.deviceToday(tenant),
    usage.storedBytes(tenant),
    perMinute === null ? undefined : rates.look(tenant, perMinute),
  ])
  const running = jobs.reduce((sum, one) => sum + one.running, 0)
  const queued = jobs.reduce((sum, one) => sum + one.queued, 0)
  const { quota = 0, remaining = 0, resetSeconds = 0 } = submits ?? {}
  const resetsAt = remaining < quota ? isoTime(Date.now() + resetSeconds * 1000) : null
  const plain = TENANT_SETTING_NAMES.map((name) => [name, counted(held[name], null)])
  return {
    object: 'own_tenant',
    id: tenant,
    limits: {
      ...(Object.fromEntries(plain) as OwnTenant['limits']),
      open_jobs: counted(held.open_jobs, queued + running),
      running_jobs: counted(held.running_jobs, running),
      device_seconds_per_day: {
        ...counted(held.device_seconds_per_day, device.usedMs / 1000),
        resets_at: device.usedMs > 0 ? isoTime(device.endsMs) : null,
      },
      stored_bytes: counted(held.stored_bytes, stored),
      submits_per_minute: { ...counted(perMinute, submits ? quota - remaining : null), resets_at: resetsAt },
    },
  }
}

const counted = (limit: number | null, used: number | null): TenantLimit => ({
  limit,
  used,
  remaining: limit === null || used === null ? null : Math.max(0, limit - used),
  resets_at: null,
})
