import { type JobId, manifestSchema } from '@millrace/contracts'
import { lineOfContract, type Reconciled, type UpkeepStore } from '@millrace/queue'
import { Reconciler } from '@millrace/worker'
import { beforeEach, expect, it } from 'vitest'
import { ageRecord } from '../../support/age-record.ts'
import { claimFormer, FORMER_STATES, type FormerState, settleFormer, writeFormer } from '../../support/former-layout.ts'
import { mortal } from '../../support/mortal.ts'
import { openQueueStand } from '../../support/open-queue-stand.ts'
import { newJob, openTestQueue, silent } from '../../support/open-test-queue.ts'
import { recordOf, statusOf } from '../../support/record-and-events.ts'
import { takeJobs } from '../../support/take-jobs.ts'
import { until } from '../../support/until.ts'

/** What a Redis of the former layout holds comes into the present one, whoever works on it, and whoever dies meanwhile. */

const MODEL = 'former'
const HOUR = 3_600_000

const { redis, raw, queue } = await openQueueStand({ lockMs: 30_000 })
const prefix = `{mr:${newJob({ model: MODEL }).id.slice(4, 12)}}:`
const manifest = manifestSchema.parse({ name: MODEL, version: '2.0.0', input_schema: {}, output_schema: {} })
const LINE = lineOfContract(manifest, 'prediction')

beforeEach(async () => {
  await raw.flushall()
  await queue.models.publish(manifest, 'w')
  // Not the first that anybody hears in a while, so that leases count.
  await raw.set(`${prefix}heard`, Date.now())
})

const write = (state: FormerState, more: Partial<Parameters<typeof writeFormer>[2]> = {}): Promise<JobId> =>
  writeFormer(raw, Date.now(), { state, model: MODEL, ...more })

const PLACES = ['wait', 'later', 'suspect', 'lease', 'line', 'refused']

/** Where jobs are now: each that is open is to be in one place. */
async function allPlaces(): Promise<Map<string, string[]>> {
  const all = new Map<string, string[]>()
  for (const key of await raw.keys(`${prefix}*`)) {
    const place = key.slice(prefix.length).split(':')[0] as string
    if (!PLACES.includes(place)) continue
    for (const id of await raw.zrange(key, '0', '-1')) all.set(id, [...(all.get(id) ?? []), place])
  }
  return all
}

const placesOf = async (id: JobId): Promise<string[]> => (await allPlaces()).get(id) ?? []

async function carryOver(store: Pick<UpkeepStore, 'carryOver'> = queue.upkeep) {
  const sum = { carried: 0, adopted: 0, refused: 0 }
  for (let more = true; more; ) {
    const page = await store.carryOver(MODEL)
    sum.carried += page.carried
    sum.adopted += page.adopted
    sum.refused += page.refused
    more = page.more
  }
  return sum
}

const PLACE: Record<FormerState, string> = {
  ...{ waiting: 'wait', delayed: 'later', retried: 'later', suspect: 'suspect' },
  ...{ claimed: 'lease', orphaned: 'lease', late: 'wait', unticketed: 'wait' },
}

it.each(FORMER_STATES)('puts a job that was %s where it belongs, once, and takes its ticket away', async (state) => {
  const id = await write(state, state === 'delayed' ? { runAt: Date.now() + HOUR } : {})
  expect((await queue.upkeep.reconcile(MODEL)).former).toBe(true)
  const isLate = state === 'late'
  const isRunning = PLACE[state] === 'lease'
  const sum = await carryOver()
  expect(sum).toEqual(isLate ? none : { carried: isRunning ? 0 : 1, adopted: isRunning ? 1 : 0, refused: 0 })
  expect(await placesOf(id)).toEqual(isLate ? [] : [PLACE[state]])
  expect(await raw.hget(`${prefix}lines`, LINE)).toBe(isLate || isRunning ? null : '1')
  if (isLate) expect(await statusOf(queue, id)).toBe('failed')
  expect(await raw.keys(`${prefix}bull:*`), 'nothing is left of BullMQ').toEqual([])
  expect((await queue.upkeep.reconcile(MODEL)).former).toBe(false)
  expect(await carryOver()).toEqual(none)
})
const none = { carried: 0, adopted: 0, refused: 0 }

