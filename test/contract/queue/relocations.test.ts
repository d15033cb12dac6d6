import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type JobId,
  type Manifest,
  manifestSchema,
  type ReadRelocationRequest,
  type Relocation,
} from '@millrace/contracts'
import { lineOfContract, linesOf, lineOfVersion, type NewJob, type Queue } from '@millrace/queue'
import { FolderStore } from '@millrace/storage'
import { Relocator } from '@millrace/worker'
import { afterAll, beforeEach, expect, it } from 'vitest'
import { newJob, openTestQueue } from '../../support/open-test-queue.ts'
import { openQueueStand } from '../../support/open-queue-stand.ts'
import { recordOf } from '../../support/record-and-events.ts'
import { takeJobs } from '../../support/take-jobs.ts'
import { until } from '../../support/until.ts'

/** Moving jobs that wait to another version: which are moved, what they keep, and what becomes of it when whoever does it dies. */

const MODEL = 'moved'
const { raw, redis, queue } = await openQueueStand()
const folder = await mkdtemp(join(tmpdir(), 'millrace-moves-'))
const objects = await FolderStore.open(folder)
afterAll(() => rm(folder, { recursive: true, force: true }))
const prefix = `{mr:${newJob({ model: MODEL }).id.slice(4, 12)}}:`

beforeEach(() => raw.flushall())

const manifest = (version: string, properties: object): Manifest =>
  manifestSchema.parse({
    ...{ name: MODEL, version, input_schema: { type: 'object', properties }, output_schema: { type: 'string' } },
  })
const old = manifest('1', { a: { type: 'string' } })
const next = manifest('2', { a: { type: 'string', maxLength: 3 }, b: { type: 'number', default: 7 } })
const CONTRACT = lineOfContract(old, 'prediction')
const TARGET = lineOfContract(next, 'prediction')

async function submit(change: Partial<NewJob> = {}): Promise<JobId> {
  const job = newJob({ model: MODEL, version: '1', line: CONTRACT, ...inline({ a: 'x' }), ...change })
  await queue.jobs.submit(job)
  return job.id
}
const inline = (value: object): Pick<NewJob, 'input'> => ({
  input: { value: { inline: JSON.stringify(value) }, files: [] },
})

const relocatorOf = ({ relocations, upkeep }: Queue) => new Relocator({ relocations, jobs: upkeep, objects })
const relocator = relocatorOf(queue)

type From = ReadRelocationRequest['from']
const FREE: From = { contract: CONTRACT.slice(2) }
const begin = (from: From = FREE, dry_run = false) =>
  queue.relocations.begin(MODEL, { from, to: next.version, dry_run }, next)
const read = async (id: string): Promise<Relocation> => (await queue.relocations.get(MODEL, id))!

async function moveAll(from?: From, isDry?: boolean): Promise<Relocation> {
  const id = await begin(from, isDry)
  while (await relocator.page(MODEL));
  return read(id)
}

const take = async (by: Manifest, places = 10) =>
  (await takeJobs(queue, MODEL, { lines: linesOf(by), version: by.version, places, alone: false })).records

it('moves what fits, with defaults, rank and deadline kept, and tells what does not', async () => {
  const low = await submit({ priority: 'low' })
  const wrong = await submit(inline({ a: 'too long' }))
  const high = await submit({ priority: 'high' })
  const pinned = await submit({ line: lineOfVersion('1') })
  const before = await recordOf(queue, low)
  const told = await moveAll()
  expect(told).toMatchObject({ status: 'done', moved: 2, unfit: 1, dry_run: false, from: FREE, to: '2' })
  expect(told.misfits).toEqual([{ job: wrong, path: '/input/a', message: expect.stringContaining('3') as string }])
  const after = await recordOf(queue, low)
  expect(after).toMatchObject({ version: '2', line: TARGET, status: 'queued', expires_at: before.expires_at })
  expect(after.input).toEqual({ inline: '{"a":"x","b":7}' })
  expect(after.revision).toBeGreaterThan(before.revision)
  const depths = ['high', 'low'].flatMap((name) => [CONTRACT, TARGET].map((line) => `${prefix}${name}:${line}`))
  expect(await Promise.all(depths.map((key) => raw.scard(key))), 'by priority').toEqual([0, 1, 0, 1])
  expect((await take(next)).map(({ id }) => id)).toEqual([high, low])
  expect((await take(old)).map(({ id }) => id).sort()).toEqual([wrong, pinned].sort())
  expect(await raw.hgetall(`${prefix}lines`)).toEqual({ [CONTRACT]: '0', [TARGET]: '0', 'v:1': '0' })
})

