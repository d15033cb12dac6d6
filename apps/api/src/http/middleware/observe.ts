/** Goes around every request: gives it an id, adds the standard headers, logs one line and measures once. Used by createApp. */
import { randomUUID } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import type { ApiContext, ApiDeps, ApiEnv } from '../api-deps.ts'
import type { ApiMetrics } from '../api-metrics.ts'
import { addStandardHeaders } from './standard-headers.ts'

/** Routes that are asked all the time and say nothing about the service's use. */
const QUIET = new Set(['/livez', '/readyz', '/metrics'])

/** The log line has the pattern of the route, status, time, tenant and job id; never a body, a query or a header. */
export function observe(logger: ApiDeps['logger'], metrics: ApiMetrics): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const started = performance.now()
    const requestId = requestIdOf(c)
    c.set('requestId', requestId)
    await next()
    addStandardHeaders(c)
    const ms = performance.now() - started
    // All unknown routes share one label, so paths made up by clients take no memory.
    const route = c.get('route') ?? 'unmatched'
    const { status } = c.res
    metrics.request(c.req.method, route, status, ms / 1000)
    const fields = {
      request_id: requestId,
      method: c.req.method,
      route,
      status,
      ms: Math.round(ms * 10) / 10,
      tenant: c.get('principal')?.tenant ?? c.get('tenant'),
      job: c.get('jobId'),
    }
    const level = status >= 500 ? 'warn' : QUIET.has(route) ? 'debug' : 'info'
    logger[level](fields, 'request')
  }
}

/** The client's own id if it is harmless, so that the logs of both sides can be joined. */
function requestIdOf(c: ApiContext): string {
  const given = c.req.header('x-request-id')
  return given !== undefined && /^[A-Za-z0-9._-]{1,64}$/.test(given) ? given : randomUUID()
}
