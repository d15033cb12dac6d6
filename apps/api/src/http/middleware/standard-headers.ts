/** The headers of every answer: the id of its request, and protection for browsers. A header that a route set itself stays. */
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { ApiContext } from '../api-deps.ts'

const PROTECTION = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
}

/** For code that writes the whole answer itself: `observe` then adds no headers. */
export function standardHeaders(c: ApiContext): Record<string, string> {
  c.set('hasStandardHeaders', true)
  return { ...PROTECTION, 'x-request-id': c.get('requestId') }
}

/** Answers with JSON text. The headers stay a plain object: a Headers object would cost a tenth of a read. */
export function sendJson(
  c: ApiContext,
  text: string,
  status: ContentfulStatusCode = 200,
  headers: Record<string, string> = {},
): Response {
  const all = standardHeaders(c)
  all['content-type'] = 'application/json'
  return new Response(text, { status, headers: Object.assign(all, headers) })
}

/** Adds them to an answer that does not have them. Called by `observe`, last of all. */
export function addStandardHeaders(c: ApiContext): void {
  if (c.get('hasStandardHeaders')) return
  const { headers } = c.res
  for (const [name, value] of Object.entries(standardHeaders(c))) if (!headers.has(name)) headers.set(name, value)
}
