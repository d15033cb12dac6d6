import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type JobEvent, type JobId, type JobRecord, jobPrefix } from '@millrace/contracts'
import { type NewJob, type ShelvedLog, toLogged, unpackLog } from '@millrace/queue'
import { FolderStore } from '@millrace/storage'
import { Shelver, type ShelverDeps } from '@millrace/worker'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { newJob } from '../../support/open-test-queue.ts'
import { eventPageOf, eventsOf, recordOf, statusOf } from '../../support/record-and-events.ts'
import { openQueueStand } from '../../support/open-queue-stand.ts'
import { holdJob, ownLine } from '../../support/take-jobs.ts'

const { raw, queue } = await openQueueStand({}, {})
let folder: string
let objects: FolderStore
let shelver: Shelver
const faults: unknown[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-shelf-'))
  objects = await FolderStore.open(folder)
})
beforeEach(async () => {
  await raw.config('SET', 'maxmemory', '0')
  await raw.flushall()
  faults.length = 0
  shelver = create()
})
afterAll(async () => {
  await objects.close()
  await rm(folder, { recursive: true })
})

const create = (change: Partial<ShelverDeps> = {}): Shelver =>
  new Shelver({
    ...{ shelf: queue.shelf, models: async () => ['echo'], objects, logFault: (_message, error) => faults.push(error) },
    ...change,
  })

const crowd = async (): Promise<void> => {
  const used = Number(/used_memory:(\d+)/.exec(await raw.info('memory'))?.[1])
  await raw.config('SET', 'maxmemory', Math.round(used / 1.2))
}

const prefixOf = (id: JobId): string => `{mr:${id.slice(4, 12)}}:`
const recordBytes = (id: JobId) => raw.memory('USAGE', `${prefixOf(id)}job:${id}`, 'SAMPLES', 0)
const logOf = (id: JobId) => eventsOf(queue, id, '', 2000)
const lastEventOf = async (id: JobId): Promise<string> => {
  const snapshot = await queue.jobs.snapshot(id, 'signed')
  return snapshot.outcome === 'found' ? snapshot.lastEventId : snapshot.outcome
}
/** Where its log is, once the beginning of it is on the shelf. */
const shelvedLogOf = async (id: JobId): Promise<ShelvedLog> => {
  const page = await queue.jobs.eventPage(id, 'signed', { after: '', count: 1000 })
  if (page.outcome !== 'shelved') throw new Error(`the log is ${page.outcome}`)
  return page.log
}
async function keysOf(id: JobId): Promise<string[]> {
  const keys: string[] = []
  for await (const key of objects.list(jobPrefix('default', id))) keys.push(key)
  return keys.sort()
}
const lines = (count: number): JobEvent[] =>
  Array.from({ length: count }, (_, i) => ({ type: 'log', level: 'info', message: `${i} ${'ж'.repeat(400)}` }))

interface End {
  events?: JobEvent[]
  output?: string
  as?: 'succeed' | 'fail'
}

async function run(id: JobId, { events = [], output = '"small"', as = 'succeed' }: End): Promise<void> {
  const hold = await holdJob(queue, await recordOf(queue, id))
  await queue.attempts.append(hold, events, 1)
  const kept = { value: { inline: output }, files: [] }
  const error = { code: 'model_error', message: 'no', retryable: true } as const
  if (as === 'fail') await queue.attempts.fail(hold, { blame: 'final', error, runSeconds: 1, partial: kept })
  else await queue.attempts.succeed(hold, { output: kept, runSeconds: 1 })
}

async function ended(end: End, extra: Partial<NewJob> = {}): Promise<JobId> {
  const job = newJob({ line: ownLine(), ...extra })
  await queue.jobs.submit(job)
  await run(job.id, end)
  return job.id
}

async function storedText(value: JobRecord['output']): Promise<string> {
  if (!value || !('stored' in value)) throw new Error('it is not in the store')
  return text(await objects.get(value.stored.key))
}

