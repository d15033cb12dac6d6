import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { blobKey } from '@millrace/contracts'
import { newJobId, newObjectName, newUploadId, type Queue } from '@millrace/queue'
import { BlobGoneError, FolderStore, StorageError, storeBlob } from '@millrace/storage'
import { Sweeper } from '@millrace/worker'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newJob, openTestQueue, silent } from '../../support/open-test-queue.ts'
import { openTestRedis } from '../../support/servers/open-test-redis.ts'
import { recordOf } from '../../support/record-and-events.ts'
import { holdJob } from '../../support/take-jobs.ts'

/** Who holds which bytes, on real Redis. */

let stop: () => Promise<void>
let queue: Queue
let redis: Redis
let folder: string
let objects: FolderStore

beforeAll(async () => {
  const opened = await openTestRedis({ appendonly: false })
  stop = opened.stop
  redis = opened.raw
  queue = openTestQueue(opened.url)
  folder = await mkdtemp(join(tmpdir(), 'millrace-files-'))
  objects = await FolderStore.open(folder)
})
afterAll(async () => {
  await queue.close()
  await stop()
  await rm(folder, { recursive: true, force: true })
})

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const written = (text: string) => ({ object: newObjectName(), size: text.length, sha256: sha256(text) })
const FACTS = { name: 'a.txt', contentType: 'text/plain' }
const sweeper = (graceMs: number, more: { perPage?: number; everyMs?: number } = {}) =>
  new Sweeper({
    ...{
      worker: 'w',
      files: queue.files,
      jobs: queue.upkeep,
      objects,
      logger: silent,
      logFault: () => undefined,
      ownedSince: async () => 0,
    },
    pace: { graceMs, walkEveryMs: 0, ...more },
  })

it("shows and gives another tenant's file to nobody, though the bytes are the same", async () => {
  const { files } = queue
  const [mine, theirs] = [newUploadId('anna'), newUploadId('bert')]
  const first = await files.keepFile('anna', mine, written('same'), FACTS)
  const second = await files.keepFile('bert', theirs, written('same'), FACTS)
  if (first.outcome !== 'kept' || second.outcome !== 'kept') throw new Error('not kept')
  expect(first.blob.key).not.toBe(second.blob.key)
  expect(await files.get(mine, { tenant: 'bert' })).toBeUndefined()
  expect(await files.hold('bert', newJobId('echo'), [], [mine])).toEqual({ outcome: 'missing', file: mine })
  expect(await files.adopt('carl', newJobId('echo'), { sha256: sha256('same'), size: 4 })).toBeUndefined()
  expect(await files.release('bert', mine)).toEqual([])
  expect(await files.get(mine, { tenant: 'anna' })).toMatchObject({ status: 'ready', key: first.blob.key })
})

it('does not let a file expire that a job uses, and starts its time anew when none does', async () => {
  const { files } = queue
  const [id, job] = [newUploadId('anna'), newJobId('echo')]
  await files.keepFile('anna', id, written('used'), FACTS)
  const before = await files.get(id, 'signed')
  expect(await files.hold('anna', job, [], [id])).toMatchObject({
    outcome: 'held',
    files: [{ ...FACTS, sha256: sha256('used') }],
  })
  expect(await files.get(id, 'signed')).toMatchObject({ keptUntil: null })
  expect(await files.releaseExpired('anna', id)).toEqual([])
  expect(await files.release('anna', job)).toEqual([])
  const after = await files.get(id, 'signed')
  if (before?.status !== 'ready' || after?.status !== 'ready') throw new Error('not there')
  expect(after.keptUntil ?? 0).toBeGreaterThanOrEqual(before.keptUntil ?? 0)
  expect(Math.abs((before.createdAt ?? 0) - Date.now())).toBeLessThan(60_000)
  // Told again after a lost reply, it is no newer.
  await files.keepFile('anna', id, written('used'), FACTS)
  expect(await files.get(id, 'signed')).toMatchObject({ createdAt: before.createdAt })
})

it('keeps the bytes of a deleted file for as long as a job needs them', async () => {
  const { files } = queue
  const [id, job] = [newUploadId('anna'), newJobId('echo')]
  const blob = written('needed')
  await files.keepFile('anna', id, blob, FACTS)
  await files.hold('anna', job, [], [id])
  expect(await files.release('anna', id)).toEqual([])
  expect(await files.get(id, 'signed')).toBeUndefined()
  expect(await files.release('anna', job)).toEqual([blobKey('anna', blob.object)])
})

