/** Which Redis a store belongs to, on real ones: what is deleted from a store is decided by the right Redis alone. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { blobKey, jobPrefix } from '@millrace/contracts'
import { newJobId, newObjectName, type Queue } from '@millrace/queue'
import { adoptStore, checkDataSet, FolderStore, type ObjectStore, rememberCount, StoreWatch } from '@millrace/storage'
import { Sweeper } from '@millrace/worker'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { newJob, openTestQueue, silent } from '../../support/open-test-queue.ts'
import { startRedis, type TestRedis } from '../../support/servers/redis-server.ts'

let server: TestRedis
let raw: Redis
let folder: string
let objects: ObjectStore
const queues: Queue[] = []

/** Each number is a Redis of its own. */
function redisOf(number: number): Queue {
  const queue = openTestQueue(`${server.url}/${number}`)
  queues.push(queue)
  return queue
}

beforeAll(async () => {
  server = await startRedis({ appendonly: false })
  raw = new Redis(server.url)
})
beforeEach(async () => {
  await raw.flushall()
  folder = mkdtempSync(join(tmpdir(), 'millrace-data-set-'))
  objects = await FolderStore.open(folder)
})
afterEach(async () => {
  for (const queue of queues.splice(0)) await queue.close()
  rmSync(folder, { recursive: true })
})
afterAll(async () => {
  raw.disconnect()
  await server.stop()
})

const put = (key: string, store = objects) => store.put(key, Buffer.from('x'), { contentType: 'text/plain' })
const check = ({ dataSet }: Queue, store = objects) => checkDataSet(store, dataSet)
const keys = async (store = objects) => {
  const found: string[] = []
  for (const prefix of ['blobs/', 'jobs/']) for await (const key of store.list(prefix)) found.push(key)
  return found.toSorted()
}

/** A blob and an output of a job that this Redis knows. */
async function fill({ files, jobs }: Queue): Promise<string[]> {
  const job = newJob()
  await jobs.submit(job)
  const object = newObjectName()
  await files.keep('default', job.id, { object, size: 1, sha256: 'a'.repeat(64) })
  const all = [blobKey('default', object), `${jobPrefix('default', job.id)}in/input.json`]
  for (const key of all) await put(key)
  return all
}

/** A sweep for which nothing is too young, as a worker on this Redis makes it. */
async function sweep(queue: Queue, store = objects): Promise<StoreWatch> {
  const watch = new StoreWatch({
    ...{ objects: store, memory: queue.dataSet, config: { dataDir: folder }, logger: silent },
    unreadyOn: ['foreign', 'blank', 'older', 'elsewhere', 'unmarked'],
  })
  await watch.start()
  await watch.stop(0)
  await new Sweeper({
    ...{ worker: 'w', files: queue.files, jobs: queue.upkeep, objects: store, logger: silent },
    logFault: (_, error) => {
      throw error
    },
    ownedSince: () => watch.ownedSince(),
    pace: { graceMs: -1000, walkEveryMs: 0 },
  }).round()
  return watch
}

it('needs nothing for a first start, and says yes to the same Redis for ever', async () => {
  const own = redisOf(1)
  expect(await check(own)).toEqual({ fault: null, since: 0 })
  await fill(own)
  expect(await check(own)).toEqual({ fault: null, since: 0 })
  const orphan = blobKey('default', newObjectName())
  await put(orphan)
  expect((await sweep(own)).reasons).toEqual([])
  expect(await keys()).not.toContain(orphan)
  expect(await keys()).toHaveLength(2)
})

it('makes one mark when many processes start at once', async () => {
  const all = await Promise.all(Array.from({ length: 8 }, () => check(redisOf(1))))
  expect(new Set(all.map(({ fault }) => fault))).toEqual(new Set([null]))
})

it('deletes nothing for an empty Redis beside a full store', async () => {
  const known = await fill(redisOf(1))
  await check(redisOf(1))
  const watch = await sweep(redisOf(2))
  expect(watch.reasons).toEqual([expect.stringMatching(/knows nothing of.*came back empty.*millrace adopt/)])
  expect(await keys()).toEqual(known.toSorted())
})

it('deletes nothing for another Redis, whatever that has of its own', async () => {
  const known = await fill(redisOf(1))
  await check(redisOf(1))
  const other = mkdtempSync(join(tmpdir(), 'millrace-data-set-'))
  await check(redisOf(2), await FolderStore.open(other))
  await fill(redisOf(2))
  const before = await keys()
  const watch = await sweep(redisOf(2))
  expect(watch.reasons).toEqual([expect.stringMatching(/belongs to another Redis/)])
  expect(await keys()).toEqual(before)
  expect(before).toEqual(expect.arrayContaining(known))
  rmSync(other, { recursive: true })
})

