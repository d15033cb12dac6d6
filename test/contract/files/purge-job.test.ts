import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inputPrefix, type JobId, jobPrefix, type StoredFile } from '@millrace/contracts'
import { newJobId, newObjectName, newUploadId, type WrittenBlob } from '@millrace/queue'
import { FolderStore, type ObjectStore, purgeJob, storeBlob } from '@millrace/storage'
import { Reconciler, Sweeper } from '@millrace/worker'
import { afterAll, beforeEach, expect, it } from 'vitest'
import { Killed, mortal } from '../../support/mortal.ts'
import { openQueueStand } from '../../support/open-queue-stand.ts'
import { newJob, silent } from '../../support/open-test-queue.ts'
import { recordOf } from '../../support/record-and-events.ts'
import { holdJob } from '../../support/take-jobs.ts'
import { until } from '../../support/until.ts'

/** A purge that dies between any two of its steps, on real Redis and a real folder, and who finishes it. */

const TENANT = 'acme'
const MODEL = 'echo'
/** Record, objects, hold, blob, the word that it is gone, note. */
const STEPS = 6
/** Then the blob is in the trash, of which the job knows nothing any more. */
const HOLD_GONE = 3
const rules = { contentType: 'text/plain', maxPixels: 1 }

const stand = await openQueueStand({ fileSeconds: 3600 })
let folder: string
let objects: ObjectStore

beforeEach(async () => {
  await stand.raw.flushall()
  await stand.raw.sadd('mr:models', MODEL)
  folder = await mkdtemp(join(tmpdir(), 'millrace-purge-'))
  objects = await FolderStore.open(folder)
  return () => rm(folder, { recursive: true, force: true })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A job with an input of its own, a blob that it alone holds, and one that an uploaded file holds as well. */
async function keepJob(): Promise<{ id: JobId; shared: string }> {
  const { files, jobs } = stand.queue
  const [id, upload] = [newJobId(MODEL), newUploadId(TENANT)]
  const registerOf = (keep: (blob: WrittenBlob) => ReturnType<typeof files.keep>) => ({
    ...{ tenant: TENANT, keep, deleted: (keys: readonly string[]) => files.deleted(TENANT, keys) },
  })
  const blobOf = (text: string) => ({ object: newObjectName(), body: Buffer.from(text), rules })
  const facts = { name: 'a.txt', contentType: 'text/plain' }
  const shared = await storeBlob(
    objects,
    registerOf((blob) => files.keepFile(TENANT, upload, blob, facts)),
    blobOf('shared'),
  )
  const own = await storeBlob(
    objects,
    registerOf((blob) => files.keep(TENANT, id, blob)),
    blobOf('own'),
  )
  await files.hold(TENANT, id, [own.sha256], [upload])
  const inputFiles = [own, shared].map(
    ({ contentType, ...blob }, n): StoredFile => ({
      ...{ ...blob, id: `file_${id.slice(4)}_i${n}`, pointer: `/${n}`, name: 'a.txt', content_type: contentType },
    }),
  )
  await objects.put(`${inputPrefix(TENANT, id)}input.json`, Buffer.from('{}'), { contentType: 'application/json' })
  await jobs.submit(newJob({ id, model: MODEL, tenant: TENANT, input: { value: { inline: '{}' }, files: inputFiles } }))
  return { id, shared: shared.key }
}

/** Dies before the step after so many. */
async function purgeUntil(id: JobId, calls: number): Promise<'purged' | 'running' | 'killed'> {
  const life = { calls }
  const { jobs, files } = stand.queue
  const parts = { jobs: mortal(jobs, life), files: mortal(files, life), objects: mortal(objects, life) }
  try {
    return (await purgeJob(parts, { id, tenant: TENANT })).outcome
  } catch (error) {
    if (error instanceof Killed) return 'killed'
    throw error
  }
}

const notes = async () => (await stand.raw.keys('*erasing')).flatMap((key) => stand.raw.zrange(key, '0', '-1'))
const notesLeft = async () => (await Promise.all(await notes())).flat()
const isFound = async (id: JobId) => (await stand.queue.jobs.get(id, { tenant: TENANT })).outcome === 'found'

async function keysBelow(prefix: string): Promise<string[]> {
  const keys: string[] = []
  for await (const key of objects.list(prefix)) keys.push(key)
  return keys
}

/** One round in which nothing is too young. */
const sweep = () =>
  new Sweeper({
    ...{ worker: 'w', files: stand.queue.files, jobs: stand.queue.upkeep, objects, logger: silent },
    ...{ logFault: () => undefined, ownedSince: async () => 0, pace: { graceMs: -1000, walkEveryMs: 0 } },
  }).round()

/** Nothing of the job is left, and all of the uploaded file. */
async function checkGone(id: JobId, shared: string): Promise<void> {
  expect(await isFound(id)).toBe(false)
  expect(await keysBelow(jobPrefix(TENANT, id))).toEqual([])
  expect(await keysBelow('blobs/')).toEqual([shared])
  expect(await notesLeft()).toEqual([])
  expect(await stand.queue.files.release(TENANT, id), 'it holds something').toEqual([])
}

const killedAfter = Array.from({ length: STEPS }, (_, steps) => steps)

it('takes all of a job and nothing of others, in so many steps', async () => {
  const { id, shared } = await keepJob()
  expect(await purgeUntil(id, STEPS)).toBe('purged')
  await checkGone(id, shared)
})

it.each(killedAfter)('killed after %i steps, it leaves a whole job or a note', async (steps) => {
  const { id } = await keepJob()
  expect(await purgeUntil(id, steps)).toBe('killed')
  expect(await isFound(id)).toBe(steps === 0)
  if (steps === 0) {
    expect(await keysBelow(jobPrefix(TENANT, id))).toHaveLength(1)
    expect(await keysBelow('blobs/')).toHaveLength(2)
  }
  expect(await notesLeft()).toEqual(steps === 0 ? [] : [`${id} ${TENANT}`])
})

it.each(killedAfter)('killed after %i steps, it is finished by whoever asks again', async (steps) => {
  const { id, shared } = await keepJob()
  await purgeUntil(id, steps)
  expect(await purgeUntil(id, STEPS)).toBe('purged')
  if (steps === HOLD_GONE) await sweep()
  await checkGone(id, shared)
})

it.each(killedAfter.slice(1))('killed after %i steps, it is finished by the reconciler', async (steps) => {
  const { id, shared } = await keepJob()
  await purgeUntil(id, steps)
  // What the note is for would else be taken for still under way.
  for (const key of await stand.raw.keys('*erasing')) await stand.raw.zadd(key, 1, `${id} ${TENANT}`)
  const faults: string[] = []
  const reconciler = new Reconciler({
    ...{ store: stand.queue.upkeep, files: stand.queue.files, objects, logger: silent, relocate: async () => false },
    ...{ logFault: (message: string) => void faults.push(message), everyMs: 20 },
  })
  await reconciler.start()
  await until('the note is gone', async () => (await notesLeft()).length === 0)
  await reconciler.stop(1000)
  expect(faults).toEqual([])
  if (steps === HOLD_GONE) await sweep()
  await checkGone(id, shared)
})

it('changes nothing of a job that runs', async () => {
  const { id } = await keepJob()
  await holdJob(stand.queue, await recordOf(stand.queue, id))
  expect(await purgeUntil(id, STEPS)).toBe('running')
  expect(await isFound(id)).toBe(true)
  expect(await keysBelow('')).toHaveLength(3)
  expect(await notesLeft()).toEqual([])
})
