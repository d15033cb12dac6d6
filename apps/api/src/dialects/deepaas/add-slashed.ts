/** Adds a route whose path ends in a slash, and sends who leaves the slash out there, as aiohttp does. */
import type { Handler, UnlistedRoute } from '../../http/router.ts'
import type { DialectRouter } from '../dialect.ts'

export const BASE = '/deepaas'

export function addSlashed(router: DialectRouter, route: UnlistedRoute, handler: Handler): void {
  router.addUnlisted(route, handler)
  // Who only learns where to ask needs no key.
  const bare = { path: route.path.slice(0, -1), operation: `${route.operation}Bare`, auth: 'open' } as const
  const led: UnlistedRoute =
    route.method === 'get' ? { ...bare, method: 'get' } : { ...bare, method: 'post', audit: 'none' }
  router.addUnlisted(led, (c) => {
    const { pathname, search } = new URL(c.req.url)
    return c.body('308: Permanent Redirect', 308, {
      location: `${pathname}/${search}`,
      'content-type': 'text/plain; charset=utf-8',
    })
  })
}
