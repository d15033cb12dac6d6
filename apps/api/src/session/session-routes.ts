/**
 * /v1/session: a page of this server logs in with a key, once, and a cookie that scripts cannot read stands for it from then on. A
 * server without a key asks for none and gives no cookie.
 */
import { sessionRequestSchema } from '@millrace/contracts'
import type { Access } from '../http/access/authenticate.ts'
import { requireOwnOrigin } from '../http/access/own-origin.ts'
import type { SessionCookies } from '../http/access/session-cookies.ts'
import type { ApiConfig, ApiContext } from '../http/api-deps.ts'
import { smallBody, smallJsonOf } from '../http/body/small-json.ts'
import { parseRequest } from '../http/request-faults.ts'
import type { Route, Router } from '../http/router.ts'
import { LoginTries } from './login-tries.ts'

const tag = 'Keys'
const path = '/v1/session'

const beginRoute = {
  method: 'post',
  path,
  operation: 'beginSession',
  audit: 'none',
  tag,
  auth: 'open',
  summary: 'Log in, from a page of this server',
  description:
    'The answer sets a cookie that lets in for 12 hours, as the key does, and ends with the key. Scripts cannot read it. With it ' +
    'only a page of this server may change anything. Whoever sends `Authorization` is known by that alone.',
  request: { body: smallBody(sessionRequestSchema) },
  responses: { 204: { description: 'You are logged in. Where no key is needed, nothing is set.' } },
  problems: ['unauthorized', 'foreign_origin', 'too_many_logins'],
} as const satisfies Route

const endRoute = {
  method: 'delete',
  path,
  operation: 'endSession',
  audit: 'none',
  tag,
  auth: 'open',
  summary: 'Log out',
  description: 'The browser forgets the cookie. To end it wherever it was copied to, revoke its key.',
  responses: { 204: { description: 'You are logged out, or were.' } },
  problems: ['unauthorized', 'foreign_origin'],
} as const satisfies Route

interface SessionDeps {
  access: Pick<Access, 'identify' | 'greet'>
  cookies: SessionCookies
  addressOf: (c: ApiContext) => string | null
  config: Pick<ApiConfig, 'apiKey' | 'publicUrl'>
}

export function sessionRoutes(router: Router, { access, cookies, addressOf, config }: SessionDeps): void {
  const tries = new LoginTries()
  const needsKey = config.apiKey !== undefined
  const meet = (c: ApiContext): void => {
    access.greet(c)
    if (needsKey) requireOwnOrigin(c, config)
  }

  router.add(beginRoute, async (c) => {
    meet(c)
    const { key } = parseRequest(sessionRequestSchema, await smallJsonOf(c))
    if (!needsKey) return c.body(null, 204)
    const { principal, digest } = await tries.bound(addressOf(c) ?? '', () => access.identify(key))
    c.set('principal', principal)
    c.header('set-cookie', await cookies.begin(c, principal.key, digest))
    return c.body(null, 204)
  })

  router.add(endRoute, (c) => {
    meet(c)
    if (needsKey) c.header('set-cookie', cookies.end(c))
    return c.body(null, 204)
  })
}