it('keeps the order: priority as a head start, a start time as a creation then', async () => {
  const now = Date.now()
  const [createdAt, past] = [now - 10_000, now - 2 * HOUR - 20_000]
  const low = await write('waiting', { createdAt, priority: 'low' })
  const normal = await write('waiting', { createdAt })
  const high = await write('waiting', { createdAt, priority: 'high' })
  const started = await write('waiting', { createdAt: past, runAt: now - 5000, notBefore: now - 5000 })
  const old = await write('waiting', { createdAt: past, priority: 'low' })
  await carryOver()
  const { records } = await takeJobs(queue, MODEL, { lines: [LINE], places: 9 })
  expect(records.map(({ id }) => id)).toEqual([old, high, normal, started, low])
})

it('keeps a suspect apart only when its files are here', async () => {
  const [here, there] = [{ key: 'k', bytes: 1 }, { url: 'https://example.com/a' }]
  const ready = await write('suspect', { inputFiles: [here] })
  const linked = await write('suspect', { inputFiles: [here, there] })
  await carryOver()
  expect([await placesOf(ready), await placesOf(linked)]).toEqual([['suspect'], ['wait']])
})

it('leaves jobs alone until somebody publishes what they wait for; they can be canceled and expire meanwhile', async () => {
  await raw.del(`${prefix}contracts`)
  const [waits, canceled, purged] = [await write('waiting'), await write('waiting'), await write('waiting')]
  expect(await carryOver()).toEqual(none)
  expect((await queue.upkeep.reconcile(MODEL)).former).toBe(false)
  await queue.jobs.cancel(canceled, 'acme')
  expect(await queue.jobs.purge(purged, 'acme')).toBe('purged')
  expect(await raw.zrange(`${prefix}line`, '0', '-1')).toEqual([waits])
  await queue.models.publish(manifest, 'w')
  expect(await carryOver()).toMatchObject({ carried: 1 })
  expect(await placesOf(waits)).toEqual(['wait'])
  expect(await raw.keys(`${prefix}bull:*`)).toEqual([])
})

it('sets a record aside that is no job of any layout, and goes on with the others', async () => {
  const [broken, whole] = [await write('waiting'), await write('waiting')]
  await raw.hdel(`${prefix}job:${broken}`, 'created_us')
  expect(await carryOver()).toEqual({ carried: 1, adopted: 0, refused: 1 })
  expect([await placesOf(broken), await placesOf(whole)]).toEqual([['refused'], ['wait']])
})

it('runs again what failed in the former layout', async () => {
  const id = await write('waiting')
  await raw.hset(`${prefix}job:${id}`, { status: 'failed' })
  await raw.zrem(`${prefix}line`, id)
  await raw.zrem(`${prefix}open`, id)
  await queue.jobs.rerun(id, 'acme')
  await carryOver()
  expect(await placesOf(id)).toEqual(['wait'])
})

// A process of the former layout that is still alive.

it('leaves it what BullMQ needs, but no ticket of a job that waits', async () => {
  const bull = `${prefix}bull:${MODEL}:`
  await raw.set(`${bull}stalled-check`, 1)
  const [waits, putOff, runs] = [await write('waiting'), await write('retried'), await write('claimed')]
  await carryOver()
  expect(await raw.exists(bull + waits, bull + putOff, `${bull}prioritized`, `${bull}delayed`)).toBe(0)
  expect(await raw.exists(bull + runs, `${bull}active`, `${bull}meta`)).toBe(3)
  await raw.del(`${bull}stalled-check`)
  expect((await queue.upkeep.reconcile(MODEL)).former).toBe(true)
  await carryOver()
  expect(await raw.keys(`${bull}*`)).toEqual([])
})

it('watches a job that runs there, and gives it out again when nothing is heard of it', async () => {
  const [alive, dead, wished] = [
    await write('claimed'),
    await write('orphaned'),
    await write('orphaned', { cancelAt: Date.now() }),
  ]
  await carryOver()
  for (const id of [alive, dead, wished]) await raw.zadd(`${prefix}lease`, 1, id)
  expect(await queue.upkeep.reconcile(MODEL)).toMatchObject({ recovered: 1, abandoned: 1 })
  expect(await placesOf(alive)).toEqual(['lease'])
  expect(await recordOf(queue, dead)).toMatchObject({ status: 'queued', crashes: 1, lost: 1 })
  expect(await statusOf(queue, wished)).toBe('canceled')
  await carryOver()
  expect(await placesOf(dead), 'alone, as a suspect').toEqual(['suspect'])
})

