/** Asks what holds for a tenant. Made by createApp, for every route that keeps to a limit of a tenant. */
import type { ApiDeps } from '../api-deps.ts'
import { limitsOf, type TenantLimits } from './tenant-limits.ts'

/** At once, unless the tenant was not seen of late. Rejects with QueueUnavailableError. */
export type FindLimits = (tenant: string) => TenantLimits | Promise<TenantLimits>

/** Without a ring nothing can be set for tenants, and for all holds what the installation has. */
export const createFindLimits = ({ tenantRing, config }: Pick<ApiDeps, 'tenantRing' | 'config'>): FindLimits =>
  tenantRing ? (tenant) => tenantRing.of(tenant) : (tenant) => limitsOf(tenant, {}, config)
