import { describe, expect, it, onTestFinished } from 'vitest'
import { createFixture } from '../app.fixture.ts'
import { DIALECTS, dialectOf } from './dialects.ts'

async function open() {
  const fixture = await createFixture()
  onTestFinished(fixture.close)
  return fixture
}

describe('the dialects', () => {
  it('are told with the line that leads each client here, and with their routes', async () => {
    const { app } = await open()
    const answer = await app.request('/dialects', { headers: { host: 'localhost:8000' } })
    const { data } = (await answer.json()) as {
      data: { name: string; clients: { change: string }[]; routes: unknown[] }[]
    }
    expect(data.map(({ name }) => name)).toEqual(DIALECTS.map(({ name }) => name))
    for (const { clients, routes } of data) {
      expect(clients.length).toBeGreaterThan(0)
      expect(clients.map(({ change }) => change).join()).not.toContain('{base}')
      expect(routes.length).toBeGreaterThan(0)
    }
  })

  it('own their prefixes, and no other path', () => {
    expect(dialectOf('/replicate')?.name).toBe('replicate')
    expect(dialectOf('/replicate/v1/predictions')?.name).toBe('replicate')
    expect(dialectOf('/replicated')).toBeUndefined()
    expect(dialectOf('/v1/jobs')).toBeUndefined()
  })

  it('refuse in their own shape, also what is not there, and say what is refused for good', async () => {
    const { app } = await open()
    const answer = await app.request('/replicate/v1/nothing?any=query')
    expect(answer.status).toBe(404)
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(answer.headers.get('x-should-retry')).toBe('false')
    expect(await answer.json()).toMatchObject({ status: 404, title: expect.any(String), detail: expect.any(String) })
  })
})
