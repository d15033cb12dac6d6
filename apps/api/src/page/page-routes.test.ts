/** The web page at the bare address: who gets it, how it is sent, and what it may load. */
import { gunzipSync } from 'node:zlib'
import { createMetrics } from '@millrace/process'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFixture } from '../app.fixture.ts'
import { createApp } from '../app.ts'
import type { ApiDeps } from '../http/api-deps.ts'

const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
const FILES = [
  { name: 'index.html', bytes: Buffer.from('<!doctype html><title>Millrace</title>') },
  { name: 'page-AB.js', bytes: Buffer.from('start()') },
  { name: 'page-CD.css', bytes: Buffer.from('a{}') },
]

let api: Awaited<ReturnType<typeof createFixture>>
beforeEach(async () => {
  api = await createFixture({ page: async () => FILES })
})
afterEach(() => api.close())

const appWith = (changes: Partial<ApiDeps>) => createApp({ ...api.deps, metrics: createMetrics(), ...changes })

test('browsers get the page, and ask each time whether there is another; programs are told where the API is', async () => {
  const page = await api.app.request('/', { headers: BROWSER })
  expect([page.status, page.headers.get('cache-control'), await page.text()]).toEqual([
    ...[200, 'no-cache', FILES[0]!.bytes.toString()],
  ])
  expect(page.headers.get('vary')).toBe('accept, accept-encoding')
  const same = await api.app.request('/', { headers: { ...BROWSER, 'if-none-match': page.headers.get('etag') ?? '' } })
  expect(same.status).toBe(304)
  const told = await api.app.request('/')
  expect(await told.json()).toEqual({ name: 'Millrace', api: 'v1', docs: 'docs', openapi: 'openapi.json' })
  expect((await api.app.request('/', { method: 'POST' })).status).toBe(405)
})

test('script and style are kept for ever, packed where they are taken so, and nothing else is there', async () => {
  const plain = await api.app.request('/ui/page-AB.js')
  expect([plain.headers.get('content-type'), plain.headers.get('cache-control'), await plain.text()]).toEqual([
    ...['text/javascript; charset=utf-8', 'public, max-age=31536000, immutable', 'start()'],
  ])
  const packed = await api.app.request('/ui/page-CD.css', { headers: { 'accept-encoding': 'br, gzip' } })
  expect([packed.headers.get('content-encoding'), packed.headers.get('content-type')]).toEqual([
    ...['gzip', 'text/css; charset=utf-8'],
  ])
  expect(gunzipSync(Buffer.from(await packed.arrayBuffer())).toString()).toBe('a{}')
  const refused = await api.app.request('/ui/page-CD.css', { headers: { 'accept-encoding': 'gzip;q=0' } })
  expect(refused.headers.get('content-encoding')).toBeNull()
  expect((await api.app.request('/ui/page-EF.js')).status).toBe(404)
  expect((await api.app.request('/ui/..%2findex.html')).status).toBe(404)
})

test('no text can become code in it, and only pictures and films may come from where the store serves files', async () => {
  const policyOf = async (app: typeof api.app) =>
    (await app.request('/', { headers: BROWSER })).headers.get('content-security-policy')
  const own = await policyOf(api.app)
  expect(own).toContain(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:;",
  )
  expect(own).toContain("require-trusted-types-for 'script'; trusted-types 'none'")
  let isAway = true
  const sign = async (): Promise<string> => {
    if (isAway) throw new Error('no credentials yet')
    return 'https://files.example.com:9000/bucket/page?signature=a'
  }
  const app = appWith({
    page: async () => FILES,
    objects: Object.assign(Object.create(api.objects), { downloads: { sign } }),
  })
  expect(await policyOf(app)).toBe(own)
  isAway = false
  expect(await policyOf(app)).toContain(
    "img-src 'self' blob: data: https://files.example.com:9000; media-src 'self' blob: https://files.example.com:9000;",
  )
})

test('turned off, browsers are led to the documentation as before', async () => {
  const app = appWith({ page: async () => FILES, config: { ...api.deps.config, ui: false } })
  const led = await app.request('/', { headers: BROWSER })
  expect([led.status, led.headers.get('location')]).toEqual([302, 'docs'])
  expect((await app.request('/ui/page-AB.js')).status).toBe(404)
})

test('a server without a key answers a link of another site, and no other name', async () => {
  const ask = (headers: Record<string, string>) => api.app.request('/', { headers: { ...BROWSER, ...headers } })
  expect((await ask({ host: '127.0.0.1:7070', 'sec-fetch-site': 'cross-site' })).status).toBe(200)
  expect((await ask({ host: 'other.test' })).status).toBe(401)
})

test('a page that cannot be made is tried again, and breaks nothing else', async () => {
  let tries = 0
  const app = appWith({
    page: async () => {
      tries += 1
      if (tries === 1) throw new Error('no esbuild')
      return FILES
    },
  })
  expect((await app.request('/', { headers: BROWSER })).status).toBe(500)
  expect((await app.request('/livez')).status).toBe(200)
  expect((await app.request('/', { headers: BROWSER })).status).toBe(200)
})
