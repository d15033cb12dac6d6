/** GET /v1/audit: who did what, for operators. It is written by http/audit/. */
import { auditActionSchema, auditEntrySchema, apiKeyIdSchema, tenantIdSchema } from '@millrace/contracts'
import { z } from 'zod'
import type { ApiDeps } from '../http/api-deps.ts'
import { pageQuery } from '../http/page-query.ts'
import { parseRequest } from '../http/request-faults.ts'
import { json, type Route, type Router } from '../http/router.ts'

const query = z.strictObject({
  tenant: tenantIdSchema.optional().describe('Only what this tenant did, or what was done with its things.'),
  action: auditActionSchema.optional(),
  key: apiKeyIdSchema.optional().describe('Only what was done with the key of this id.'),
  since: z.iso.datetime({ offset: true }).optional().describe('Only what was written then or later.'),
  order: z
    .enum(['asc', 'desc'])
    .default('desc')
    .describe('`asc`: oldest first, and there is always a `next_cursor`: ask again with it for what has come since.'),
  ...pageQuery,
})

const listRoute: Route = {
  method: 'get',
  path: '/v1/audit',
  operation: 'listAudit',
  tag: 'Service',
  scope: 'admin',
  summary: 'Read who did what',
  description:
    'Changes by operators, changes of keys and webhook endpoints, what was sent again, and what was done to many jobs at once. A page may be short, or empty: it is the last without `next_cursor`.',
  request: { query },
  responses: {
    200: json(
      'One page.',
      z
        .object({ object: z.literal('list'), data: z.array(auditEntrySchema), next_cursor: z.string().nullable() })
        .meta({ id: 'AuditList' }),
    ),
  },
}

export function auditRoutes(router: Router, { audit }: Pick<ApiDeps, 'audit'>): void {
  router.add(listRoute, async (c) => {
    const { since, ...asked } = parseRequest(query, c.req.query())
    const sinceMs = since === undefined ? undefined : Date.parse(since)
    const { entries, nextCursor } = await audit.list({ ...asked, sinceMs })
    return c.json({ object: 'list', data: entries, next_cursor: nextCursor })
  })
}
