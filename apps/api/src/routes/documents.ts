/** /openapi.json and /docs. The pages of /docs come from an installed package; nothing is loaded from elsewhere. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { ProblemError } from '@millrace/contracts'
import { z } from 'zod'
import type { ApiContext } from '../api-deps.ts'
import { json, type Route, type Router } from './route.ts'

const documentRoute: Route = {
  method: 'get',
  path: '/openapi.json',
  summary: 'This document',
  tag: 'Service',
  auth: 'open',
  responses: { 200: json('OpenAPI 3.1.', z.record(z.string(), z.unknown())) },
}

const page = (path: string, summary: string): Route => ({
  method: 'get',
  path,
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
  ...page('/docs/{asset}', 'A part of that page'),
  request: { params: z.object({ asset: z.enum(['start.js', ...Object.keys(ASSETS)]) }) },
  problems: ['not_found'],
}

const INFO = {
  openapi: '3.1.0',
  info: { title: 'Millrace', version: '1', description: 'Run AI models as durable asynchronous jobs.' },
}

export function addDocuments(router: Router): void {
  const { app } = router
  let document: string | undefined
  router.add(documentRoute, (c) => {
    // Made at the first request: by then all routes are there.
    document ??= JSON.stringify(app.getOpenAPI31Document(INFO))
    c.header('content-type', 'application/json')
    return c.body(document)
  })
  router.add(page('/docs', 'Read and try this API in a browser'), (c) => send(c, 'text/html; charset=utf-8', PAGE))
  router.add(assetRoute, async (c) => {
    const name = c.req.param('asset') ?? ''
    if (name === 'start.js') return send(c, 'text/javascript', START)
    const type = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined
    if (type === undefined) throw new ProblemError('not_found')
    const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
    return send(c, type, new Uint8Array(await readFile(join(folder, name))))
  })
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

function send(c: ApiContext, type: string, body: string | Uint8Array<ArrayBuffer>): Response {
  c.header('content-type', type)
  c.header('content-security-policy', POLICY)
  c.header('cache-control', 'max-age=3600')
  return c.body(body)
}