test('a waiting job and one that ended quietly have no stream, and their log reads the same', async () => {
  const job = newJob({ line: ownLine() })
  await queue.jobs.submit(job)
  const stream = `${prefixOf(job.id)}events:${job.id}`
  expect(await raw.exists(stream)).toBe(0)
  expect((await logOf(job.id)).map(({ event }) => event)).toEqual([{ type: 'status', status: 'queued', attempt: 0 }])
  const hold = await holdJob(queue, job)
  const before = await logOf(job.id)
  await queue.attempts.release(hold, true)
  await run(job.id, { events: [{ type: 'log', level: 'info', message: 'a "quoted" / word' }] })
  expect(await raw.exists(stream)).toBe(0)
  const log = await logOf(job.id)
  expect(log.slice(0, 2)).toEqual(before)
  expect(log.map(({ event }) => (event.type === 'status' ? event.status : event))).toEqual([
    ...['queued', 'running', 'queued', 'running'],
    { type: 'log', level: 'info', message: 'a "quoted" / word' },
    'succeeded',
  ])
  expect(await eventPageOf(queue, job.id, log[3]?.id ?? '', 1)).toMatchObject({
    events: [log[4]],
    gap: false,
    more: true,
  })
  expect(await lastEventOf(job.id)).toBe(log.at(-1)?.id)
  expect(await recordBytes(job.id)).toBeLessThan(4500)
})

test('a long log goes to the object store when its job ends, though there is room', async () => {
  const id = await ended({ events: lines(100) })
  const before = await logOf(id)
  const last = await lastEventOf(id)
  await shelver.round()
  expect(faults).toEqual([])
  expect(await raw.exists(`${prefixOf(id)}events:${id}`)).toBe(0)
  const shelved = await shelvedLogOf(id)
  const kept = unpackLog(await text(await objects.get(shelved.key))).map((entry) => toLogged(...entry))
  expect(kept).toEqual(before)
  expect(await lastEventOf(id)).toBe(last)
  expect(await eventPageOf(queue, id, last)).toEqual({ outcome: 'events', events: [], gap: false, more: false })
  expect(await raw.zcard(`${prefixOf(id)}shelf`)).toBe(0)
})

test('inputs and outputs stay while there is room, and go when Redis is crowded', async () => {
  const [input, output] = ['in', 'out'].map((word) => JSON.stringify(`${word} ${'ж'.repeat(5000)}`)) as [string, string]
  const ids: JobId[] = []
  for (let i = 0; i < 20; i++)
    ids.push(await ended({ output, events: lines(5) }, { input: { value: { inline: input }, files: [] } }))
  const secret = await ended({ output }, { input: { value: { inline: input, secrets: ['/a'] }, files: [] } })
  await shelver.round()
  expect(await recordOf(queue, ids[0]!)).toMatchObject({ input: { inline: input }, output: { inline: output } })
  const log = await logOf(ids[0]!)
  await crowd()
  await shelver.round()
  expect(faults).toEqual([])
  for (const id of ids) {
    const record = await recordOf(queue, id)
    expect(await storedText(record.input)).toBe(input)
    expect(await storedText(record.output)).toBe(output)
    expect(await recordBytes(id)).toBeLessThan(5000)
  }
  const shelved = await shelvedLogOf(ids[0]!)
  expect(unpackLog(await text(await objects.get(shelved.key))).map((entry) => toLogged(...entry))).toEqual(log)
  const masked = await recordOf(queue, secret)
  expect(masked.input).toEqual({ inline: input, secrets: ['/a'] })
  expect(await storedText(masked.output)).toBe(output)
  expect(await raw.zcard(`${prefixOf(secret)}bulky`)).toBe(0)
})

