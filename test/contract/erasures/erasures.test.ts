import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Erasure } from '@millrace/contracts'
import type { Queue } from '@millrace/queue'
import { FolderStore, type ObjectStore, StorageError } from '@millrace/storage'
import { Eraser, type EraserDeps } from '@millrace/worker'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { openQueueStand } from '../../support/open-queue-stand.ts'
import { newJob, openTestQueue, silent } from '../../support/open-test-queue.ts'
import { recordOf } from '../../support/record-and-events.ts'
import { allOfRedis, allOfStore, placesOf } from '../../support/kept/all-of-redis.ts'
import { plant, type Planted, plantedModel } from './plant.ts'

/**
 * Erasing a tenant, or its jobs with some metadata: nothing of it is left, nothing else is touched, and every count is exact. The name
 * of the tenant is looked for everywhere: no id can contain it by chance, for ids have no `l`, `o`, `u` or `i`.
 */

const { redis, raw, queue } = await openQueueStand()
const folder = await mkdtemp(join(tmpdir(), 'millrace-erasures-'))
const objects = (await FolderStore.open(folder)) as ObjectStore
afterAll(() => rm(folder, { recursive: true, force: true }))

beforeEach(async () => {
  await raw.flushall()
  for (const prefix of ['jobs/', 'blobs/']) await objects.deletePrefix(prefix)
  await queue.models.publish(plantedModel, 'w_1', 1)
})

const eraserOf = (changes: Partial<EraserDeps> = {}, of: Queue = queue): Eraser =>
  new Eraser({
    ...{ erasures: of.erasures, jobs: of.upkeep, files: of.files, objects, audit: of.audit },
    ...{ ownedSince: async () => 0, logger: silent, logFault: () => undefined, ...changes },
  })

const read = async (id: string): Promise<Erasure> => (await queue.erasures.get(id))!

/** As if the keys had ended some time ago. */
const grow = (id: string) => raw.hincrby(`{mr:erasures}:note:${id}`, 'created_at', -10_000)

async function count(tenant: string, metadata?: Record<string, string>): Promise<Erasure> {
  const begun = await queue.erasures.begin({ tenant, metadata, dry_run: true })
  if (begun.outcome !== 'begun') throw new Error(begun.outcome)
  await eraserOf().round()
  return read(begun.id)
}

async function begin(tenant: string, metadata?: Record<string, string>): Promise<{ id: string; counted: Erasure }> {
  const counted = await count(tenant, metadata)
  const begun = await queue.erasures.begin({ tenant, metadata, dry_run: false, counted: counted.id })
  if (begun.outcome !== 'begun') throw new Error(begun.outcome)
  await grow(begun.id)
  return { id: begun.id, counted }
}

/** All that may still name a tenant: the audit. */
const isAudit = (key: string): boolean => key.startsWith('{mr:access}:audit:')

async function left(marks: readonly string[]): Promise<string[]> {
  const all = [...(await allOfRedis(raw)), ...(await allOfStore(objects))].filter(([key]) => !isAudit(key))
  // The name of the neighbour begins with that of the tenant.
  const own = all.map(([name, text]) => [name.replaceAll('louis-2', ''), text.replaceAll('louis-2', '')] as const)
  return placesOf(new Map(own), marks)
}

const everything = async () => new Map([...(await allOfRedis(raw)), ...(await allOfStore(objects))])

/** Each key and object that has something of the one and nothing of the other, byte by byte. */
async function viewOf(one: Planted, other: Planted): Promise<[string, string][]> {
  const has = (marks: readonly string[], text: string) => marks.some((mark) => text.includes(mark))
  const all = [...(await everything())].filter(([name, text]) => has(one.marks, name + text))
  // The name of the other is part of that of the one.
  return all.filter(([name, text]) => !has(other.marks, (name + text).replaceAll(one.tenant, '')))
}

const placesOfAll = async ({ marks }: Planted) => placesOf(await everything(), marks).sort()

