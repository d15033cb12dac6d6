/**
 * Finds out who asks. If an API key is configured, requests need it, and it stands for the tenant `default`. Without one, the
 * server serves its own machine. A page in a browser there must not be able to use it, so requests are refused that name
 * another host (DNS rebinding) or come from another site (cross-site forms need no permission to post). Called by the router.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { ProblemError } from '@millrace/contracts'
import type { ApiConfig, ApiContext } from '../api-deps.ts'
import { hostOf, isLoopbackHost } from '../links.ts'
import type { Principal } from '../principal.ts'

/** Who asks. Throws ProblemError `unauthorized`. */
export type Authenticate = (c: ApiContext) => Principal

/** Whoever has the key; where there is none, whoever asks. */
const OWNER: Principal = { tenant: 'default' }

/** Makes the check for these settings. Keys are compared by digest, so the time shows neither length nor prefix. */
export function createAuthenticate(config: Pick<ApiConfig, 'apiKey' | 'insecure' | 'publicUrl'>): Authenticate {
  if (config.apiKey === undefined) return (c) => keyless(c, config)
  const expected = digest(config.apiKey)
  return (c) => {
    const given = /^bearer +([\x21-\x7e]{1,512})$/i.exec(c.req.header('authorization') ?? '')?.[1]
    if (!timingSafeEqual(digest(given ?? ''), expected)) throw new ProblemError('unauthorized')
    return OWNER
  }
}

const digest = (key: string): Buffer => createHash('sha256').update(key).digest()

function keyless(c: ApiContext, { insecure, publicUrl }: Pick<ApiConfig, 'insecure' | 'publicUrl'>): Principal {
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
