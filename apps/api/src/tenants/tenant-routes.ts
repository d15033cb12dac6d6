/** /v1/tenants: what is set for each tenant, for an administrator; and /v1/tenant: what holds for who asks, and what is left of it. */
import {
  DEFAULT_TENANT,
  isoTime,
  ownTenantSchema,
  ProblemError,
  type Tenant,
  TENANT_SETTING_NAMES,
  type TenantSetting,
  tenantChangesSchema,
  tenantIdSchema,
  tenantSchema,
} from '@millrace/contracts'
import type { KeptTenant } from '@millrace/queue'
import { z } from 'zod'
import type { ApiContext, ApiDeps } from '../http/api-deps.ts'
import { noteAudit } from '../http/audit/auditor.ts'
import { smallBody, smallJsonOf } from '../http/body/small-json.ts'
import { limitsOf } from '../http/limits/tenant-limits.ts'
import { pageQuery } from '../http/page-query.ts'
import { parseRequest } from '../http/request-faults.ts'
import { json, type Route, type Router, tenantOf } from '../http/router.ts'
import { ownLimits, type OwnLimitsDeps } from './own-limits.ts'

const tag = 'Tenants'
const scope = 'admin'
const params = z.object({ id: tenantIdSchema })
const listQuery = z.strictObject(pageQuery)

const ROUTES = {
  list: {
    method: 'get',
    path: '/v1/tenants',
    operation: 'listTenants',
    tag,
    scope,
    summary: 'List tenants, newest first',
    description: 'Those that keys name, or for which something was set.',
    request: { query: listQuery },
    responses: {
      200: json(
        'One page.',
        z
          .object({ object: z.literal('list'), data: z.array(tenantSchema), next_cursor: z.string().nullable() })
          .meta({ id: 'TenantList' }),
      ),
    },
  },
  read: {
    method: 'get',
    path: '/v1/tenants/{id}',
    operation: 'getTenant',
    tag,
    scope,
    summary: 'Read what is set for a tenant',
    request: { params },
    responses: { 200: json('The tenant.', tenantSchema) },
    problems: ['tenant_not_found'],
  },
  change: {
    method: 'patch',
    path: '/v1/tenants/{id}',
    operation: 'changeTenant',
    audit: 'tenant.change',
    tag,
    scope,
    summary: 'Change what is set for a tenant',
    description: 'What is not named stays. Within 2 seconds it is in force everywhere, for jobs that wait already too.',
    request: { params, body: smallBody(tenantChangesSchema) },
    responses: { 200: json('The tenant, as it is now.', tenantSchema) },
    problems: ['tenant_not_found', 'tenants_full'],
  },
  own: {
    method: 'get',
    path: '/v1/tenant',
    operation: 'getOwnTenant',
    tag,
    scope: 'any',
    summary: 'Read your limits, and what is left of each',
    responses: { 200: json('What holds for the tenant of the key.', ownTenantSchema) },
  },
} as const satisfies Record<string, Route>

export function tenantRoutes(router: Router, deps: OwnLimitsDeps & Pick<ApiDeps, 'config'>): void {
  const { tenants, config } = deps
  const view = (tenant: KeptTenant): Tenant => tenantView(tenant, config)

  router.add(ROUTES.list, async (c) => {
    const { tenants: listed, nextCursor } = await tenants.list(parseRequest(listQuery, c.req.query()))
    return c.json({ object: 'list', data: listed.map(view), next_cursor: nextCursor })
  })

  router.add(ROUTES.read, async (c) => {
    const id = tenantIdOf(c)
    const known = (await tenants.get(id)) ?? (id === DEFAULT_TENANT ? { id, settings: {}, changedMs: null } : undefined)
    if (!known) throw new ProblemError('tenant_not_found')
    return c.json(view(known))
  })

  router.add(ROUTES.change, async (c) => {
    const id = tenantIdOf(c)
    noteAudit(c, { tenant: id })
    const changed = await tenants.change(id, parseRequest(tenantChangesSchema, await smallJsonOf(c)))
    if (changed === 'full') throw new ProblemError('tenants_full')
    noteAudit(c, { before: { ...changed.before.settings }, after: { ...changed.after.settings } })
    return c.json(view(changed.after))
  })

  router.add(ROUTES.own, async (c) => c.json(await ownLimits(deps, tenantOf(c))))
}

/** Throws ProblemError `tenant_not_found` for what no tenant can be called. */
function tenantIdOf(c: ApiContext): string {
  const id = tenantIdSchema.safeParse(c.req.param('id'))
  if (id.success) return id.data
  throw new ProblemError('tenant_not_found', {
    detail: `No tenant can be called so: ${id.error.issues[0]?.message ?? ''}.`,
  })
}

function tenantView({ id, settings, changedMs }: KeptTenant, config: ApiDeps['config']): Tenant {
  const set = Object.fromEntries(TENANT_SETTING_NAMES.map((name) => [name, settings[name] ?? null]))
  return {
    object: 'tenant',
    id,
    settings: set as Record<TenantSetting, number | null>,
    in_force: limitsOf(id, settings, config),
    changed_at: changedMs === null ? null : isoTime(changedMs),
  }
}