describe('the erasure of a tenant', () => {
  it('leaves nothing in Redis or in the store, counts exactly, and touches no neighbour', async () => {
    const ours = await plant(queue, objects, 'louis')
    const neighbour = await plant(queue, objects, 'louis-2', 'y')
    // What is owed of a job whose record does not tell of it any more.
    const [outbox = ''] = await raw.keys('*:outbox')
    const [owed = ''] = (await raw.zrange(outbox, '0', '-1')).filter((entry) => entry.includes('"tenant":"louis"'))
    await raw.zadd(outbox, '1', owed.replace(/job_[0-9a-z]+/, `job_n1bydn77${'0'.repeat(26)}`))
    expect((await left(ours.marks)).length).toBeGreaterThan(ours.marks.length)
    expect(await raw.keys('*:idem:*')).toHaveLength(12)
    const before = await viewOf(neighbour, ours)
    const places = await placesOfAll(neighbour)

    const { id, counted } = await begin('louis')
    expect(counted).toMatchObject({
      ...{ status: 'done', dry_run: true, tenant: null, metadata_names: null, waiting: 0 },
      counts: { jobs: 5, deliveries: 3, files: 2, blobs: 3, keys: 1, endpoints: 1, usage: 1 },
    })
    await eraserOf().round()
    expect(await read(id)).toMatchObject({ status: 'running', tenant: 'louis', waiting: 1 })
    // It was told to stop, and does.
    expect(await queue.attempts.beat(ours.running)).toBe('cancel')
    await queue.attempts.stop(ours.running)
    await eraserOf().round()

    const done = await read(id)
    expect(done).toMatchObject({ status: 'done', tenant: null, waiting: 0, dry_run: false })
    expect(done.counts).toEqual(counted.counts)
    expect(await left(ours.marks)).toEqual([])
    // That of a job that was purged before: a digest, until its day is over.
    expect(await raw.keys('*:idem:*')).toHaveLength(7)
    expect(before.length).toBeGreaterThan(20)
    expect(await viewOf(neighbour, ours)).toEqual(expect.arrayContaining(before))
    expect(await placesOfAll(neighbour)).toEqual(places)
    const { entries } = await queue.audit.list({ order: 'desc', limit: 10, tenant: 'louis' })
    expect(entries).toMatchObject([{ action: 'tenant.erased', by: null, subject: id, after: done.counts }])
  })

  it('ends its keys first, and keeps nothing that is still on its way', async () => {
    const { key } = await plant(queue, objects, 'louis')
    const { id } = await begin('louis')
    await raw.hincrby(`{mr:erasures}:note:${id}`, 'created_at', 9000)
    await eraserOf().round()
    expect((await queue.keys.get(key))?.revokedMs).not.toBeNull()
    // Nothing is erased before every process has heard that.
    expect((await read(id)).counts).toMatchObject({ jobs: 0 })
    const late = newJob({ tenant: 'louis', model: 'ocr' })
    expect(await queue.jobs.submit(late)).toEqual({ outcome: 'barred' })
    const blob = { object: 'o', size: 1, sha256: '0'.repeat(64) }
    expect(await queue.files.keep('louis', late.id, blob)).toEqual({ outcome: 'gone' })
    const made = { id: 'k'.repeat(16), digest: '', tenant: 'louis', name: '', scopes: [], models: null }
    expect(await queue.keys.create({ ...made, createdBy: null, expiresMs: null })).toBe('barred')
    expect(await queue.jobs.submit(newJob({ tenant: 'louis-2', model: 'ocr' }))).toMatchObject({ outcome: 'created' })
  })

  it('leaves nothing to a zombie: its job is gone, so its end is refused', async () => {
    const { running, marks } = await plant(queue, objects, 'louis')
    const { id } = await begin('louis')
    await eraserOf().round()
    // Its worker was lost: its lease ends, and it is canceled by upkeep.
    const [lease = ''] = await raw.keys('*:lease')
    await raw.zadd(lease, '1000', running.id)
    await raw.del(lease.replace(/lease$/, 'heard'), lease.replace(/lease$/, 'silence'))
    await queue.upkeep.reconcile('ocr')
    await eraserOf().round()
    expect(await read(id)).toMatchObject({ status: 'done', counts: { jobs: 5 } })
    const output = { value: { inline: '"late"' }, files: [] }
    expect(await queue.attempts.succeed(running, { output, runSeconds: 1 })).toEqual({ outcome: 'fenced' })
    expect(await left(marks)).toEqual([])
  })

  it('asks to be counted first, the same and not long ago', async () => {
    const erase = (change: object) => queue.erasures.begin({ tenant: 'louis', dry_run: false, ...change })
    await plant(queue, objects, 'louis')
    const { id: counted } = await count('louis')
    const uncounted = { outcome: 'uncounted' }
    expect(await erase({})).toEqual(uncounted)
    expect(await erase({ counted, tenant: 'louis-2' })).toEqual(uncounted)
    expect(await erase({ counted, metadata: { customer: 'x' } })).toEqual(uncounted)
    const real = await erase({ counted })
    expect(real).toMatchObject({ outcome: 'begun' })
    expect(await erase({ counted: 'id' in real ? real.id : '' })).toEqual(uncounted)
    await raw.hset(`{mr:erasures}:note:${counted}`, 'done_at', Date.now() - 2 * 86_400_000)
    expect(await erase({ counted })).toEqual(uncounted)
  })
})

