/** The headers of every answer: the id of its request, and protection for browsers. A header that a route set itself stays. */
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { ApiContext } from '../api-deps.ts'

const PROTECTION = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
}

/** For code that writes the whole answer itself, with its own headers: `observe` then adds none. */
export function standardHeaders(c: ApiContext, own: Record<string, string> = {}): Record<string, string> {
  c.set('hasStandardHeaders', true)
  return Object.assign({ 'x-request-id': c.get('requestId') }, PROTECTION, own)
}

/** Answers with JSON text. The headers stay a plain object: a Headers object would cost a tenth of a read. */
export function sendJson(
  c: ApiContext,
  text: string,
  status: ContentfulStatusCode = 200,
  headers: Record<string, string> = {},
): Response {
  const own = { 'content-type': 'application/json', ...headers }
  return new Response(text, { status, headers: standardHeaders(c, own) })
}

/** Adds them to an answer that does not have them. Called by `observe`, last of all. */
export function addStandardHeaders(c: ApiContext): void {
  if (c.get('hasStandardHeaders')) return
  const { headers } = c.res
  for (const [name, value] of Object.entries(standardHeaders(c))) if (!headers.has(name)) headers.set(name, value)
}
