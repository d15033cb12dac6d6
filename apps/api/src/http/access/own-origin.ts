/**
 * Whether a page of this server sent a request, by what browsers say of it. A cookie alone is no proof of that: browsers also send
 * it with a form of another port of the same host. Called for every change that a session asks for, for log-ins, and by the dialect of agents.
 */
import { ProblemError } from '@millrace/contracts'
import type { ApiConfig, ApiContext } from '../api-deps.ts'
import { hostOf } from '../links.ts'

/** Throws ProblemError `foreign_origin`. Over plain HTTP browsers do not send Sec-Fetch-Site; then Origin decides. */
export function requireOwnOrigin(c: ApiContext, { publicUrl }: Pick<ApiConfig, 'publicUrl'>): void {
  const site = c.req.header('sec-fetch-site')
  const isOwn = site === undefined ? isOwnOrigin(c, publicUrl) : site === 'same-origin'
  if (!isOwn) throw new ProblemError('foreign_origin')
}

/**
 * The same where a browser says nothing but the origin, and for clients that are none: those name no origin. Pages that the operator has
 * named (MILLRACE_CORS_ORIGINS) may ask, too. Throws ProblemError
 * `foreign_origin`.
 */
export function refuseForeignOrigin(
  c: ApiContext,
  { publicUrl, corsOrigins }: Pick<ApiConfig, 'publicUrl' | 'corsOrigins'>,
): void {
  const origin = c.req.header('origin')
  if (origin === undefined || corsOrigins.includes(origin) || isOwnOrigin(c, publicUrl)) return
  throw new ProblemError('foreign_origin', {
    detail: 'Pages of other sites are not answered here. Leave the header Origin out.',
  })
}

function isOwnOrigin(c: ApiContext, publicUrl: string | undefined): boolean {
  const origin = c.req.header('origin')
  if (origin === undefined || !URL.canParse(origin)) return false
  const { host } = new URL(origin)
  return host === hostOf(c) || (publicUrl !== undefined && host === new URL(publicUrl).host)
}