describe('the erasure of the jobs with some metadata', () => {
  it('takes those with their files, deliveries and events, and leaves all else of the tenant', async () => {
    const { jobs, running, key, marks } = await plant(queue, objects, 'louis')
    const other = await recordOf(queue, jobs.other)
    const { id, counted } = await begin('louis', { customer: 'x' })
    expect(counted.counts).toEqual({ jobs: 4, deliveries: 2, files: 0, blobs: 0, keys: 0, endpoints: 0, usage: 0 })
    await eraserOf().round()
    await queue.attempts.stop(running)
    await eraserOf().round()
    expect(await read(id)).toMatchObject({ status: 'done', metadata_names: ['customer'], counts: counted.counts })
    const { other: _, ...gone } = jobs
    expect(await left(Object.values(gone).map((job) => job.slice(-20)))).toEqual(
      expect.not.arrayContaining([expect.stringMatching(/^jobs\/|:job:|events:|told:|delivery:/)]),
    )
    // A filter that names the customer goes too.
    const actions = await left(marks.filter((mark) => /^mark-(other-)?action-/.test(mark)))
    expect(actions).toEqual([expect.stringMatching(/mark-other-action-/)])
    expect(await recordOf(queue, jobs.other)).toEqual(other)
    expect((await queue.keys.get(key))?.revokedMs).toBeNull()
    const { deliveries } = await queue.webhooks.deliveries.list({ tenant: 'louis', limit: 50 })
    expect(deliveries).toMatchObject([{ job_id: null }])
    expect(await queue.jobs.submit(newJob({ tenant: 'louis', model: 'ocr' }))).toMatchObject({ outcome: 'created' })
  })
})

describe('an erasure that is disturbed', () => {
  /** Every call of the parts of an eraser, counted; those after the given one fail. */
  function dying(after: number, of: Queue): { deps: Partial<EraserDeps>; calls: () => number } {
    let calls = 0
    const mortal = <T extends object>(part: T): T =>
      new Proxy(part, {
        get(target, name) {
          const member: unknown = Reflect.get(target, name)
          if (typeof member !== 'function') return member
          return async (...args: unknown[]) => {
            if (++calls > after) throw new StorageError('unavailable', 'killed')
            return Reflect.apply(member, target, args) as unknown
          }
        },
      })
    const deps = {
      ...{ erasures: mortal(of.erasures), jobs: mortal(of.upkeep), files: mortal(of.files) },
      ...{ objects: mortal(objects), audit: mortal(of.audit) },
    }
    return { deps, calls: () => calls }
  }

  it('goes on after the end of its process at any step, in another one, and counts each thing once', async () => {
    const second = openTestQueue(redis.url)
    try {
      let steps = 40
      for (let after = 1; after < steps; after += 11) {
        await raw.flushall()
        await queue.models.publish(plantedModel, 'w_1', 1)
        const { marks, running } = await plant(queue, objects, 'louis')
        const { id, counted } = await begin('louis')
        await queue.attempts.stop(running)
        const { deps, calls } = dying(after, queue)
        await eraserOf(deps)
          .round()
          .catch(() => undefined)
        steps = Math.max(steps, calls())
        const other = eraserOf({}, second)
        // While the lease of the dead one holds, nobody else goes on.
        await other.round()
        await raw.del(`{mr:erasures}:taken:${id}`)
        await other.round()
        const done = await read(id)
        expect([after, done.status, done.counts]).toEqual([...[after, 'done', counted.counts]])
        expect([after, await left(marks)]).toEqual([after, []])
      }
    } finally {
      await second.close()
    }
  })

  it('waits for an object store that fails, and for one that is not this Redis’ own', async () => {
    const { marks, running } = await plant(queue, objects, 'louis')
    const { id, counted } = await begin('louis')
    await queue.attempts.stop(running)
    let faults = 3
    const failing = new Proxy(objects, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name)
        if (typeof member !== 'function') return member
        return (...args: unknown[]) => {
          const isDelete = name === 'delete' || name === 'deletePrefix'
          if (isDelete && faults-- > 0) return Promise.reject(new StorageError('unavailable', 'away'))
          return Reflect.apply(member, target, args) as unknown
        }
      },
    })
    const told: unknown[] = []
    const eraser = eraserOf({ objects: failing, logFault: (text) => told.push(text) })
    for (let rounds = 0; rounds < 5; rounds++) await eraser.round()
    expect(told.length).toBeGreaterThan(0)
    expect(await read(id)).toMatchObject({ status: 'done', counts: { jobs: counted.counts.jobs } })
    expect(await left(marks)).toEqual([])

    await plant(queue, objects, 'beta')
    const foreign = await begin('beta')
    const elsewhere = eraserOf({ ownedSince: async () => undefined })
    const inStore = await allOfStore(objects)
    await elsewhere.round()
    expect((await read(foreign.id)).status).toBe('running')
    expect(inStore.size).toBeGreaterThan(0)
  })
})
