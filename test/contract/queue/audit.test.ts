import { base32 } from '@millrace/contracts'
import { type AuditQuery, newAuditId, type NewAuditEntry } from '@millrace/queue'
import { beforeEach, describe, expect, it } from 'vitest'
import { openQueueStand } from '../../support/open-queue-stand.ts'
import { openTestQueue } from '../../support/open-test-queue.ts'

/** The audit: what is written in which order, what becomes of what nobody ended, and what bounds it. */

const { raw, redis, queue } = await openQueueStand()
const { audit } = queue

beforeEach(() => raw.flushall())

const entry = (change: Partial<NewAuditEntry> = {}): NewAuditEntry => ({
  ...{ id: newAuditId(), action: 'key.create', by: { tenant: 'default', key: null, address: '192.0.2.1' } },
  ...{ tenant: 'acme', subject: 'k', before: null, after: { a: 1 }, outcome: 'done', code: null, request_id: 'r' },
  ...change,
})

const list = (query: Partial<AuditQuery> = {}) => audit.list({ order: 'desc', limit: 100, ...query })
const ids = async (query: Partial<AuditQuery> = {}) => (await list(query)).entries.map(({ id }) => id)

describe('the audit', () => {
  it('has one entry for what was begun and ended, with the time of its beginning', async () => {
    const one = entry({ outcome: 'unknown', after: null })
    const before = Date.now()
    await audit.begin(one)
    expect(await ids()).toEqual([])
    await audit.add({ ...one, outcome: 'done', after: { to: 2 } })
    const [found, ...more] = (await list()).entries
    expect(more).toEqual([])
    expect(found).toEqual({ object: 'audit_entry', ...one, at: found?.at, outcome: 'done', after: { to: 2 } })
    expect(Math.abs(Date.parse(found?.at ?? '') - before)).toBeLessThan(5000)
    expect(await raw.keys('*audit:*')).toEqual(['{mr:access}:audit:log'])
  })

  it('writes what nobody ended as unknown when a minute has passed, and takes an end that comes even later', async () => {
    const one = entry({ outcome: 'unknown' })
    await audit.begin(one)
    await raw.zincrby('{mr:access}:audit:begun', -59_000, one.id)
    expect(await ids()).toEqual([])
    await raw.zincrby('{mr:access}:audit:begun', -1001, one.id)
    expect((await list()).entries).toMatchObject([{ id: one.id, outcome: 'unknown' }])
    await audit.add({ ...one, outcome: 'done' })
    expect((await list()).entries).toMatchObject([{ outcome: 'done' }, { outcome: 'unknown' }])
  })

  it('is read in pages both ways, by tenant, action, key and time', async () => {
    const key = base32(Buffer.alloc(16, 3))
    const all = [
      entry(),
      entry({ action: 'key.revoke' }),
      entry({ tenant: null, by: { tenant: 'beta', key, address: null } }),
      entry({ tenant: 'beta' }),
    ]
    for (const one of all) await audit.add(one)
    const newest = all.map(({ id }) => id).reverse()
    expect(await ids()).toEqual(newest)
    const first = await list({ limit: 3 })
    expect(first.entries.map(({ id }) => id)).toEqual(newest.slice(0, 3))
    expect(await list({ limit: 3, cursor: first.nextCursor! })).toMatchObject({
      ...{ entries: [{ id: newest[3] }], nextCursor: null },
    })
    expect(await ids({ tenant: 'beta' })).toEqual(newest.slice(0, 2))
    expect(await ids({ action: 'key.revoke' })).toEqual([all[1]?.id])
    expect(await ids({ key })).toEqual([all[2]?.id])
    expect(await ids({ sinceMs: Date.now() + 60_000 })).toEqual([])
    const oldest = await list({ order: 'asc' })
    expect(oldest.entries.map(({ id }) => id)).toEqual(all.map(({ id }) => id))
    const later = entry()
    await audit.add(later)
    expect(await ids({ order: 'asc', cursor: oldest.nextCursor! })).toEqual([later.id])
    await expect(list({ cursor: 'x' })).rejects.toThrow('cursor')
  })

  it('lets a tenant push out its own entries and no other’s, and forgets what is too many or too old', async () => {
    const small = openTestQueue(redis.url, { audit: { keptMs: 60_000, most: 200 } })
    try {
      const [root, quiet] = [entry(), entry({ by: { tenant: 'quiet', key: null, address: null } })]
      await small.audit.add(root)
      await small.audit.add(quiet, { bounded: true })
      const flood = Array.from({ length: 30 }, () => entry({ by: { tenant: 'loud', key: null, address: null } }))
      for (const one of flood) await small.audit.add(one, { bounded: true })
      const left = [...flood.slice(-4).reverse(), quiet, root]
      expect(await ids()).toEqual(left.map(({ id }) => id))

      for (let n = 0; n < 400; n++) await small.audit.add(entry())
      // Redis cuts whole blocks of a stream.
      expect(await raw.xlen('{mr:access}:audit:log')).toBeLessThan(310)
      expect(await ids({ limit: 1000 })).not.toContain(root.id)
    } finally {
      await small.close()
    }
  })
})