it('moves pinned jobs only when their version is said, and then pins them to the other one', async () => {
  const [free, pinned] = [await submit(), await submit({ line: lineOfVersion('1'), routed: true })]
  expect(await moveAll({ version: '1' })).toMatchObject({ moved: 1, unfit: 0 })
  expect(await recordOf(queue, pinned)).toMatchObject({ line: 'v:2', version: '2', routed: false })
  expect(await recordOf(queue, free)).toMatchObject({ line: CONTRACT, version: '1' })
})

it('counts and moves nothing when it is only tried', async () => {
  const [id] = [await submit(), await submit(inline({ a: 'too long' }))]
  expect(await moveAll(FREE, true)).toMatchObject({ dry_run: true, moved: 1, unfit: 1 })
  expect(await recordOf(queue, id)).toMatchObject({ line: CONTRACT, version: '1', input: { inline: '{"a":"x"}' } })
  expect(await moveAll()).toMatchObject({ moved: 1, unfit: 1 })
})

it('moves what waits for its time, or alone, to where it waits the same way', async () => {
  const runAt = Date.now() + 3_600_000
  const later = await submit({ runAt })
  const suspect = await submit()
  await raw.hset(`${prefix}job:${suspect}`, 'lost', '1')
  await raw.zrem(`${prefix}wait:${CONTRACT}:default`, suspect)
  await raw.zrem(`${prefix}turn:${CONTRACT}`, 'default')
  await raw.zadd(`${prefix}suspect:${CONTRACT}`, 1, suspect)
  expect(await moveAll()).toMatchObject({ moved: 2 })
  expect(await raw.zscore(`${prefix}later`, later)).toBe(String(runAt))
  expect(await raw.zrange(`${prefix}suspect:${TARGET}`, '0', '-1')).toEqual([suspect])
  expect(await raw.exists(`${prefix}suspect:${CONTRACT}`)).toBe(0)
})

it('leaves alone what runs, what ran meanwhile, and what came later', async () => {
  const [running, back] = [await submit(), await submit()]
  const id = await begin()
  const page = (await queue.relocations.page(MODEL))!
  expect(page.jobs).toHaveLength(2)
  const fits = page.jobs.map((job) => ({ id: job, revision: 0, line: TARGET }))
  const records = await take(old)
  const hold = records.find((one) => one.id === back)!
  await queue.attempts.release({ id: back, fence: hold.fence }, false)
  const after = await submit()
  await queue.relocations.done(MODEL, page, fits, [])
  expect(await read(id)).toMatchObject({ status: 'done', moved: 0, unfit: 0 })
  for (const job of [running, back, after]) expect(await recordOf(queue, job)).toMatchObject({ line: CONTRACT })
})

