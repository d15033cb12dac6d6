import { createMetrics } from '@millrace/process'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFixture } from '../app.fixture.ts'
import { createApp } from '../app.ts'

let api: Awaited<ReturnType<typeof createFixture>>
beforeEach(async () => {
  api = await createFixture()
})
afterEach(() => api.close())

test.each(['/openapi.json', '/docs', '/docs/start.js', '/docs/swagger-ui.css', '/docs/swagger-ui-bundle.js'])(
  '%s is sent whole, with its length and a tag, and not at all to who has it',
  async (path) => {
    const first = await api.app.request(path)
    const bytes = await first.arrayBuffer()
    expect([first.status, first.headers.get('content-length')]).toEqual([200, String(bytes.byteLength)])
    const tag = first.headers.get('etag') ?? ''
    const again = await api.app.request(path, { headers: { 'if-none-match': tag } })
    expect([again.status, again.headers.get('etag'), await again.text()]).toEqual([304, tag, ''])
    expect(Buffer.from(bytes).equals(Buffer.from(await (await api.app.request(path)).arrayBuffer()))).toBe(true)
  },
)

test('where the docs are turned off, they are not there, and a model tells its own all the same', async () => {
  const app = createApp({ ...api.deps, metrics: createMetrics(), config: { ...api.deps.config, docs: false } })
  for (const path of ['/openapi.json', '/docs', '/docs/start.js', '/docs/swagger-ui-bundle.js']) {
    expect([path, (await app.request(path)).status]).toEqual([path, 404])
  }
  expect((await app.request('/v1/models/ocr/openapi.json')).status).toBe(200)
})

test('a browser at the bare address is led to the page, and nobody else is', async () => {
  const browser = { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } }
  const led = await api.app.request('/', browser)
  expect([led.status, led.headers.get('location')]).toEqual([302, 'docs'])
  expect((await api.app.request('/')).status).toBe(404)
  expect((await api.app.request('/', { ...browser, method: 'POST' })).status).toBe(404)
  expect((await api.app.request('/nowhere', browser)).status).toBe(404)
  const closed = createApp({ ...api.deps, metrics: createMetrics(), config: { ...api.deps.config, docs: false } })
  expect((await closed.request('/', browser)).status).toBe(404)
})

test('every operation has a name that no other one has, and that a program can use', async () => {
  const document = (await (await api.app.request('/openapi.json')).json()) as {
    paths: Record<string, Record<string, { operationId: string }>>
  }
  const names = Object.values(document.paths).flatMap((item) => Object.values(item).map((one) => one.operationId))
  expect(names.length).toBeGreaterThan(50)
  expect(names.filter((name) => !/^[a-z]+([A-Z][a-z]+)+$/.test(name))).toEqual([])
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
})
