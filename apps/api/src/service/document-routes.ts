/**
 * /openapi.json and /docs. The pages of /docs come from an installed package, and nothing is loaded from elsewhere. Anybody may
 * ask for them, so each is read once.
 */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { ProblemError } from '@millrace/contracts'
import { z } from 'zod'
import type { ApiContext } from '../http/api-deps.ts'
import { browserRoute, wantsPage } from '../http/text/browser-route.ts'
import { json, type Route, type Router } from '../http/router.ts'
import { sendText, type Text, toText } from '../http/text/send-text.ts'

const documentRoute: Route = {
  method: 'get',
  path: '/openapi.json',
  operation: 'getDocument',
  summary: 'This document',
  tag: 'Service',
  auth: 'open',
  responses: { 200: json('OpenAPI 3.1.', z.record(z.string(), z.unknown())) },
}

const ASSETS: Record<string, string> = {
  'swagger-ui.css': 'text/css',
  'swagger-ui-bundle.js': 'text/javascript',
}

const assetRoute: Route = {
  ...browserRoute('/docs/{asset}', 'getDocsAsset', 'A part of that page'),
  request: { params: z.object({ asset: z.enum(['start.js', ...Object.keys(ASSETS)]) }) },
  problems: ['not_found'],
}

/** A browser that was given the bare address is led to the page. Relative, for a proxy may serve the API below a path. */
export function frontDoor(c: ApiContext, hasDocs: boolean): Response | undefined {
  const isAsked = c.req.method === 'GET' && c.req.path === '/' && wantsPage(c)
  return hasDocs && isAsked ? c.redirect('docs') : undefined
}

const INFO = {
  openapi: '3.1.0',
  info: { title: 'Millrace', version: '1', description: 'Run AI models as durable asynchronous jobs.' },
}

export function documentRoutes(router: Router): void {
  const { app } = router
  let document: Text | undefined
  const assets = new Map<string, Promise<Text>>()
  router.add(documentRoute, (c) => {
    // Made at the first request, when all routes are there.
    document ??= toText('application/json', JSON.stringify(app.getOpenAPI31Document(INFO)))
    return sendText(c, document, { 'cache-control': 'no-cache' })
  })
  const pageDocument = toText('text/html; charset=utf-8', PAGE)
  const startDocument = toText('text/javascript', START)
  router.add(browserRoute('/docs', 'getDocsPage', 'Read and try this API in a browser'), (c) =>
    sendText(c, pageDocument, OF_A_PAGE),
  )
  router.add(assetRoute, async (c) => {
    const name = c.req.param('asset') ?? ''
    if (name === 'start.js') return sendText(c, startDocument, OF_A_PAGE)
    const type = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined
    if (type === undefined) throw new ProblemError('not_found')
    const asset = assets.get(name) ?? readAsset(name, type)
    assets.set(name, asset)
    try {
      return sendText(c, await asset, OF_A_PAGE)
    } catch (error) {
      // The next request tries to read it again.
      assets.delete(name)
      throw error
    }
  })
}

async function readAsset(name: string, type: string): Promise<Text> {
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
  return toText(type, await readFile(join(folder, name)))
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