it.each(['succeeded', 'queued'] as const)('sees when a job ends there as %s', async (how) => {
  const id = await write('claimed')
  await carryOver()
  await settleFormer(raw, id, how)
  await raw.zadd(`${prefix}lease`, 1, id)
  expect(await queue.upkeep.reconcile(MODEL)).toMatchObject({ recovered: 0, former: how === 'queued' })
  await carryOver()
  expect(await placesOf(id)).toEqual(how === 'queued' ? ['wait'] : [])
  expect(await statusOf(queue, id)).toBe(how)
  const { records } = await takeJobs(queue, MODEL, { lines: [LINE] })
  expect(records.map((one) => one.id)).toEqual(how === 'queued' ? [id] : [])
})

it.each(['take', 'look', 'come back'] as const)('finds by a %s what is claimed there behind its back', async (by) => {
  const id = await write('waiting')
  await carryOver()
  await claimFormer(raw, id, Date.now())
  if (by === 'take') expect((await takeJobs(queue, MODEL, { lines: [LINE] })).records).toEqual([])
  if (by === 'look') await raw.zadd(`${prefix}open`, 1, id)
  if (by === 'come back') await settleFormer(raw, id, 'queued')
  await queue.upkeep.reconcile(MODEL)
  await carryOver()
  expect(await placesOf(id)).toEqual(by === 'come back' ? ['wait'] : ['lease'])
  await queue.upkeep.reconcile(MODEL)
  expect(await raw.hget(`${prefix}lines`, LINE)).toBe(by === 'come back' ? '1' : null)
})

it('takes nothing from a layout that is newer, changes nothing in it, and says so', async () => {
  const id = await write('waiting')
  await carryOver()
  const late = await write('late')
  await raw.set(`${prefix}layout`, 4)
  expect((await takeJobs(queue, MODEL, { lines: [LINE] })).records).toEqual([])
  expect(await queue.upkeep.reconcile(MODEL)).toMatchObject({ expired: 0, former: false })
  expect(await carryOver()).toEqual(none)
  expect([await statusOf(queue, id), await statusOf(queue, late)]).toEqual(['queued', 'queued'])
  expect(await queue.denied()).toEqual([
    'Jobs in this Redis are kept in layout 4, and this version of Millrace knows layouts up to 3: start a newer one.',
  ])
  await raw.set(`${prefix}layout`, 3)
  expect(await queue.denied()).toEqual([])
})

it('tells processes of layout 2 with the first job that they cannot read, and carries over first what is older', async () => {
  const layout = () => raw.get(`${prefix}layout`)
  const submit = () => queue.jobs.submit(newJob({ model: MODEL, line: LINE }))
  await submit()
  expect(await layout(), 'of an empty Redis').toBe('3')
  await raw.set(`${prefix}layout`, 2)
  await submit()
  expect(await layout()).toBe('3')
  await raw.del(`${prefix}layout`)
  await submit()
  expect(await layout(), 'while jobs may be of layout 1').toBe(null)
  await carryOver()
  expect(await layout()).toBe('3')
})

it('reads, lists, runs and runs again what is of layout 2', async () => {
  const more = { metadata: { a: 'b' }, maxAttempts: 2, priority: 'high' as const }
  const job = newJob({ model: MODEL, line: LINE, ...more })
  await queue.jobs.submit(job)
  const fresh = await recordOf(queue, job.id)
  await ageRecord(raw, `${prefix}job:${job.id}`)
  const former = { ...fresh, revision: 1 }
  expect(await recordOf(queue, job.id)).toEqual(former)
  expect(await queue.jobs.snapshot(job.id, { tenant: job.tenant })).toMatchObject({ outcome: 'found', record: former })
  expect((await queue.jobs.list({ tenant: job.tenant, limit: 10 })).records).toEqual([former])
  const { kind, version } = former
  const found = await queue.jobs.list({ tenant: job.tenant, filter: { kind, version }, limit: 10 })
  expect(found.records).toEqual([former])
  const takes = async () => (await takeJobs(queue, MODEL, { lines: [LINE] })).records[0]
  const error = { code: 'model_error', message: 'no', retryable: true } as const
  const given = await takes()
  expect(given).toMatchObject({
    ...former,
    status: 'running',
    fence: 1,
    worker: 'w',
    attempt: 1,
    attempts: [{ number: 1, worker: 'w', outcome: 'running' }],
    started_at: expect.any(String),
    revision: 2,
  })
  const failed = await queue.attempts.fail({ id: job.id, fence: 1 }, { blame: 'model', error })
  expect(failed).toMatchObject({ outcome: 'queued' })
  await raw.zadd(`${prefix}later`, 1, job.id)
  expect(await takes()).toMatchObject({ fence: 2 })
  expect(await queue.attempts.fail({ id: job.id, fence: 2 }, { blame: 'model', error })).toMatchObject({
    status: 'failed',
  })
  expect(await queue.jobs.rerun(job.id, job.tenant)).toMatchObject({
    record: { status: 'queued', fence: 2, failures: 0 },
  })
  expect(await takes()).toMatchObject({ fence: 3 })
})

