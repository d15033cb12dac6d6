/** A tenant that has stored as many bytes as it may is refused more, in the words of the table; what it has sent before is still answered. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { CONFIG, createFixture } from '../../app.fixture.ts'
import { StoredRoom } from './stored-room.ts'
import { limitsOf } from './tenant-limits.ts'

const limits = limitsOf('default', { stored_bytes: 1000 }, CONFIG)

describe('the room of a tenant', () => {
  let stored = 0
  let asked = 0
  const usage = { storedBytes: async () => (asked++, stored) }
  let room: StoredRoom
  beforeEach(() => {
    stored = asked = 0
    room = new StoredRoom(usage, () => limits)
  })

  it('reckons with what it has let in, and asks once in a while', async () => {
    stored = 400
    await room.admit('acme', 600)
    await expect(room.admit('acme', 1)).rejects.toThrow('1000 bytes are stored, 1 more are to come, 1000 are allowed.')
    await expect(room.admit('acme', 0)).rejects.toMatchObject({ code: 'stored_bytes_limit' })
    await room.admit('other', 500)
    expect(asked).toBe(2)
  })

  it('asks nothing for a tenant without a limit', async () => {
    const free = new StoredRoom(usage, () => ({ ...limits, stored_bytes: null }))
    await free.admit('acme', 1e15)
    expect(asked).toBe(0)
  })

  it('asks anew after a failure', async () => {
    let isAway = true
    const away = new StoredRoom(
      { storedBytes: async () => (isAway ? Promise.reject(new Error('away')) : 0) },
      () => limits,
    )
    await expect(away.admit('acme', 1)).rejects.toThrow('away')
    isAway = false
    await away.admit('acme', 1)
  })
})

describe('over the API', async () => {
  const usage = { storedBytes: async () => 0 } as never
  const api = await createFixture({ usage, tenantRing: { of: () => limits } })
  afterAll(() => api.close())
  const codeOf = async (answer: Response) => [answer.status, ((await answer.json()) as { code?: string }).code]
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    api.app.request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  const file = (size: number) => ({ name: 'a.txt', size, sha256: '0'.repeat(64) })

  it('takes what there is room for, and refuses the rest', async () => {
    // The stand has no store for it, but the request came that far.
    expect((await post('/v1/files', file(999))).status).not.toBe(429)
    const refused = await post('/v1/files', file(500))
    expect(refused.headers.get('retry-after')).toBe('60')
    expect(await codeOf(refused)).toEqual([429, 'stored_bytes_limit'])
    // A small input needs room only for what its job may give.
    const key = { 'idempotency-key': randomUUID() }
    expect((await post('/v1/models/ocr/jobs', { input: {} }, key)).status).toBe(202)
    await post('/v1/files', file(1))
    expect(await codeOf(await post('/v1/models/ocr/jobs', { input: {} }))).toEqual([429, 'stored_bytes_limit'])
    const other = { 'idempotency-key': randomUUID() }
    expect(await codeOf(await post('/v1/models/ocr/jobs', { input: {} }, other))).toEqual([429, 'stored_bytes_limit'])
  })
})
