/**
 * /openapi.json and /docs. The pages of /docs come from an installed package, and nothing is loaded from elsewhere. Anybody may
 * ask for them, so each is read once and sent piece by piece, as the client reads.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { ProblemError } from '@millrace/contracts'
import { z } from 'zod'
import type { ApiContext } from '../http/api-deps.ts'
import { matchesTag } from '../http/matches-tag.ts'
import { json, type Route, type Router } from '../http/router.ts'

const documentRoute: Route = {
  method: 'get',
  path: '/openapi.json',
  operation: 'getDocument',
  summary: 'This document',
  tag: 'Service',
  auth: 'open',
  responses: { 200: json('OpenAPI 3.1.', z.record(z.string(), z.unknown())) },
}

const page = (path: string, operation: string, summary: string): Route => ({
  method: 'get',
  path,
  operation,
  summary,
  tag: 'Service',
  auth: 'open',
  responses: { 200: { description: 'For a browser.' } },
})

const ASSETS: Record<string, string> = {
  'swagger-ui.css': 'text/css',
  'swagger-ui-bundle.js': 'text/javascript',
}

const assetRoute: Route = {
  ...page('/docs/{asset}', 'getDocsAsset', 'A part of that page'),
  request: { params: z.object({ asset: z.enum(['start.js', ...Object.keys(ASSETS)]) }) },
  problems: ['not_found'],
}

/** A browser that was given the bare address is led to the page. Relative, for a proxy may serve the API below a path. */
export function frontDoor({ req, redirect }: ApiContext, hasDocs: boolean): Response | undefined {
  const isBrowser = req.method === 'GET' && (req.header('accept') ?? '').includes('text/html')
  return hasDocs && isBrowser && req.path === '/' ? redirect('docs') : undefined
}

const INFO = {
  openapi: '3.1.0',
  info: { title: 'Millrace', version: '1', description: 'Run AI models as durable asynchronous jobs.' },
}

export function documentRoutes(router: Router): void {
  const { app } = router
  let document: Document | undefined
  const assets = new Map<string, Promise<Document>>()
  router.add(documentRoute, (c) => {
    // Made at the first request, when all routes are there.
    document ??= toDocument('application/json', JSON.stringify(app.getOpenAPI31Document(INFO)))
    return send(c, document, { 'cache-control': 'no-cache' })
  })
  const pageDocument = toDocument('text/html; charset=utf-8', PAGE)
  const startDocument = toDocument('text/javascript', START)
  router.add(page('/docs', 'getDocsPage', 'Read and try this API in a browser'), (c) =>
    send(c, pageDocument, OF_A_PAGE),
  )
  router.add(assetRoute, async (c) => {
    const name = c.req.param('asset') ?? ''
    if (name === 'start.js') return send(c, startDocument, OF_A_PAGE)
    const type = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined
    if (type === undefined) throw new ProblemError('not_found')
    const asset = assets.get(name) ?? readAsset(name, type)
    assets.set(name, asset)
    try {
      return send(c, await asset, OF_A_PAGE)
    } catch (error) {
      // The next request tries to read it again.
      assets.delete(name)
      throw error
    }
  })
}

interface Document {
  type: string
  bytes: Uint8Array
  tag: string
}

function toDocument(type: string, content: string | Uint8Array): Document {
  const bytes = Buffer.from(content)
  return { type, bytes, tag: `"${createHash('sha256').update(bytes).digest('base64url')}"` }
}

async function readAsset(name: string, type: string): Promise<Document> {
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
  return toDocument(type, await readFile(join(folder, name)))
}

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Millrace API</title>
<meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<div id="page"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</html>
`

const START = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#page', deepLinking: true })
`

/** The page sets styles from its script and shows inline images; it may talk to this server alone. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

const OF_A_PAGE = { 'content-security-policy': POLICY, 'cache-control': 'max-age=3600' }

/** Bytes that are handed over at once. */
const PIECE = 64 * 1024

function send(c: ApiContext, { type, bytes, tag }: Document, headers: Record<string, string>): Response {
  if (matchesTag(c.req.header('if-none-match'), tag)) return c.body(null, 304, { etag: tag, ...headers })
  let at = 0
  const body = new ReadableStream<Uint8Array>(
    {
      pull(to) {
        to.enqueue(bytes.subarray(at, at + PIECE))
        at += PIECE
        if (at >= bytes.length) to.close()
      },
    },
    { highWaterMark: 0 },
  )
  return c.body(body, 200, { 'content-type': type, 'content-length': String(bytes.length), etag: tag, ...headers })
}
