import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFixture } from '../../app.fixture.ts'

let api: Awaited<ReturnType<typeof createFixture>>
beforeEach(async () => {
  api = await createFixture()
})
afterEach(() => api.close())

test('every answer has the headers that protect a browser, and what a route sets itself stands', async () => {
  for (const path of ['/livez', '/nowhere', '/docs', '/v1/jobs']) {
    const { headers } = await api.app.request(path)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('x-request-id')).toBeTruthy()
  }
  const { headers } = await api.app.request('/docs')
  expect(headers.get('cache-control')).toBe('max-age=3600')
})

test('an answer with a job has them too, with its type and its tag', async () => {
  const submitted = await api.app.request('/v1/models/ocr/jobs', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"input":{"text":"a"}}',
  })
  const { id } = (await submitted.json()) as { id: string }
  const { headers } = await api.app.request(`/v1/jobs/${id}`, { headers: { 'x-request-id': 'mine' } })
  expect(Object.fromEntries(headers)).toEqual({
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'content-type': 'application/json',
    etag: expect.stringContaining(id),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-request-id': 'mine',
  })
  const tag = headers.get('etag') ?? ''
  const unchanged = await api.app.request(`/v1/jobs/${id}`, { headers: { 'if-none-match': tag } })
  expect([unchanged.status, unchanged.headers.get('etag')]).toEqual([304, tag])
  expect(unchanged.headers.get('x-content-type-options')).toBe('nosniff')
})