it('lists the files of a tenant, the newest first, used or not, also while they are deleted', async () => {
  const { files } = queue
  const ids = [newUploadId('lena'), newUploadId('lena'), newUploadId('lena')]
  for (const [n, id] of ids.entries())
    await files.keepFile('lena', id, written(`listed ${n}`), { ...FACTS, purpose: `${n}` })
  await files.hold('lena', newJobId('echo'), [], [ids[1] ?? ''])
  const [oldest, used, newest] = ids
  const idsOf = async (page: Parameters<typeof files.list>[1]) => {
    const { files: found, more } = await files.list('lena', page)
    return [found.map(({ id }) => id), more]
  }
  expect(await idsOf({ limit: 2 })).toEqual([[newest, used], true])
  expect(await idsOf({ limit: 2, after: used })).toEqual([[oldest], false])
  const [first] = (await files.list('lena', { limit: 1 })).files
  expect(first).toMatchObject({ purpose: '2', createdAt: expect.any(Number) })
  expect((await files.list('bert', { limit: 100 })).files.map(({ id }) => id)).not.toContain(oldest)
  await files.release('lena', newest ?? '')
  expect(await idsOf({ limit: 2, after: newest })).toEqual([[used, oldest], false])
  // Made again under its id, it is as old as it was.
  await files.adoptFile('lena', oldest ?? '', { sha256: sha256('listed 0'), size: 8 }, { ...FACTS, purpose: 'batch' })
  const [, last] = (await files.list('lena', { limit: 2 })).files
  expect(last).toMatchObject({ id: oldest, purpose: 'batch' })
})

it('answers a call that is repeated as if it were the first', async () => {
  const { files } = queue
  const [id, blob] = [newUploadId('anna'), written('twice')]
  expect(await files.keepFile('anna', id, blob, FACTS)).toEqual(await files.keepFile('anna', id, blob, FACTS))
  expect(await files.release('anna', id)).toHaveLength(1)
  expect(await files.release('anna', id)).toEqual([])
})

it('never keeps an object that the sweeper has given up, and never gives up one that is kept', async () => {
  const { files } = queue
  const [late, kept] = [written('late'), written('in time')]
  expect(await files.condemn('anna', late.object)).toBe(true)
  expect(await files.keep('anna', newJobId('echo'), late)).toEqual({ outcome: 'dead' })
  await files.keep('anna', newJobId('echo'), kept)
  expect(await files.condemn('anna', kept.object)).toBe(false)
})

it('tells a submit that took too long that its parts were swept', async () => {
  const { files } = queue
  const [job, blob] = [newJobId('echo'), written('slow')]
  await files.keep('anna', job, blob)
  await files.releaseOld('anna', job, -1000)
  expect(await files.hold('anna', job, [blob.sha256], [])).toEqual({ outcome: 'lost' })
})

it('refuses to complete an upload that was deleted meanwhile', async () => {
  const { files } = queue
  const id = newUploadId('anna')
  const [object, bytes] = [newObjectName(), Buffer.from('too late')]
  await files.announce('anna', { id, object, upload: undefined, ...FACTS, size: 8, sha256: sha256('too late') })
  await files.deleted('anna', await files.release('anna', id))
  const register = {
    tenant: 'anna',
    keep: (blob: Parameters<typeof files.keepFile>[2]) =>
      files.keepFile('anna', id, blob, { ...FACTS, announced: true }),
    deleted: (keys: readonly string[]) => files.deleted('anna', keys),
  }
  const rules = { contentType: 'text/plain', maxPixels: 1 }
  await expect(storeBlob(objects, register, { object, body: bytes, rules })).rejects.toBeInstanceOf(BlobGoneError)
  const other = {
    ...register,
    keep: (blob: Parameters<typeof files.keep>[2]) => files.keep('anna', newJobId('echo'), blob),
  }
  await objects.delete(blobKey('anna', object))
  await expect(storeBlob(objects, other, { object, body: bytes, rules })).rejects.toBeInstanceOf(StorageError)
})

it('sweeps outputs of older fences and jobs that were never kept, and nothing that a job may still name', async () => {
  const { jobs, attempts } = queue
  const [id, never] = [newJobId('echo'), newJobId('echo')]
  await jobs.submit(newJob({ id, tenant: 'anna' }))
  const first = await holdJob(queue, { id, model: 'echo' })
  const kept = { version: '1.0.0', folder: '1-kept', stored_bytes: 1, state: { inline: '1' }, files: [] }
  await attempts.keepCheckpoint(first, kept)
  await attempts.release(first, true)
  await holdJob(queue, { id, model: 'echo' })
  const at = (key: string) => `jobs/anna/${id}/${key}`
  const put = (key: string) => objects.put(key, Buffer.from(key), { contentType: 'text/plain' })
  const may = ['checkpoints/1-kept/0-a', 'checkpoints/2-new/0-a', 'in/input.json', 'out/2-bb/0-a'].map(at)
  const all = [...may, at('checkpoints/1-old/0-a'), at('out/1-aa/0-a'), `jobs/anna/${never}/in/input.json`]
  for (const key of all) await put(key)
  const left = async () => {
    const keys: string[] = []
    for await (const key of objects.list('jobs/')) keys.push(key)
    return keys.sort()
  }
  await sweeper(3_600_000).round()
  expect(await left()).toEqual([...all].sort())
  await sweeper(-1000).round()
  expect(await left()).toEqual(may)
  const stored = { key: at('out/2-bb/0-a'), size: 1, sha256: sha256('x') }
  await put(at('out/2-cc/0-a'))
  await attempts.succeed({ id, fence: 2 }, { output: { value: { stored }, files: [] }, runSeconds: 0 })
  await sweeper(-1000).round()
  expect(await left()).toEqual([at('in/input.json'), at('out/2-bb/0-a')])
})

