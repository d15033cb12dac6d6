/** The routes of all dialects, and GET /dialects, which says how a client is led to each. */
import { z } from 'zod'
import { linkBase } from '../http/links.ts'
import { json, type Route, type Router } from '../http/router.ts'
import { ModelCache } from '../models/model-cache.ts'
import type { DialectDeps } from './dialect.ts'
import { DIALECTS } from './dialects.ts'
import { DialectIntake, type IntakeDeps } from './intake.ts'
import { JobValues } from './job-values.ts'

const dialectSchema = z
  .object({
    object: z.literal('dialect'),
    name: z.string(),
    title: z.string().describe('The platform that is spoken like.'),
    prefixes: z.array(z.string()).describe('How its paths begin.'),
    clients: z
      .array(z.object({ client: z.string(), change: z.string() }))
      .describe('Clients that work unmodified, and the one line that leads each of them here.'),
    routes: z
      .array(z.object({ method: z.string(), path: z.string(), scope: z.string().nullable() }))
      .describe('What is answered, and the scope that a key needs; null: none.'),
  })
  .meta({ id: 'Dialect' })

const listRoute: Route = {
  method: 'get',
  path: '/dialects',
  operation: 'listDialects',
  summary: 'The platforms whose clients work here, and the line to change in each',
  tag: 'Service',
  auth: 'open',
  responses: {
    200: json('All of them.', z.object({ object: z.literal('list'), data: z.array(dialectSchema) })),
  },
}

type Parts = Omit<DialectDeps, 'cache' | 'doorway' | 'values'> & Omit<IntakeDeps, 'cache' | 'models'>

export function dialectRoutes(router: Router, parts: Parts): void {
  const { publicUrl } = parts.config
  const cache = new ModelCache(parts.models, parts.steering, parts.awaitsModels)
  const doorway = new DialectIntake({ ...parts, cache, models: cache })
  const deps = { ...parts, cache, doorway, values: new JobValues(parts) }
  const shown = DIALECTS.map((dialect) => {
    const before = router.unlisted.length
    dialect.routes(router, deps)
    const routes = router.unlisted.slice(before).map((route) => ({
      method: route.method.toUpperCase(),
      path: route.path,
      scope: 'scope' in route ? route.scope : null,
    }))
    const { name, title, prefixes, clients } = dialect
    return { object: 'dialect', name, title, prefixes, clients, routes }
  })

  router.add(listRoute, (c) => {
    const base = linkBase(c, publicUrl)
    const data = shown.map((dialect) => ({
      ...dialect,
      clients: dialect.clients.map(({ client, change }) => ({ client, change: change.replaceAll('{base}', base) })),
    }))
    return c.json({ object: 'list', data })
  })
}
