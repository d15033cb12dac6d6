/** GET /v1/models/{model}/stats: what happened to the jobs of a model, minute by minute, for a day. */
import { isoTime, modelNameSchema, modelStatsSchema, ProblemError, STATS_MINUTES } from '@millrace/contracts'
import { z } from 'zod'
import type { ApiDeps } from '../http/api-deps.ts'
import { parseRequest } from '../http/request-faults.ts'
import { json, type Route, type Router } from '../http/router.ts'
import { nameOfKnown } from '../models/find-model.ts'
import { statsRows, statsTotal } from './stats-rows.ts'

const MINUTE_MS = 60_000
const DEFAULT_MINUTES = 60

const statsQuery = z.strictObject({
  since: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('From the minute of this time on; at most a day back. Default: an hour ago.'),
  every: z
    .preprocess(
      (text) => (/^\d{1,4}$/.test(String(text)) ? Number(text) : text),
      z.number().int().min(1).max(STATS_MINUTES),
    )
    .default(1)
    .describe('Minutes in one row.'),
})

const route: Route = {
  method: 'get',
  path: '/v1/models/{model}/stats',
  operation: 'getModelStats',
  summary: 'What happened to the jobs of a model, minute by minute',
  description:
    'Jobs submitted and ended, how long attempts waited and how long their model ran, for the last day. It is counted as things happen, over all tenants, so a key needs the scope admin; what a tenant has used itself is in GET /v1/usage.',
  tag: 'Models',
  // It counts the jobs of all tenants together.
  scope: 'admin',
  request: { params: z.object({ model: modelNameSchema }), query: statsQuery },
  responses: { 200: json('Its minutes.', modelStatsSchema) },
  problems: ['model_not_found', 'model_loading', 'model_failed', 'model_not_allowed'],
}

export function statsRoutes(router: Router, { models, minutes }: Pick<ApiDeps, 'models' | 'minutes'>): void {
  router.add(route, async (c) => {
    const { since, every } = parseRequest(statsQuery, c.req.query())
    const model = await nameOfKnown(models, c)
    const now = await minutes.now(model)
    const from = since === undefined ? now - DEFAULT_MINUTES + 1 : Math.floor(Date.parse(since) / MINUTE_MS)
    // A clock that is somewhat behind is no fault.
    const oldest = now - STATS_MINUTES
    if (from < oldest - 2) throw tooOld(oldest)
    const found = from > now ? [] : await minutes.read(model, Math.max(from, oldest), now)
    return c.json({
      ...{ object: 'model_stats', model, every, since: isoTime(from * MINUTE_MS), to: isoTime((now + 1) * MINUTE_MS) },
      ...{ data: statsRows(found, from, every), total: statsTotal(found) },
    })
  })
}

function tooOld(oldest: number): ProblemError {
  const message = `expected ${isoTime(oldest * MINUTE_MS)} or later: minutes are known for a day`
  return new ProblemError('invalid_request', { errors: [{ path: '/since', code: 'too_old', message }] })
}
