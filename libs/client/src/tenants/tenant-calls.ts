/** The calls about limits of tenants: one's own, and for administrators those of all. Part of the client as `client.tenants`. */
import type { OwnTenant, Tenant, TenantChanges } from '@millrace/contracts'
import type { CallOptions } from '../call-options.ts'
import { pagesOf } from '../http/pages-of.ts'
import { jsonBody } from '../http/request-body.ts'
import type { Send, Sender } from '../http/sender.ts'

export interface TenantsOptions extends CallOptions {
  /** Most tenants to return. Default: all. */
  limit?: number
}

export interface TenantCalls {
  /** Tenants, newest first. Pages are read while the loop goes on. */
  list(options?: TenantsOptions): AsyncIterable<Tenant>
  get(id: string, options?: CallOptions): Promise<Tenant>
  /** What is not named stays; null: as the installation has it. Within 2 seconds it is in force everywhere. */
  change(id: string, changes: TenantChanges, options?: CallOptions): Promise<Tenant>
  /** What holds for the tenant of the key, and what is left of it. Every key may ask. */
  own(options?: CallOptions): Promise<OwnTenant>
}

const TENANTS = '/v1/tenants'
const WITHIN = 30_000

export function tenantCalls(sender: Sender): TenantCalls {
  const call = (path: string, { signal, retries }: CallOptions = {}, more: Partial<Send> = {}): Send => ({
    ...{ path, signal, retries, withinMs: WITHIN },
    ...more,
  })
  const one = (id: string) => `${TENANTS}/${encodeURIComponent(id)}`

  return {
    list: ({ limit, ...options } = {}) => pagesOf<Tenant>(sender, { path: TENANTS, query: {}, limit }, options),
    get: (id, options) => sender.json(call(one(id), options)),
    change: (id, changes, options) =>
      sender.json(call(one(id), options, { method: 'PATCH', body: jsonBody({ ...changes }) })),
    own: (options) => sender.json(call('/v1/tenant', options)),
  }
}
