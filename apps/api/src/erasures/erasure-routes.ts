/** POST /v1/erasures, GET /v1/erasures/{id}, DELETE /v1/tenants/{id}: erasing what a tenant has, after it was counted. A worker does it. */
import {
  DEFAULT_TENANT,
  erasureIdSchema,
  erasureRequestSchema,
  erasureSchema,
  ProblemError,
  type ReadErasureRequest,
  tenantIdSchema,
} from '@millrace/contracts'
import type { Erasures } from '@millrace/queue'
import { z } from 'zod'
import type { ApiContext, ApiDeps } from '../http/api-deps.ts'
import { noteAudit } from '../http/audit/auditor.ts'
import { smallBody, smallJsonOf } from '../http/body/small-json.ts'
import { linkBase } from '../http/links.ts'
import { parseRequest } from '../http/request-faults.ts'
import { json, type Route, type Router } from '../http/router.ts'

const [tag, scope] = ['Tenants', 'admin'] as const
const going = json('It goes on; read it again to see how far it is.', erasureSchema)

const beginRoute: Route = {
  method: 'post',
  path: '/v1/erasures',
  operation: 'beginErasure',
  audit: 'tenant.erase',
  ...{ tag, scope },
  summary: 'Erase what a tenant has, or its jobs with some metadata',
  description:
    'First with `dry_run`, which counts; then with the id of that as `counted`, which erases: jobs with inputs, outputs, logs and events, uploaded files, webhook deliveries and endpoints, keys, settings and usage. Keys end at once and new jobs are refused; jobs that run are told to stop. With `metadata` only jobs that have it, with their files, deliveries and events. A worker does it, page by page, and it survives the end of any process.',
  request: { body: smallBody(erasureRequestSchema) },
  responses: { 202: going },
  problems: ['erasure_uncounted', 'tenant_not_erasable'],
}

const readRoute: Route = {
  method: 'get',
  path: '/v1/erasures/{id}',
  operation: 'getErasure',
  ...{ tag, scope },
  summary: 'Read how far an erasure is',
  request: { params: z.object({ id: z.string().max(64) }) },
  responses: { 200: json('What it has erased or counted. It is known for 90 days.', erasureSchema) },
  problems: ['erasure_not_found'],
}

const removeQuery = z.strictObject({
  counted: erasureIdSchema.optional().describe('The dry run that has counted what the tenant has: POST /v1/erasures.'),
})

const removeRoute: Route = {
  method: 'delete',
  path: '/v1/tenants/{id}',
  operation: 'eraseTenant',
  audit: 'tenant.erase',
  ...{ tag, scope },
  summary: 'Erase all that a tenant has',
  description: 'The same as POST /v1/erasures for the whole tenant.',
  request: { params: z.object({ id: tenantIdSchema }), query: removeQuery },
  responses: { 202: going },
  problems: ['tenant_not_found', 'erasure_uncounted', 'tenant_not_erasable'],
}

type ErasureRouteDeps = { erasures: Erasures } & Pick<ApiDeps, 'config'>

export function erasureRoutes(router: Router, { erasures, config }: ErasureRouteDeps): void {
  const answer = async (c: ApiContext, id: string, status: 200 | 202): Promise<Response> => {
    const found = await erasures.get(id)
    if (!found) throw new ProblemError('erasure_not_found')
    return c.json(found, status, { location: `${linkBase(c, config.publicUrl)}/v1/erasures/${id}` })
  }

  const begin = async (c: ApiContext, wish: ReadErasureRequest): Promise<Response> => {
    const { tenant, metadata, dry_run } = wish
    // The values may be a person's.
    const told = { dry_run, metadata_names: metadata ? Object.keys(metadata).length : null }
    noteAudit(c, { tenant, subject: tenant, after: told })
    if (tenant === DEFAULT_TENANT && metadata === undefined && !dry_run) throw new ProblemError('tenant_not_erasable')
    const begun = await erasures.begin(wish)
    if (begun.outcome === 'uncounted') throw new ProblemError('erasure_uncounted')
    noteAudit(c, { after: { ...told, erasure: begun.id } })
    return answer(c, begun.id, 202)
  }

  router.add(beginRoute, async (c) => begin(c, parseRequest(erasureRequestSchema, await smallJsonOf(c))))
  router.add(readRoute, (c) => answer(c, c.req.param('id') ?? '', 200))
  router.add(removeRoute, (c) => {
    const tenant = tenantIdSchema.safeParse(c.req.param('id'))
    if (!tenant.success) throw new ProblemError('tenant_not_found')
    const { counted } = parseRequest(removeQuery, c.req.query())
    return begin(c, { tenant: tenant.data, dry_run: false, counted })
  })
}
