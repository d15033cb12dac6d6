/**
 * Lets pages of other sites that the operator has named read answers (CORS). It stands before the app, because some answers are written
 * past it (streams) or without it (a request that is refused before it is read), and because a preflight is to cost next to nothing: it asks
 * neither for a key nor Redis. No cookies are ever let through: such a page shows a key of its own. Used by startApiServer.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

/** Seconds for which a browser need not ask again. Chromium keeps it no longer. */
const MAX_AGE = '7200'
const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE, QUERY'
/** What browsers would send is named by them; clients of other platforms have many headers of their own. */
const HEADER_NAMES = /^[A-Za-z0-9-]{1,64}( *, *[A-Za-z0-9-]{1,64}){0,63}$/
/** Every header may be read, as no cookies are let through. The names stand there for browsers that do not know the star. */
const EXPOSED = '*, Location, Retry-After, X-Request-Id, RateLimit, RateLimit-Policy, ETag, Link, Content-Disposition'

/** Whether a page of this origin is one that the operator has named. Origins are compared as they are. */
export const isAllowedOrigin = (origin: string | undefined, allowed: readonly string[]): boolean =>
  origin !== undefined && (allowed.includes(origin) || allowed[0] === '*')

/** Answers true when the request was a preflight and is done with. Without origins it does nothing. */
export function allowOrigins(request: IncomingMessage, response: ServerResponse, allowed: readonly string[]): boolean {
  if (allowed.length === 0) return false
  const { origin } = request.headers
  // A cache must not give the answer for one site to another.
  if (allowed[0] !== '*') response.setHeader('vary', 'Origin')
  const isPreflight = request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined
  if (!isAllowedOrigin(origin, allowed)) return false
  response.setHeader('access-control-allow-origin', allowed[0] === '*' ? '*' : (origin ?? ''))
  if (!isPreflight) {
    response.setHeader('access-control-expose-headers', EXPOSED)
    return false
  }
  const asked = request.headers['access-control-request-headers']
  response.setHeader('access-control-allow-methods', METHODS)
  if (asked !== undefined && HEADER_NAMES.test(asked)) response.setHeader('access-control-allow-headers', asked)
  response.setHeader('access-control-max-age', MAX_AGE)
  response.writeHead(204).end()
  return true
}