/** A reconciler of a process that dies before its nth call to Redis. */
function startMortal(store: UpkeepStore, life: { calls: number }): Reconciler {
  const never = () => Promise.reject(new Error('not asked for here'))
  const reconciler = new Reconciler({
    store: mortal(store, life),
    relocate: never,
    files: { release: never, deleted: never },
    objects: { delete: never, deletePrefix: never },
    ...{ logger: silent, logFault: () => undefined, everyMs: 20 },
  })
  void reconciler.start()
  return reconciler
}

/** Runs whatever is open, as one worker would that has all the time it needs. */
async function runAll(): Promise<Set<JobId>> {
  const ran = new Set<JobId>()
  while ((await raw.zcard(`${prefix}open`)) > 0) {
    for (const id of await raw.zrange(`${prefix}later`, '0', '-1')) await raw.zadd(`${prefix}later`, 1, id)
    for (const id of await raw.zrange(`${prefix}lease`, '0', '-1')) {
      await raw.hset(`${prefix}job:${id}`, 'heartbeat_at', 1)
      await raw.zadd(`${prefix}lease`, 1, id)
    }
    await queue.upkeep.reconcile(MODEL)
    await carryOver()
    const { records } = await takeJobs(queue, MODEL, { lines: [LINE], places: 32 })
    for (const { id, fence } of records) {
      const output = { value: { inline: '1' }, files: [] }
      expect(await queue.attempts.succeed({ id, fence }, { output, runSeconds: 1 })).toMatchObject({ outcome: 'done' })
      expect(ran.has(id), 'it ran once').toBe(false)
      ran.add(id)
    }
  }
  return ran
}

const DEPTHS = [0, 1, 3000]

it.each(DEPTHS)(
  'has each of %i jobs in one place after reconcilers died again and again, and all run',
  async (depth) => {
    const other = openTestQueue(redis.url, { lockMs: 30_000 })
    const jobs = new Map<JobId, FormerState>()
    for (let i = 0; i < depth; i++) {
      const state = FORMER_STATES[i % FORMER_STATES.length] as FormerState
      const priority = (['high', 'normal', 'low'] as const)[i % 3]
      const runAt = state === 'delayed' ? { runAt: Date.now() + HOUR } : {}
      jobs.set(await write(state, { priority, tenant: `t${i % 7}`, ...runAt }), state)
    }
    let deaths = 0
    const isLeft = ({ more, former }: Reconciled): boolean => more || former
    while (isLeft(await queue.upkeep.reconcile(MODEL))) {
      const lives = [{ calls: 4 + (deaths % 5) }, { calls: 5 + (deaths % 7) }]
      const both = [queue, other].map(({ upkeep }, i) => startMortal(upkeep, lives[i] as { calls: number }))
      await until('both are dead', () => lives.every(({ calls }) => calls < 0))
      await Promise.all(both.map((one) => one.stop(1000)))
      deaths += 2
    }
    if (depth > 1) expect(deaths).toBeGreaterThan(10)
    const places = await allPlaces()
    for (const [id, state] of jobs) {
      expect([state, places.get(id)]).toEqual([state, state === 'late' ? undefined : [PLACE[state]]])
    }
    const waiting = [...places.values()].filter(([place]) => place !== 'lease').length
    expect(Number((await raw.hget(`${prefix}lines`, LINE)) ?? 0)).toBe(waiting)
    expect((await runAll()).size).toBe(places.size)
    await other.close()
  },
)
