/**
 * Whether a page of this server sent a request, by what browsers say of it. A cookie alone is no proof of that: browsers also send
 * it with a form of another port of the same host. Called for every change that a session asks for, and for log-ins.
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

function isOwnOrigin(c: ApiContext, publicUrl: string | undefined): boolean {
  const origin = c.req.header('origin')
  if (origin === undefined || !URL.canParse(origin)) return false
  const { host } = new URL(origin)
  return host === hostOf(c) || (publicUrl !== undefined && host === new URL(publicUrl).host)
}
