/** /fal/proxy: for a client that is told to send everything to one address. It is led on, with its method and body. */
import { ProblemError } from '@millrace/contracts'
import type { ApiContext } from '../../http/api-deps.ts'
import type { DialectRouter } from '../dialect.ts'

const HOSTS: Record<string, string> = {
  'fal.run': 'run',
  'queue.fal.run': 'queue',
  'rest.fal.ai': 'rest',
  'rest.alpha.fal.ai': 'rest',
}

export function proxyRoutes(router: DialectRouter): void {
  const lead = (c: ApiContext): Response => {
    const target = c.req.header('x-fal-target-url') ?? ''
    const url = URL.canParse(target) ? new URL(target) : undefined
    const word = url && HOSTS[url.hostname]
    if (!url || word === undefined) {
      throw new ProblemError('invalid_request', { detail: 'x-fal-target-url names no host of fal.' })
    }
    return c.redirect(`/fal/${word}${url.pathname}${url.search}`, 307)
  }
  const path = '/fal/proxy'
  // Who is led on says there who it is.
  router.addUnlisted({ method: 'get', auth: 'open', path, operation: 'falProxyGet' }, lead)
  router.addUnlisted({ method: 'post', auth: 'open', audit: 'none', path, operation: 'falProxyPost' }, lead)
  router.addUnlisted({ method: 'put', auth: 'open', audit: 'none', path, operation: 'falProxyPut' }, lead)
}