it('lets one process at a time look through the store', async () => {
  const { files } = queue
  expect(await files.takeTurn('w_1', 60_000)).toBe(true)
  expect(await files.takeTurn('w_2', 60_000)).toBe(false)
  expect(await files.takeTurn('w_1', 60_000)).toBe(true)
  await redis.del('mr:sweeper')
  expect(await files.takeTurn('w_2', 60_000)).toBe(true)
})

it('tries an address that does not answer a few times, with growing delay, then fails the job', async () => {
  const { jobs, attempts } = queue
  const id = newJobId('echo')
  await jobs.submit(newJob({ id, tenant: 'anna' }))
  const delays: unknown[] = []
  for (;;) {
    const error = { code: 'input_unavailable', message: 'no answer', retryable: true } as const
    const hold = await holdJob(queue, { id, model: 'echo' })
    const result = await attempts.fail(hold, { blame: 'source', error })
    if (result.outcome !== 'queued') break
    delays.push(result.delayMs)
    // Its time has come.
    await redis.zadd(`{mr:${id.slice(4, 12)}}:later`, 0, id)
  }
  expect(delays).toEqual([1000, 2000, 4000, 8000, 16_000])
  expect(await recordOf(queue, id)).toMatchObject({
    status: 'failed',
    failures: 0,
    error: { code: 'input_unavailable' },
  })
})

it('writes fetched files into the record for the attempt that holds it, and for no other', async () => {
  const { jobs, attempts } = queue
  const id = newJobId('echo')
  const link = { id: `file_${id.slice(4)}_i0`, pointer: '/a', url: 'https://example.com/a', accept: '' }
  await jobs.submit(newJob({ id, tenant: 'anna', input: { value: { inline: '{}' }, files: [link] } }))
  await holdJob(queue, { id, model: 'echo' })
  const stored = { id: link.id, pointer: '/a', key: 'blobs/anna/x', size: 1, sha256: sha256('a') }
  const file = { ...stored, name: 'a', content_type: 'text/plain' }
  expect(await attempts.resolveInputs({ id, fence: 2 }, [file])).toBe(false)
  expect(await recordOf(queue, id)).toMatchObject({ input_files: [link] })
  expect(await attempts.resolveInputs({ id, fence: 1 }, [file])).toBe(true)
  expect(await recordOf(queue, id)).toMatchObject({ input_files: [file] })
})

it('sweeps page after page in one round, whatever is left over', async () => {
  const { files } = queue
  const prefix = `{mr:files:${newUploadId('sally').slice(5, 13)}}:sally:`
  const put = async (object: string) => objects.put(blobKey('sally', object), Buffer.from('x'), { contentType: 'a/b' })
  const many = Array.from({ length: 35 }, (_, n) => n)
  // Files that nobody used, holds of jobs that were never kept, objects that were dropped, and some that nobody knows.
  for (const n of many) {
    const blobs = [written(`file ${n}`), written(`held ${n}`)] as const
    for (const { object } of blobs) await put(object)
    await files.keepFile('sally', newUploadId('sally'), blobs[0], FACTS)
    await files.keep('sally', newJobId('echo'), blobs[1])
    await put(`dropped${n}`)
    await redis.zadd(`${prefix}trash`, 0, `dropped${n}`)
    for (let i = 0; i < 5; i++) await put(newObjectName())
  }
  for (const set of ['expiring', 'holders']) {
    const all = await redis.zrange(`${prefix}${set}`, '0', '-1')
    await redis.zadd(`${prefix}${set}`, ...all.flatMap((one) => [1, one]))
  }
  await sweeper(0, { perPage: 10 }).round()
  expect(await redis.exists(`${prefix}expiring`, `${prefix}holders`, `${prefix}trash`)).toBe(0)
  const left: string[] = []
  for await (const { key } of objects.listEntries('blobs/sally/')) left.push(key)
  expect(left).toEqual([])
})

it('gives way to what comes next when a round has taken its time', async () => {
  const prefix = `{mr:files:${newUploadId('tess').slice(5, 13)}}:tess:`
  await queue.files.keepFile('tess', newUploadId('tess'), written('of tess'), FACTS)
  await redis.zadd(`${prefix}trash`, ...Array.from({ length: 30 }, (_, n) => [0, `t${n}`]).flat())
  await sweeper(0, { perPage: 10, everyMs: 0 }).round()
  expect(await redis.zcard(`${prefix}trash`)).toBe(20)
})
