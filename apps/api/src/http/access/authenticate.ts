/**
 * Finds out who asks, and whether that one may. If MILLRACE_API_KEY is set, requests need it, or a key that was made with it, or the
 * cookie of a session that began with one. Without one, the server serves its own machine. A page in a browser there must not be
 * able to use it, so requests are refused that name another host (DNS rebinding) or come from another site (cross-site forms
 * need no permission to post). Called by the router and by the routes of /v1/session.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { API_KEY, ProblemError, type Scope } from '@millrace/contracts'
import type { ApiConfig, ApiContext } from '../api-deps.ts'
import { hostOf, isLoopbackHost } from '../links.ts'
import type { KeyRing } from './key-ring.ts'
import { requireOwnOrigin } from './own-origin.ts'
import { mayDo, OWNER, type Principal } from './principal.ts'
import type { SessionCookies } from './session-cookies.ts'

/** `any`: every key will do. */
export type NeededScope = Scope | 'any'

/**
 * Who asks. At once, unless a key was not seen of late. Throws or rejects with ProblemError: `unauthorized`, the same for a
 * key or session that is unknown, has ended or is malformed; `scope_missing`; `foreign_origin`.
 */
export type Authenticate = (c: ApiContext, scope: NeededScope) => Principal | Promise<Principal>

export interface Access {
  authenticate: Authenticate
  /** Whose key this text is, and its digest. Rejects with ProblemError `unauthorized`. */
  identify(key: string): Promise<{ principal: Principal; digest: Buffer }>
  /** Refuses what a server without a key refuses; nothing else. */
  greet(c: ApiContext): void
  /** Of that only the names of other hosts: any site may link to the page, but none may pass itself off as it. */
  meetHost(c: ApiContext): void
  /** Whether one who was let in may stay: false once the key has ended. */
  isCurrent(principal: Pick<Principal, 'key'>): boolean
}

type Ring = Pick<KeyRing, 'find' | 'stillLetsIn'>

interface AccessParts {
  config: Pick<ApiConfig, 'apiKey' | 'insecure' | 'publicUrl' | 'corsOrigins'>
  /** Without it only the key of the settings lets in. */
  ring: Ring | undefined
  cookies: SessionCookies
}

/** Makes the check for these settings. Keys are compared by digest, so the time shows neither length nor prefix. */
export function createAccess({ config, ring, cookies }: AccessParts): Access {
  const isCurrent: Access['isCurrent'] = ({ key }) => key === null || ring === undefined || ring.stillLetsIn(key)
  if (config.apiKey === undefined) {
    const greet = (c: ApiContext) => void keyless(c, config)
    const identify = async () => ({ principal: OWNER, digest: digest('') })
    const meetHost = (c: ApiContext) => requireOwnHost(c, config)
    return { authenticate: (c) => keyless(c, config), identify, greet, meetHost, isCurrent }
  }
  const owners = digest(config.apiKey)
  const byKey = createKeyCheck(owners, ring)
  const bySession = createSessionCheck({ config, ring, cookies, owners })
  return {
    isCurrent,
    greet: () => undefined,
    meetHost: () => undefined,
    async identify(key) {
      const shown = digest(key)
      return { principal: orRefuse(await byKey(key, shown)), digest: shown }
    },
    authenticate(c, scope) {
      const header = c.req.header('authorization') ?? keyHeader(c)
      // Who sends a key means the key, whatever cookie the browser adds.
      if (header === undefined && cookies.isShown(c))
        return bySession(c).then((principal) => admit(c, principal, scope))
      const given = /^(?:bearer|key) +([\x21-\x7e]{1,512})$/i.exec(header ?? '')?.[1] ?? ''
      const found = byKey(given, digest(given))
      return found instanceof Promise ? found.then((principal) => admit(c, principal, scope)) : admit(c, found, scope)
    },
  }
}

/** Some clients of other platforms have a header of their own for it, and some (see above) a scheme. */
function keyHeader(c: ApiContext): string | undefined {
  const key = c.req.header('api-key')
  return key === undefined ? undefined : `Key ${key}`
}

type Found = Principal | undefined

function createKeyCheck(owners: Buffer, ring: Ring | undefined) {
  return (given: string, shown: Buffer): Found | Promise<Found> => {
    if (timingSafeEqual(shown, owners)) return OWNER
    const id = API_KEY.exec(given)?.[1]
    return id === undefined ? undefined : ring?.find(id, (kept) => timingSafeEqual(kept, shown))
  }
}

function createSessionCheck({ config, ring, cookies, owners }: AccessParts & { owners: Buffer }) {
  return async (c: ApiContext): Promise<Found> => {
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD') requireOwnOrigin(c, config)
    const ticket = await cookies.read(c)
    if (!ticket) return undefined
    if (ticket.key === null) return ticket.isOf(owners) ? OWNER : undefined
    return ring?.find(ticket.key, ticket.isOf)
  }
}

function admit(c: ApiContext, found: Found, scope: NeededScope): Principal {
  const principal = orRefuse(found)
  // For the log and the audit; no handler runs if this refuses.
  c.set('principal', principal)
  if (scope !== 'any' && !mayDo(principal, scope))
    throw new ProblemError('scope_missing', { detail: `This needs the scope ${scope}.` })
  // An endpoint hears of every model of its tenant, and its deliveries tell of them.
  if (scope === 'webhooks' && principal.models)
    throw new ProblemError('model_not_allowed', { detail: 'Webhooks tell of all models, and this key is for some.' })
  return principal
}

function orRefuse(found: Found): Principal {
  if (!found) throw new ProblemError('unauthorized')
  return found
}

const digest = (key: string): Buffer => createHash('sha256').update(key).digest()

function requireOwnHost(c: ApiContext, { insecure, publicUrl }: AccessParts['config']): void {
  const host = hostOf(c)
  const isKnown = insecure || isLoopbackHost(host) || (publicUrl !== undefined && new URL(publicUrl).host === host)
  if (!isKnown) throw refuse('Without an API key this server answers only to the name of its own machine.')
}

function keyless(c: ApiContext, config: AccessParts['config']): Principal {
  requireOwnHost(c, config)
  const origin = c.req.header('origin')
  // Named one by one: a star lets in pages that show a key, and here there is none.
  if (origin !== undefined && config.corsOrigins.includes(origin)) return OWNER
  const isOwn = origin === undefined || (URL.canParse(origin) && new URL(origin).host === hostOf(c))
  const site = c.req.header('sec-fetch-site')
  if (!isOwn || site === 'cross-site') throw refuse('Without an API key this server does not answer to other sites.')
  return OWNER
}

const refuse = (detail: string) => new ProblemError('unauthorized', { detail })
