/** What operators ask: /livez, /readyz, /metrics; and /problems/{code}, where the `type` of a problem leads. */
import { type ProblemCode, ProblemError, PROBLEMS } from '@millrace/contracts'
import { z } from 'zod'
import type { Health } from '@millrace/process'
import type { ApiDeps } from '../http/api-deps.ts'
import { json, type Route, type Router } from '../http/router.ts'

const status = z.object({ status: z.enum(['ok', 'unready']), reasons: z.array(z.string()) })

const liveRoute: Route = {
  method: 'get',
  path: '/livez',
  operation: 'getLiveness',
  summary: 'Whether the process answers at all',
  tag: 'Service',
  auth: 'open',
  responses: { 200: json('It does.', status) },
}

const readyRoute: Route = {
  method: 'get',
  path: '/readyz',
  operation: 'getReadiness',
  summary: 'Whether requests can be served',
  tag: 'Service',
  auth: 'open',
  responses: { 200: json('They can.', status), 503: json('They cannot, and why.', status) },
}

const metricsRoute: Route = {
  method: 'get',
  path: '/metrics',
  operation: 'getMetrics',
  summary: 'Measurements in the Prometheus text format',
  description: 'Needs the API key like everything else where one is set: Prometheus can send it.',
  tag: 'Service',
  scope: 'metrics',
  responses: { 200: { description: 'The measurements.', content: { 'text/plain': { schema: z.string() } } } },
}

const problemRoute: Route = {
  method: 'get',
  path: '/problems/{code}',
  operation: 'getProblem',
  summary: 'What a problem code means',
  tag: 'Service',
  auth: 'open',
  request: { params: z.object({ code: z.string() }) },
  responses: {
    200: json('The code.', z.object({ code: z.string(), status: z.number(), title: z.string(), fix: z.string() })),
  },
  problems: ['not_found'],
}

export function serviceRoutes(router: Router, deps: Pick<ApiDeps, 'ready' | 'metrics' | 'closing'>): void {
  router.add(liveRoute, (c) => c.json({ status: 'ok', reasons: [] }))

  router.add(readyRoute, async (c) => {
    const { ok, reasons } = deps.closing?.aborted ? { ok: false, reasons: ['the server is closing'] } : await ask(deps)
    return c.json({ status: ok ? 'ok' : 'unready', reasons }, ok ? 200 : 503)
  })

  router.add(metricsRoute, async (c) => {
    c.header('content-type', deps.metrics.contentType)
    return c.body(await deps.metrics.render())
  })

  router.add(problemRoute, (c) => {
    const code = c.req.param('code') ?? ''
    if (!Object.hasOwn(PROBLEMS, code)) throw new ProblemError('not_found')
    return c.json({ code, ...PROBLEMS[code as ProblemCode] })
  })
}

async function ask({ ready }: Pick<ApiDeps, 'ready'>): Promise<Health> {
  return ready().catch(() => ({ ok: false, reasons: ['Redis does not answer'] }))
}
