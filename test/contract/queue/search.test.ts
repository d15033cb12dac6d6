import { type JobFilter, type JobRecord, LIMITS, manifestSchema } from '@millrace/contracts'
import { InvalidCursorError, type NewJob } from '@millrace/queue'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { newJob } from '../../support/open-test-queue.ts'
import { openQueueStand } from '../../support/open-queue-stand.ts'
import { recordOf } from '../../support/record-and-events.ts'
import { holdJob, ownLine, takeJobs } from '../../support/take-jobs.ts'

/** Jobs that a filter means: a search by indexes and by reading finds what a look at every record would find. */

const { queue } = await openQueueStand()

const MODELS = ['ocr', 'echo', 'babble'] as const
const TENANTS = ['alice', 'bobby'] as const
const MESSAGES = ['no such page: 7', 'no such page: 12', 'out of memory at 0x7f12ab'] as const
const CODES = ['model_error', 'timeout', 'worker_lost'] as const

const publish = (name: string) =>
  queue.models.publish(manifestSchema.parse({ name, version: '1', input_schema: {}, output_schema: {} }), 'w')

async function fail(
  job: NewJob,
  { code = 'model_error' as (typeof CODES)[number], message = 'no', worker = 'w-1' } = {},
) {
  const hold = await holdJob(queue, job, { worker })
  const error = { code, message, retryable: true }
  await queue.attempts.fail(hold, { blame: 'final', error, runSeconds: 1 }, { waitedSeconds: 0, device: 'cuda:1' })
}

const pick = <T>(items: readonly T[], n: number): T => items[n % items.length] as T

/** One of many, in a state of its own. */
async function plant(n: number): Promise<NewJob> {
  const job = newJob({
    ...{ model: pick(MODELS, n), tenant: pick(TENANTS, n >> 1), line: ownLine(), version: pick(['1.0.0', '2.0.0'], n) },
    kind: pick(['prediction', 'prediction', 'training'] as const, n),
    metadata: pick([{}, { order: '42' }, { order: '42', 'odd]key': 'a,b' }] as Record<string, string>[], n >> 2),
  })
  await queue.jobs.submit(job)
  const worker = pick(['w-1', 'w-2'], n)
  if (n % 7 === 1) await queue.jobs.cancel(job.id, job.tenant)
  if (n % 7 === 2) await holdJob(queue, job, { worker })
  if (n % 7 === 3) {
    const hold = await holdJob(queue, job, { worker })
    await queue.attempts.succeed(hold, { output: { value: { inline: '1' }, files: [] }, runSeconds: 1 })
  }
  if (n % 7 > 3) await fail(job, { code: pick(CODES, n), message: pick(MESSAGES, n >> 1), worker })
  // Given back by one worker, and held by another.
  if (n % 7 === 0) await queue.attempts.release(await holdJob(queue, job, { worker: 'w-3' }), false)
  return job
}

let all: JobRecord[] = []
/** The ids of groups of failures, by what makes them one. */
const failures = new Map<string, string>()

beforeAll(async () => {
  for (const model of MODELS) await publish(model)
  const jobs: NewJob[] = []
  for (let n = 0; n < 126; n++) jobs.push(await plant(n))
  all = (await Promise.all(jobs.map(({ id }) => recordOf(queue, id)))).reverse()
  for (const tenant of TENANTS) {
    const { kinds } = await queue.jobs.failures({ tenant })
    for (const { failure } of kinds) failures.set(kindOf(failure), failure.id)
  }
})

const kindOf = (failure: Pick<JobRecord, 'model' | 'version'> & { code: string; message: string }) =>
  [failure.model, failure.version, failure.code, failure.message.slice(0, 8)].join(' ')

/** What the filter says, once more and in other words. */
function isMeant(job: JobRecord, tenant: string, filter: JobFilter): boolean {
  const { status, metadata = {}, failure, worker, device } = filter
  const on = job.attempts.filter(
    (one) => (worker ?? one.worker) === one.worker && (device ?? one.device) === one.device,
  )
  const ended = job.finished_at ?? ''
  return ![
    job.tenant !== tenant,
    status && !status.includes(job.status),
    filter.model && job.model !== filter.model,
    filter.kind && job.kind !== filter.kind,
    filter.version && job.version !== filter.version,
    filter.error_code && (job.status !== 'failed' || job.error?.code !== filter.error_code),
    failure && (job.status !== 'failed' || failures.get(kindOf({ ...job, ...job.error! })) !== failure),
    (worker || device) && on.length === 0,
    filter.created_after && job.created_at < filter.created_after,
    filter.created_before && job.created_at > filter.created_before,
    filter.ended_after && ended < filter.ended_after,
    filter.ended_before && (ended === '' || ended > filter.ended_before),
    ...Object.entries(metadata).map(([key, value]) => job.metadata[key] !== value),
  ].some(Boolean)
}

