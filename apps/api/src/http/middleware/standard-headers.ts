/** The headers that every answer has: its request's id, and what protects a browser. What a route sets itself stands. */
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { ApiContext } from '../api-deps.ts'

const PROTECTION = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
}

/** For who writes the whole answer himself: `observe` then adds none. */
export function standardHeaders(c: ApiContext): Record<string, string> {
  c.set('hasStandardHeaders', true)
  return { 'x-request-id': c.get('requestId'), ...PROTECTION }
}

/** JSON text as an answer. Its headers stay one plain object: a Headers object would cost a tenth of a read. */
export function sendJson(
  c: ApiContext,
  text: string,
  status: ContentfulStatusCode = 200,
  headers: Record<string, string> = {},
): Response {
  return new Response(text, {
    status,
    headers: { ...standardHeaders(c), 'content-type': 'application/json', ...headers },
  })
}

/** Adds them to the answer, unless it was made with them. Called by `observe`, last of all. */
export function addStandardHeaders(c: ApiContext): void {
  if (c.get('hasStandardHeaders')) return
  const { headers } = c.res
  for (const [name, value] of Object.entries(standardHeaders(c))) if (!headers.has(name)) headers.set(name, value)
}
