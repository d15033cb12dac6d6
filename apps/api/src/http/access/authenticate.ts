/**
 * Finds out who asks, and whether that one may. If MILLRACE_API_KEY is set, requests need it, or a key that was made with it.
 * Without one, the server serves its own machine. A page in a browser there must not be able to use it, so requests are
 * refused that name another host (DNS rebinding) or come from another site (cross-site forms need no permission to post).
 * Called by the router.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { API_KEY, ProblemError, type Scope } from '@millrace/contracts'
import type { ApiConfig, ApiContext } from '../api-deps.ts'
import { hostOf, isLoopbackHost } from '../links.ts'
import type { KeyRing } from './key-ring.ts'
import { mayDo, OWNER, type Principal } from './principal.ts'

/**
 * Who asks. At once, unless a key was not seen of late. Throws or rejects with ProblemError: `unauthorized`, the same for a
 * key that is unknown, has ended or is malformed; `scope_missing`.
 */
export type Authenticate = (c: ApiContext, scope: Scope) => Principal | Promise<Principal>

export interface Access {
  authenticate: Authenticate
  /** Whether one who was let in may stay: false once the key has ended. */
  isCurrent(principal: Pick<Principal, 'key'>): boolean
}

/**
 * Makes the check for these settings. Keys are compared by digest, so the time shows neither length nor prefix. Without `ring`
 * only the key of the settings lets in.
 */
export const createAccess = (config: AccessConfig, ring?: Pick<KeyRing, 'find' | 'stillLetsIn'>): Access => ({
  authenticate: createAuthenticate(config, ring),
  isCurrent: ({ key }) => key === null || ring === undefined || ring.stillLetsIn(key),
})

type AccessConfig = Pick<ApiConfig, 'apiKey' | 'insecure' | 'publicUrl'>

function createAuthenticate(config: AccessConfig, ring: Pick<KeyRing, 'find'> | undefined): Authenticate {
  if (config.apiKey === undefined) return (c) => keyless(c, config)
  const owners = digest(config.apiKey)
  return (c, scope) => {
    const given = /^bearer +([\x21-\x7e]{1,512})$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? ''
    const given256 = digest(given)
    if (timingSafeEqual(given256, owners)) return OWNER
    const id = API_KEY.exec(given)?.[1]
    if (id === undefined || !ring) throw new ProblemError('unauthorized')
    const found = ring.find(id, given256)
    return found instanceof Promise ? found.then((principal) => admit(principal, scope)) : admit(found, scope)
  }
}

function admit(principal: Principal | undefined, scope: Scope): Principal {
  if (!principal) throw new ProblemError('unauthorized')
  if (!mayDo(principal, scope)) throw new ProblemError('scope_missing', { detail: `This needs the scope ${scope}.` })
  return principal
}

const digest = (key: string): Buffer => createHash('sha256').update(key).digest()

function keyless(c: ApiContext, { insecure, publicUrl }: AccessConfig): Principal {
  const host = hostOf(c)
  const isKnown = insecure || isLoopbackHost(host) || (publicUrl !== undefined && new URL(publicUrl).host === host)
  if (!isKnown) throw refuse('Without an API key this server answers only to the name of its own machine.')
  const origin = c.req.header('origin')
  const isOwn = origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)
  const site = c.req.header('sec-fetch-site')
  if (!isOwn || site === 'cross-site') throw refuse('Without an API key this server does not answer to other sites.')
  return OWNER
}

const refuse = (detail: string) => new ProblemError('unauthorized', { detail })