async function pages(tenant: string, filter: JobFilter, limit: number): Promise<string[]> {
  const ids: string[] = []
  for (let cursor: string | undefined, n = 0; n < 500; n++) {
    const page = await queue.jobs.list({ tenant, filter, limit, cursor })
    expect(page.records.length).toBeLessThanOrEqual(limit)
    ids.push(...page.records.map(({ id }) => id))
    if (page.nextCursor === null) return ids
    cursor = page.nextCursor
  }
  throw new Error('the list has no end')
}

const anyTime = fc.integer({ min: 0, max: 125 }).map((n) => all[n]?.created_at ?? '')
const CONDITIONS: { [Name in keyof JobFilter]-?: fc.Arbitrary<JobFilter[Name]> } = {
  model: fc.constantFrom(...MODELS),
  status: fc.subarray(['queued', 'running', 'succeeded', 'failed', 'canceled'], { minLength: 1 }),
  kind: fc.constantFrom('prediction', 'training'),
  version: fc.constantFrom('1.0.0', '2.0.0'),
  error_code: fc.constantFrom(...CODES),
  failure: fc.nat(8).map((n) => [...failures.values()][n]),
  worker: fc.constantFrom('w-1', 'w-2', 'w-3', 'w-4'),
  device: fc.constantFrom('cuda:1', 'cuda:2'),
  created_after: anyTime,
  created_before: anyTime,
  ended_after: anyTime,
  ended_before: anyTime,
  metadata: fc.constantFrom<Record<string, string>[]>(
    { order: '42' },
    { 'odd]key': 'a,b', order: '42' },
    { order: '4' },
  ),
}
/** One to three conditions: of more, few jobs meet all. */
const anyFilter = fc
  .subarray(Object.keys(CONDITIONS) as (keyof JobFilter)[], { minLength: 1, maxLength: 3 })
  .chain((names) =>
    fc.record(Object.fromEntries(names.map((name) => [name, CONDITIONS[name]]))),
  ) as fc.Arbitrary<JobFilter>

describe('a search', () => {
  it('finds what a look at every record finds, in order, page by page, and counts it', async () => {
    const met = new Set<string>()
    const property = fc.asyncProperty(
      fc.constantFrom(...TENANTS),
      anyFilter,
      fc.integer({ min: 5, max: 40 }),
      async (tenant, filter, limit) => {
        const meant = all.filter((job) => isMeant(job, tenant, filter))
        if (meant.length > 0) for (const name of Object.keys(filter)) met.add(name)
        expect(await pages(tenant, filter, limit)).toEqual(meant.map(({ id }) => id))
        const { counts, searchedTo, nextCursor } = await queue.jobs.count({ tenant, filter })
        const counted = { queued: 0, running: 0, succeeded: 0, failed: 0, canceled: 0 }
        for (const { status } of meant) counted[status]++
        expect({ counts, searchedTo, nextCursor }).toEqual({ counts: counted, searchedTo: null, nextCursor: null })
      },
    )
    // Each condition by itself first.
    const alone = Object.entries(CONDITIONS).map(
      ([name, values]) => [name, fc.sample(values as fc.Arbitrary<unknown>, 2)] as const,
    )
    const examples = alone.flatMap(([name, values]) =>
      values.map((value) => [TENANTS[0], { [name]: value }, 30] as const),
    )
    await fc.assert(property, { numRuns: 100, examples: examples as never })
    expect([...met].toSorted()).toEqual(Object.keys(CONDITIONS).toSorted())
  })

  it('stays within the models of a key', async () => {
    const models = new Set(['ocr'])
    const own = all.filter(({ tenant, model }) => tenant === 'alice' && model === 'ocr').map(({ id }) => id)
    const query = { tenant: 'alice', models, limit: 100 }
    for (const filter of [{}, { device: 'cuda:1' }, { model: 'echo' }])
      for (const { model } of (await queue.jobs.list({ ...query, filter })).records) expect(model).toBe('ocr')
    expect((await queue.jobs.list(query)).records.map(({ id }) => id)).toEqual(own)
    expect((await queue.jobs.list({ ...query, filter: { model: 'echo' } })).records).toEqual([])
    const { counts } = await queue.jobs.count({ ...query })
    expect(Object.values(counts).reduce((sum, one) => sum + one)).toBe(own.length)
    expect((await queue.jobs.failures({ ...query, filter: { model: 'echo' } })).matched).toBe(0)
  })

  it('says of a text that is no cursor that it is none', async () => {
    const query = { tenant: 'alice', cursor: 'nonsense' }
    await expect(queue.jobs.count(query)).rejects.toThrow(InvalidCursorError)
    await expect(queue.jobs.failures(query)).rejects.toThrow(InvalidCursorError)
  })

  it('meets a job once that changes its status between two pages', async () => {
    await publish('moving')
    const jobs = Array.from({ length: 6 }, () => newJob({ model: 'moving', tenant: 'carol' }))
    for (const job of jobs) await queue.jobs.submit(job)
    const query = { tenant: 'carol', filter: { kind: 'prediction' as const }, limit: 3 }
    const first = await queue.jobs.list(query)
    await takeJobs(queue, 'moving', { places: 6 })
    const rest = await queue.jobs.list({ ...query, cursor: first.nextCursor! })
    const ids = [...first.records, ...rest.records].map(({ id }) => id)
    expect(ids).toEqual(jobs.map(({ id }) => id).toReversed())
  })
})