it('tells a Redis that came back empty while the worker runs', async () => {
  const own = redisOf(1)
  const known = await fill(own)
  expect((await sweep(own)).reasons).toEqual([])
  await raw.flushall()
  expect((await sweep(own)).reasons).toEqual([expect.stringMatching(/came back empty/)])
  expect(await keys()).toEqual(known.toSorted())
})

it('tells a Redis that came back older than the store remembers', async () => {
  const own = redisOf(1)
  await check(own)
  await fill(own)
  const backup = await dump(1)
  for (let round = 0; round < 3; round++) await own.dataSet.advance()
  await rememberCount(objects, own.dataSet)
  expect(await check(own)).toMatchObject({ fault: null })
  await raw.flushall()
  await restore(1, backup)
  const before = await keys()
  expect((await sweep(own)).reasons).toEqual([expect.stringMatching(/older than it was.*millrace adopt/)])
  expect(await keys()).toEqual(before)
})

it('tells a store that is not the one of this Redis, also when that one is empty', async () => {
  const own = redisOf(1)
  await check(own)
  const other = mkdtempSync(join(tmpdir(), 'millrace-data-set-'))
  const elsewhere = await FolderStore.open(other)
  expect(await check(own, elsewhere)).toMatchObject({ fault: 'elsewhere' })
  await put(blobKey('default', newObjectName()), elsewhere)
  const before = await keys(elsewhere)
  expect((await sweep(own, elsewhere)).reasons).toEqual([expect.stringMatching(/not the object store in which/)])
  expect(await keys(elsewhere)).toEqual(before)
  rmSync(other, { recursive: true })
})

it('takes on an installation from before there were marks if Redis knows some of it, and spares the rest for a day', async () => {
  const own = redisOf(1)
  const known = await fill(own)
  const strangers = Array.from({ length: 150 }, () => blobKey('default', newObjectName()))
  for (const key of strangers) await put(key)
  const verdict = await check(own)
  expect(verdict).toMatchObject({ fault: null, since: expect.any(Number) })
  expect(Math.abs(('since' in verdict ? verdict.since : 0) - Date.now())).toBeLessThan(60_000)
  await new Sweeper({
    ...{ worker: 'w', files: own.files, jobs: own.upkeep, objects, logger: silent, logFault: () => undefined },
    ownedSince: async () => Date.now(),
    pace: { graceMs: 60_000, walkEveryMs: 0 },
  }).round()
  expect(await keys()).toEqual([...known, ...strangers].toSorted())
})

it('does not take on a store of which Redis knows nothing, until it is adopted', async () => {
  const stranger = `${jobPrefix('default', newJobId('other'))}out/1-a/x.png`
  await put(stranger)
  const own = redisOf(1)
  await fill(redisOf(2))
  const before = await keys()
  await objects.deletePrefix('blobs/')
  for (const key of before.filter((key) => key !== stranger)) await objects.delete(key)
  expect((await sweep(own)).reasons).toEqual([expect.stringMatching(/knows nothing\. Nothing is deleted/)])
  expect(await keys()).toEqual([stranger])

  await adoptStore(objects, own.dataSet)
  expect(await check(own)).toMatchObject({ fault: null })
  expect(await check(redisOf(2))).toMatchObject({ fault: 'blank' })
})

it.each(['blank', 'foreign', 'older', 'elsewhere'])('can be adopted when it is %s', async (fault) => {
  const own = redisOf(1)
  if (fault === 'foreign' || fault === 'blank') await check(redisOf(2))
  if (fault === 'foreign') await own.dataSet.make('its-own')
  if (fault === 'older') {
    await check(own)
    for (let n = 0; n < 3; n++) await own.dataSet.advance()
    await rememberCount(objects, own.dataSet)
    await raw.select(1)
    await raw.hset('mr:data-set', 'count', '1')
  }
  if (fault === 'elsewhere') {
    await check(own)
    await objects.delete('data-set/mark')
  }
  expect(await check(own)).toMatchObject({ fault })
  await adoptStore(objects, own.dataSet)
  expect(await check(own)).toMatchObject({ fault: null })
})

it('takes a mark that cannot be read for that of another', async () => {
  await put('data-set/mark')
  const own = redisOf(1)
  await own.dataSet.make('one')
  expect(await check(own)).toMatchObject({ fault: 'foreign' })
})

it('only looks when it is told to', async () => {
  const own = redisOf(1)
  expect(await checkDataSet(objects, own.dataSet, { mark: false })).toMatchObject({ fault: null })
  expect(await own.dataSet.read()).toBeUndefined()
  expect(await objects.head('data-set/mark')).toBeUndefined()
})

async function dump(db: number): Promise<[string, Buffer][]> {
  await raw.select(db)
  const names = await raw.keys('*')
  return Promise.all(
    names.map(async (name): Promise<[string, Buffer]> => [name, (await raw.dumpBuffer(name)) as Buffer]),
  )
}

async function restore(db: number, dumped: [string, Buffer][]): Promise<void> {
  await raw.select(db)
  for (const [name, bytes] of dumped) await raw.restore(name, 0, bytes)
}