test('a job that is run again goes on with its log, and its next end joins both', async () => {
  const id = await ended({ events: lines(50), as: 'fail' })
  const before = await logOf(id)
  await shelver.round()
  const [first] = await keysOf(id)
  await queue.jobs.rerun(id, 'default')
  const { events, gap } = await eventPageOf(queue, id, before.at(-1)?.id)
  expect(gap).toBe(false)
  expect(events).toMatchObject([{ event: { status: 'queued', reason: 'retried by the client' } }])
  await run(id, { events: lines(60) })
  await shelver.round()
  const keys = await keysOf(id)
  expect(keys).toHaveLength(1)
  expect(keys[0]).not.toBe(first)
  const kept = unpackLog(await text(await objects.get(keys[0] ?? ''))).map((entry) => toLogged(...entry))
  expect(kept.slice(0, before.length)).toEqual(before)
  expect(kept.map(({ event }) => event).slice(before.length)).toMatchObject([
    ...[{ status: 'queued' }, { status: 'running' }],
    ...lines(60),
    { status: 'succeeded' },
  ])
  expect(faults).toEqual([])
})

test.each(['rerun', 'purge', 'second end'] as const)(
  'what was written for a job that meets a %s meanwhile is deleted again',
  async (change) => {
    const id = await ended({ events: lines(50), as: 'fail' })
    let met = false
    const meanwhile = create({
      objects: {
        get: (...args) => objects.get(...args),
        delete: (key) => objects.delete(key),
        put: async (...args) => {
          const info = await objects.put(...args)
          if (met) return info
          met = true
          await (change === 'purge' ? queue.jobs.purge(id, 'default') : queue.jobs.rerun(id, 'default'))
          if (change === 'second end') await run(id, { events: lines(1), as: 'fail' })
          return info
        },
      },
    })
    await meanwhile.round()
    // After its second end it is taken once more.
    const keys = await keysOf(id)
    expect(keys).toHaveLength(change === 'second end' ? 1 : 0)
    const log = keys[0] ? unpackLog(await text(await objects.get(keys[0]))) : await logOf(id)
    expect(log.length).toBe({ purge: 0, rerun: 54, 'second end': 57 }[change])
  },
)

test('the output of an earlier end is not put in the place of a later one', async () => {
  const [first, second] = ['a', 'b'].map((letter) => JSON.stringify(letter.repeat(5000))) as [string, string]
  const id = await ended({ output: first, as: 'fail' })
  await crowd()
  let met = false
  const put: ShelverDeps['objects']['put'] = async (...args) => {
    const info = await objects.put(...args)
    if (met) return info
    met = true
    await raw.config('SET', 'maxmemory', '0')
    await queue.jobs.rerun(id, 'default')
    await run(id, { output: second, as: 'fail' })
    return info
  }
  await create({ objects: { get: (key) => objects.get(key), delete: (key) => objects.delete(key), put } }).round()
  expect(met).toBe(true)
  expect(await recordOf(queue, id)).toMatchObject({ output: { inline: second } })
  expect(await keysOf(id)).toEqual([])
})

test('what could not be moved stays, and is moved later', async () => {
  const id = await ended({ events: lines(50) })
  const put = async () => {
    throw new Error('away')
  }
  await create({ objects: { get: put, delete: async () => undefined, put } }).round()
  expect(faults).toHaveLength(1)
  expect(await logOf(id)).toHaveLength(53)
  // Its lease ends.
  await raw.zadd(`${prefixOf(id)}shelf`, 0, id)
  await shelver.round()
  expect(await keysOf(id)).toHaveLength(1)
})

test('what was moved is known to be deleted when its retention is over, and nothing of it stays in Redis', async () => {
  const long = await ended({ events: lines(50) }, { retentionSeconds: 0 })
  const quiet = await ended({ output: JSON.stringify('x'.repeat(5000)) }, { retentionSeconds: 0 })
  await shelver.round()
  const { purged } = await queue.upkeep.purgeDue('echo')
  expect(purged.map(({ id }) => id)).toEqual([long])
  expect(await statusOf(queue, quiet)).toBe('purged')
  expect(await raw.keys('*events:*')).toEqual([])
  expect(await raw.exists(`${prefixOf(long)}shelf`, `${prefixOf(long)}bulky`)).toBe(0)
})
