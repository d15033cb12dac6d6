/** GET /v1/usage: what was used, by day, model and key. */
import { usageSchema } from '@millrace/contracts'
import { accepts } from 'hono/accepts'
import { z } from 'zod'
import type { ApiDeps } from '../http/api-deps.ts'
import { json, principalOf, type Route, type Router } from '../http/router.ts'
import { readUsage } from './read-usage.ts'
import { CSV_TYPE, usageCsv } from './usage-csv.ts'
import { readUsageQuery, usageQuerySchema } from './usage-query.ts'

const JSON_TYPE = 'application/json'

const usageRoute: Route = {
  method: 'get',
  path: '/v1/usage',
  operation: 'getUsage',
  tag: 'Usage',
  // Whoever may read the jobs could count them.
  scope: 'jobs:read',
  summary: 'What was used, by day, model and key',
  description:
    'Jobs by how they ended, seconds and bytes. It is counted as things happen and kept for 90 days, whatever becomes of the jobs. With `Accept: text/csv` the rows come as CSV. A key that names its models is told of those alone.',
  request: { query: usageQuerySchema },
  responses: {
    200: {
      ...json('What was used.', usageSchema),
      content: { [JSON_TYPE]: { schema: usageSchema }, [CSV_TYPE]: { schema: z.string() } },
    },
  },
  problems: ['model_not_allowed'],
}

export function usageRoutes(router: Router, { usage }: Pick<ApiDeps, 'usage'>): void {
  router.add(usageRoute, async (c) => {
    const principal = principalOf(c)
    const query = readUsageQuery(c.req.query(), principal, await usage.today())
    const found = await readUsage(usage, principal, query)
    c.header('vary', 'Accept')
    const type = accepts(c, { header: 'Accept', supports: [JSON_TYPE, CSV_TYPE], default: JSON_TYPE })
    if (type !== CSV_TYPE) return c.json(found)
    return c.body(usageCsv(found), 200, { 'content-type': `${CSV_TYPE}; charset=utf-8; header=present` })
  })
}
