import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StoredFile } from '@millrace/contracts'
import { type KeptFile, newJobId, newObjectName, newUploadId, type Queue } from '@millrace/queue'
import { dropHold, FolderStore, type ObjectStore, purgeJob, storeBlob } from '@millrace/storage'
import { Sweeper } from '@millrace/worker'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Killed, mortal } from '../../support/mortal.ts'
import { newJob, openTestQueue, silent } from '../../support/open-test-queue.ts'
import { startRedis, type TestRedis } from '../../support/servers/redis-server.ts'

/**
 * Random histories of uploads, submits, deletes, purges and sweeps, each killed between any two of its calls, against real
 * Redis and a real folder. Whatever was killed: what is referenced is there, and what is not goes in the end.
 */

const RUNS = 200
const TENANT = 'anna'

let server: TestRedis
let queue: Queue
let raw: Redis

beforeAll(async () => {
  server = await startRedis({ appendonly: false })
  queue = openTestQueue(server.url, { fileSeconds: 0 })
  raw = new Redis(server.url)
})
afterAll(async () => {
  await queue.close()
  raw.disconnect()
  await server.stop()
})

interface World {
  objects: FolderStore
  files: string[]
  jobs: string[]
}

interface Hands {
  files: Queue['files']
  jobs: Queue['jobs']
  objects: ObjectStore
  world: World
}

type Act = (hands: Hands, pick: number) => Promise<void>

const bytesOf = (pick: number) => Buffer.from(`content ${pick % 3}`)
const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
const rules = { contentType: 'text/plain', maxPixels: 1 }
const deleted = ({ files }: Hands) => ({ deleted: (keys: readonly string[]) => files.deleted(TENANT, keys) })

const upload: Act = async (hands, pick) => {
  const { files, objects, world } = hands
  const id = newUploadId(TENANT)
  world.files.push(id)
  const keep = (blob: Parameters<typeof files.keepFile>[2]) =>
    files.keepFile(TENANT, id, blob, { name: 'a.txt', contentType: 'text/plain' })
  const register = { tenant: TENANT, keep, ...deleted(hands) }
  await storeBlob(objects, register, { object: newObjectName(), body: bytesOf(pick), rules })
}

const announce: Act = async ({ files, objects, world }, pick) => {
  const [id, object, bytes] = [newUploadId(TENANT), newObjectName(), bytesOf(pick)]
  world.files.push(id)
  const facts = { name: 'a.txt', contentType: 'text/plain', size: bytes.length, sha256: hashOf(bytes) }
  await files.announce(TENANT, { id, object, upload: undefined, ...facts })
  await objects.put(`blobs/${TENANT}/${object}`, bytes, { contentType: 'text/plain' })
  await files.keepFile(TENANT, id, { object, ...facts }, { ...facts, announced: true })
}

/** With a part of its own and, when there is one, an uploaded file; killed before or after the record is kept. */
const submit: Act = async (hands, pick) => {
  const { files, jobs, objects, world } = hands
  const id = newJobId('echo')
  const register = {
    tenant: TENANT,
    keep: (blob: Parameters<typeof files.keep>[2]) => files.keep(TENANT, id, blob),
    ...deleted(hands),
  }
  const body = { object: newObjectName(), body: bytesOf(pick), rules }
  const { contentType, ...part } = await storeBlob(objects, register, body)
  const file = (n: number, blob: { key: string; size: number; sha256: string }): StoredFile => ({
    ...{ ...blob, id: `file_${id.slice(4)}_i${n}`, pointer: `/${n}`, name: 'a.txt', content_type: contentType },
  })
  const used = world.files[pick % Math.max(1, world.files.length)]
  const held = await files.hold(TENANT, id, [part.sha256], used === undefined ? [] : [used])
  if (held.outcome === 'lost') throw new Error('a part was swept before its submit')
  const uploaded = held.outcome === 'held' ? held.files : []
  const inputFiles = [file(0, part), ...uploaded.map((one, n) => file(n + 1, one))]
  const refused = pick % 5 === 0
  if (!refused) {
    world.jobs.push(id)
    await jobs.submit(newJob({ id, tenant: TENANT, input: { value: { inline: '{}' }, files: inputFiles } }))
    return
  }
  await dropHold(hands, TENANT, id)
}

