/** POST /mcp: one message of a client, and its answer. Other methods are of sessions, which there are none of. */
import { essenceOf, ProblemError } from '@millrace/contracts'
import type { ApiContext } from '../../http/api-deps.ts'
import { refuseForeignOrigin } from '../../http/access/own-origin.ts'
import { readBody } from '../../http/body/read-body.ts'
import { readJson } from '../../http/body/read-json.ts'
import { withinLimit } from '../../http/limits/within-limit.ts'
import { linkBase } from '../../http/links.ts'
import { principalOf, type UnlistedRoute } from '../../http/router.ts'
import type { DialectDeps, DialectRouter } from '../dialect.ts'

/** Files are named by their addresses, so no message need be longer. Bytes. */
const MOST_BYTES = 4 * 1024 * 1024

export function mcpRoute(router: DialectRouter, deps: DialectDeps): void {
  const route: UnlistedRoute = {
    ...{ method: 'post', path: '/mcp', operation: 'mcp', audit: 'none' },
    // Each method, and each tool, asks for its own.
    scope: 'any',
    before: (c) => refuseForeignOrigin(c, deps.config),
  }
  router.addUnlisted(route, async (c) => {
    const startedAt = performance.now()
    const body = await deps.bodies.hold(c.req.raw, () => readMessage(c, deps))
    const { serveMcp } = await import('./serve-mcp.ts')
    const { url, headers } = c.req.raw
    const gone = goneOf(c)
    const base = linkBase(c, deps.config.publicUrl)
    const exchange = { c, deps, principal: principalOf(c), base, startedAt, gone }
    return serveMcp(exchange, new Request(url, { method: 'POST', headers, signal: gone }), body)
  })
}

/** Throws ProblemError. */
async function readMessage(c: ApiContext, deps: DialectDeps): Promise<unknown> {
  if (essenceOf(c.req.header('content-type') ?? null) !== 'application/json')
    throw new ProblemError('unsupported_media_type', { detail: 'A message is application/json.' })
  const most = (bytes: number) => Math.min(bytes, MOST_BYTES)
  return withinLimit(
    deps,
    principalOf(c).tenant,
    async ({ config }) => readJson(await readBody(c.req.raw, most(config.maxBodyBytes))).value,
  )
}

/** Aborted when the client closes the connection before all of its answer was sent. */
function goneOf(c: ApiContext): AbortSignal {
  const gone = new AbortController()
  const client = c.env?.outgoing
  const look = () => {
    if (!client?.writableFinished) gone.abort()
  }
  if (client?.destroyed) look()
  client?.once('close', look)
  return gone.signal
}