it('goes on where it was when whoever did it is gone, and counts each once', async () => {
  const all: JobId[] = []
  // Many with the same deadline, so that pages end among them.
  await Promise.all(
    Array.from({ length: 130 }, async (_, n) => all.push(await submit(inline({ a: n % 10 ? 'x' : 'long one' })))),
  )
  const id = await begin()
  expect(await queue.upkeep.reconcile(MODEL)).toMatchObject({ relocates: true })
  const dying = openTestQueue(redis.url)
  const theirs = relocatorOf(dying)
  expect(await theirs.page(MODEL)).toBe(true)
  // It has the next page when it dies: nobody else is given that at once.
  const held = (await dying.relocations.page(MODEL))!
  expect(held.jobs).toHaveLength(50)
  expect(await queue.relocations.page(MODEL)).toBeUndefined()
  const halfway = await read(id)
  expect([halfway.status, halfway.moved + halfway.unfit]).toEqual(['running', 50])
  await until('its time is over', async () => (await raw.exists(`${prefix}relocating`)) === 0)
  while (await relocator.page(MODEL));
  // It was not dead at all, and comes back.
  const fits = held.jobs.map((job) => ({ id: job, revision: 0, line: 'v:nowhere' }))
  await dying.relocations.done(MODEL, held, fits, [])
  await dying.close()
  const told = await read(id)
  expect(told).toMatchObject({ status: 'done', moved: 117, unfit: 13 })
  expect(told.misfits).toHaveLength(10)
  expect(new Set(told.misfits.map(({ job }) => job)).size).toBe(10)
  const lines = await Promise.all(all.map(async (job) => (await recordOf(queue, job)).line))
  expect([lines.filter((line) => line === TARGET).length, lines.filter((line) => line === CONTRACT).length]).toEqual([
    117, 13,
  ])
  expect(await queue.upkeep.reconcile(MODEL)).toMatchObject({ relocates: false })
})

it('reads a large input in the object store, and writes it anew with the defaults', async () => {
  const text = JSON.stringify({ a: 'x', filler: 'y'.repeat(40_000) })
  const stored = async (key: string) => {
    const { size, sha256 } = await objects.put(key, Buffer.from(text), { contentType: 'application/json' })
    return { stored: { key, size, sha256 } }
  }
  const open = manifest('2', { a: { type: 'string' }, filler: { type: 'string' }, b: { default: 7 } })
  const job = await submit({ input: { value: await stored('jobs/default/x/in/one.json'), files: [] } })
  const huge = await submit({
    input: { value: { stored: { key: 'jobs/none', size: 1e9, sha256: '0'.repeat(64) } }, files: [] },
  })
  const lost = await submit({
    input: { value: { stored: { key: 'jobs/none', size: 9, sha256: '0'.repeat(64) } }, files: [] },
  })
  const id = await queue.relocations.begin(MODEL, { from: FREE, to: '2', dry_run: false }, open)
  while (await relocator.page(MODEL));
  expect(await read(id)).toMatchObject({ moved: 1, unfit: 2 })
  const { input } = await recordOf(queue, job)
  if (!('stored' in input)) throw new Error('it is small')
  const written = await new Response((await objects.get(input.stored.key)) as never).json()
  expect(written).toMatchObject({ a: 'x', b: 7 })
  for (const one of [huge, lost]) expect(await recordOf(queue, one)).toMatchObject({ line: CONTRACT })
})

it('checks files by their places, and gives those that are to be fetched the types of that version', async () => {
  const image = (version: string, accept: string) =>
    manifest(version, { picture: { format: 'file', contentMediaType: accept }, note: { type: 'string' } })
  const linked = (pointer: string): Partial<NewJob> => ({
    input: {
      value: { inline: '{"picture":null,"note":null}' },
      files: [{ id: 'in_1', pointer, url: 'https://example.com/a', accept: 'image/png' }],
    },
  })
  const [right, wrong] = [await submit({ ...linked('/picture') }), await submit({ ...linked('/note') })]
  await raw.hset(`${prefix}job:${right}`, 'input', JSON.stringify({ inline: '{"picture":null}' }))
  const id = await queue.relocations.begin(MODEL, { from: FREE, to: '2', dry_run: false }, image('2', 'image/jpeg'))
  while (await relocator.page(MODEL));
  expect(await read(id)).toMatchObject({ moved: 1, unfit: 1, misfits: [{ job: wrong }] })
  expect((await recordOf(queue, right)).input_files).toMatchObject([{ pointer: '/picture', accept: 'image/jpeg' }])
})