const purge: Act = async (hands, pick) => {
  const id = hands.world.jobs[pick % Math.max(1, hands.world.jobs.length)]
  if (id !== undefined) await purgeJob(hands, { id, tenant: TENANT })
}

const remove: Act = async (hands, pick) => {
  const id = hands.world.files[pick % Math.max(1, hands.world.files.length)]
  if (id !== undefined) await dropHold(hands, TENANT, id)
}

const sweeperOf = ({ files, objects }: Pick<Hands, 'files' | 'objects'>) =>
  new Sweeper({
    ...{ worker: 'w', files, jobs: queue.upkeep, objects, logger: silent, logFault: () => undefined },
    ownedSince: async () => 0,
    // Nothing is too young: whatever a killed process left is found at once.
    pace: { graceMs: -1000, walkEveryMs: 0 },
  })

const sweep: Act = (hands) => sweeperOf(hands).round()

const acts = { upload, announce, submit, purge, remove, sweep }

/** What a reader of the records would ask the store for. */
async function checkReferenced({ objects, files, jobs }: World): Promise<void> {
  const there = async (file: { key: string; sha256: string }) =>
    hashOf(Buffer.concat(await (await objects.get(file.key)).toArray())) === file.sha256
  for (const id of jobs) {
    const found = await queue.upkeep.get(id)
    if (found.outcome !== 'found') continue
    for (const file of found.record.input_files) expect(await there(file as StoredFile), `a file of ${id}`).toBe(true)
  }
  for (const id of files) {
    const file = await queue.files.get(id, 'signed')
    if (file?.status === 'ready') expect(await there(file as KeptFile), id).toBe(true)
  }
}

/** What is counted for the tenant is what it has. */
async function checkCounted(): Promise<void> {
  const sizesOf = async (pattern: string, field: string) =>
    Promise.all((await raw.keys(pattern)).map(async (key) => Number((await raw.hget(key, field)) ?? 0)))
  const sizes = [...(await sizesOf('*:blob:*', 'size')), ...(await sizesOf('*:file:*', 'announced'))]
  const [counted] = await sizesOf(`*:${TENANT}:sums`, 'bytes')
  expect(counted ?? 0, 'bytes').toBe(sizes.reduce((sum, size) => sum + size, 0))
}

async function checkNothingLeft({ objects, jobs }: World): Promise<void> {
  const hands = { files: queue.files, objects }
  for (const id of jobs) {
    await purgeJob({ ...hands, jobs: queue.jobs }, { id, tenant: TENANT })
  }
  await sweeperOf(hands).round()
  await sweeperOf(hands).round()
  const left: string[] = []
  for await (const key of objects.list('')) left.push(key)
  expect(left).toEqual([])
  // What was given up is remembered for a while.
  expect((await raw.keys('{mr:files:*')).filter((key) => !/:(dead:|given_up$)/.test(key))).toEqual([])
}

it(`keeps what is referenced and loses the rest in ${RUNS} random histories with kills`, {
  timeout: 240_000,
}, async () => {
  const step = fc.record({
    act: fc.constantFrom(...(Object.keys(acts) as (keyof typeof acts)[])),
    pick: fc.nat(30),
    // Most live; the others die before one of their calls.
    calls: fc.oneof({ weight: 3, arbitrary: fc.constant(1000) }, { weight: 2, arbitrary: fc.nat(8) }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 16 }), async (history) => {
      await raw.flushall()
      await raw.sadd('mr:file-tenants', TENANT)
      const folder = await mkdtemp(join(tmpdir(), 'millrace-files-'))
      const objects = await FolderStore.open(folder)
      const world: World = { objects, files: [], jobs: [] }
      for (const { act, pick, calls } of history) {
        const life = { calls }
        const hands: Hands = {
          ...{
            files: mortal(queue.files, life),
            jobs: mortal(queue.jobs, life),
            objects: mortal<ObjectStore>(objects, life),
          },
          world,
        }
        await acts[act](hands, pick).catch((error: unknown) => {
          if (!(error instanceof Killed)) throw error
        })
        await checkReferenced(world)
        await checkCounted()
      }
      await checkNothingLeft(world)
      await rm(folder, { recursive: true, force: true })
    }),
    { numRuns: RUNS, endOnFailure: true },
  )
})