describe('failures', () => {
  it('are grouped by model, version, code and message without its numbers, and by worker and device', async () => {
    const failed = all.filter(({ tenant, status }) => tenant === 'bobby' && status === 'failed')
    const { kinds, places, matched, searched } = await queue.jobs.failures({ tenant: 'bobby' })
    expect([matched, searched]).toEqual([failed.length, failed.length])
    const expected = new Map<string, JobRecord[]>()
    for (const job of failed) {
      const kind = kindOf({ ...job, ...job.error! })
      expected.set(kind, [...(expected.get(kind) ?? []), job])
    }
    expect(new Map(kinds.map(({ failure, count }) => [kindOf(failure), count]))).toEqual(
      new Map([...expected].map(([kind, jobs]) => [kind, jobs.length])),
    )
    expect(new Set(kinds.map(({ failure }) => failure.message))).toEqual(
      new Set(['no such page: #', 'out of memory at #']),
    )
    for (const { failure, ...told } of kinds) {
      const jobs = expected.get(kindOf(failure)) ?? []
      const ends = jobs.map(({ finished_at }) => finished_at ?? '').toSorted((a, b) => a.localeCompare(b))
      expect(told).toMatchObject({
        firstAt: ends[0],
        lastAt: ends.at(-1),
        newest: jobs.slice(0, 5).map(({ id }) => id),
      })
      expect(told.places.reduce((sum, { count }) => sum + count, 0)).toBe(jobs.length)
    }
    expect(new Set(places.map(({ worker, device }) => `${worker} ${device}`))).toEqual(
      new Set(['w-1 cuda:1', 'w-2 cuda:1']),
    )
  })

  it('are none of jobs that did not fail', async () => {
    const { kinds, searched } = await queue.jobs.failures({ tenant: 'alice', filter: { status: ['succeeded'] } })
    expect([kinds, searched]).toEqual([[], 0])
  })
})

describe('a search that would read too much', () => {
  it('says how far it went and goes on from there, without a gap', async () => {
    await publish('many')
    const jobs = Array.from({ length: LIMITS.searchedJobs + 60 }, (_, n) =>
      newJob({ model: 'many', tenant: 'dave', metadata: n === 3 ? { rare: 'yes' } : {} }),
    )
    await Promise.all(jobs.map((job) => queue.jobs.submit(job)))
    const query = { tenant: 'dave', filter: { metadata: { rare: 'yes' } } }
    const first = await queue.jobs.list({ ...query, limit: 5 })
    const newest = await queue.jobs.list({ tenant: 'dave', limit: 100 })
    expect(first.records).toEqual([])
    expect(first.searchedTo! < newest.records[0]!.created_at).toBe(true)
    const rest = await queue.jobs.list({ ...query, limit: 5, cursor: first.nextCursor! })
    expect(rest).toMatchObject({ records: [{ id: jobs[3]?.id }], searchedTo: null, nextCursor: null })

    const counted = await queue.jobs.count(query)
    expect(counted).toMatchObject({ searchedTo: first.searchedTo, counts: { queued: 0 } })
    const more = await queue.jobs.count({ ...query, cursor: counted.nextCursor! })
    expect(more).toMatchObject({ searchedTo: null, nextCursor: null, counts: { queued: 1 } })
    // What the indexes know is exact, however much it is.
    expect(await queue.jobs.count({ tenant: 'dave' })).toMatchObject({
      counts: { queued: jobs.length },
      searchedTo: null,
    })
  })
})
