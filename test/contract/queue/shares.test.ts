/** How the devices of a line are shared between tenants, and within one by priority; with real scripts, and devices on paper. */
import type { JobId, JobRecord } from '@millrace/contracts'
import type { NewJob } from '@millrace/queue'
import { expect, test } from 'vitest'
import { openQueueStand } from '../../support/open-queue-stand.ts'
import { newJob, TEST_LINE } from '../../support/open-test-queue.ts'
import { takeJobs } from '../../support/take-jobs.ts'
import { DevicePool, type Fate, prefixOf } from './device-pool.ts'

const { raw, queue } = await openQueueStand({ lockMs: 600_000 })
const MODELS_KEY = 'mr:models'
const HOUR_US = 3_600_000_000

let models = 0
const newModel = (): string => `shares-${models++}`

async function submit(count: number, job: Partial<NewJob>): Promise<JobId[]> {
  const jobs = Array.from({ length: count }, () => newJob({ expiresInSeconds: 86_400, ...job }))
  for (const { outcome } of await Promise.all(jobs.map((one) => queue.jobs.submit(one))))
    expect(outcome).toBe('created')
  return jobs.map(({ id }) => id)
}

/** Tells what the installation has for tenants, as an API with these settings does. The model is the only one: all of a cap is there. */
async function setShares(model: string, weights: Record<string, number>, running: Record<string, number> = {}) {
  await queue.tenants.setDefaults({ weights: {}, running: {} })
  await raw.del(MODELS_KEY)
  await raw.sadd(MODELS_KEY, model)
  await queue.tenants.setDefaults({ weights, running })
}

/** The same row of numbers in every run, from 0 to 1. */
function numbers(seed: number): () => number {
  let state = seed
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647
}

/** Lengths by tenant, from a half to one and a half of the mean. */
function lengths(means: Record<string, number>): (record: JobRecord) => Fate {
  const next = numbers(7)
  return ({ tenant }) => ({ ms: Math.round((means[tenant] ?? 1000) * (0.5 + next())) })
}

const shareOf = (used: ReadonlyMap<string, number>, tenant: string): number => {
  const all = [...used.values()].reduce((sum, ms) => sum + ms, 0)
  return (used.get(tenant) ?? 0) / all
}
/** The same of what was used since the first was noted. */
function shareSince(before: ReadonlyMap<string, number>, used: ReadonlyMap<string, number>, tenant: string): number {
  return shareOf(new Map([...used].map(([name, ms]) => [name, ms - (before.get(name) ?? 0)])), tenant)
}
const turnsOf = (model: string) => `${prefixOf(newJob({ model }).id)}turn:${TEST_LINE}`

test('tenants of weights 1, 2 and 5 get their shares of device time, whatever their jobs last', async () => {
  const model = newModel()
  await setShares(model, { two: 2, five: 5 })
  // In the ratio of their shares by these lengths, so that all wait to nearly the end.
  const counts = { one: 1000, two: 5000, five: 4000 }
  const means = { one: 4000, two: 1600, five: 5000 }
  for (const [tenant, count] of Object.entries(counts)) await submit(count, { model, tenant })
  const pool = new DevicePool({ queue, raw }, { model, devices: 8, fateOf: lengths(means) })
  await pool.fill()
  while ((await raw.zcard(turnsOf(model))) === 3) for (let i = 0; i < 20; i++) await pool.step()
  expect(pool.starts.length).toBeGreaterThan(8500)
  for (const [tenant, share] of Object.entries({ one: 1 / 8, two: 2 / 8, five: 5 / 8 })) {
    expect(Math.abs(shareOf(pool.used, tenant) / share - 1), tenant).toBeLessThan(0.05)
  }
})

test('who has one job among ten thousand of another starts within two job lengths, and who was away has saved nothing up', async () => {
  const model = newModel()
  await submit(10_000, { model, tenant: 'many' })
  const pool = new DevicePool({ queue, raw }, { model, devices: 4, fateOf: lengths({ many: 2000, one: 2000 }) })
  await pool.fill()
  for (let i = 0; i < 300; i++) await pool.step()
  const [id] = await submit(1, { model, tenant: 'one' })
  const [came, before] = [pool.now, pool.starts.length]
  while (!pool.starts.some((start) => start.id === id)) await pool.step()
  expect(pool.now - came).toBeLessThan(2 * 3000)
  expect(pool.starts.length - before).toBeLessThanOrEqual(2 * 4)

  // It comes back with as much as the other has, and what it left unused meanwhile is nobody's.
  for (let i = 0; i < 300; i++) await pool.step()
  await submit(400, { model, tenant: 'one' })
  const usedBefore = new Map(pool.used)
  for (let i = 0; i < 200; i++) await pool.step()
  const share = shareSince(usedBefore, pool.used, 'one')
  expect(share).toBeGreaterThan(0.45)
  expect(share).toBeLessThan(0.55)
})

test('who used devices that nobody else wanted owes nothing', async () => {
  const model = newModel()
  const pool = new DevicePool({ queue, raw }, { model, devices: 4, fateOf: () => ({ ms: 3_600_000 }) })
  await submit(4, { model, tenant: 'early' })
  await pool.fill()
  while (await pool.step());
  await submit(8, { model, tenant: 'early' })
  await submit(8, { model, tenant: 'late' })
  await pool.fill()
  expect(pool.running.filter(({ tenant }) => tenant === 'early')).toHaveLength(2)
})

test('who had one long job while the line went on starts again where the line is', async () => {
  const model = newModel()
  await submit(900, { model, tenant: 'busy' })
  await submit(1, { model, tenant: 'rare' })
  const short = lengths({ busy: 1000 })
  const fateOf = (record: JobRecord): Fate => (record.tenant === 'rare' ? { ms: 60_000, as: 'fails' } : short(record))
  const pool = new DevicePool({ queue, raw }, { model, devices: 8, fateOf })
  await pool.fill()
  for (let i = 0; i < 300; i++) await pool.step()
  // When one more comes and goes, those that the line has gone past are forgotten.
  await submit(1, { model, tenant: 'passer' })
  while (!pool.used.has('rare')) await pool.step()
  const [id] = await submit(1, { model, tenant: 'rare' })
  const came = pool.now
  while (!pool.starts.some((start) => start.id === id)) await pool.step()
  expect(pool.now - came).toBeLessThan(2 * 1500)
})

test('a tenant at its cap saves nothing up', async () => {
  const model = newModel()
  await setShares(model, {}, { capped: 1 })
  for (const tenant of ['capped', 'free']) await submit(900, { model, tenant })
  const pool = new DevicePool({ queue, raw }, { model, devices: 4, fateOf: lengths({}) })
  await pool.fill()
  for (let i = 0; i < 400; i++) await pool.step()
  expect(Math.abs(shareOf(pool.used, 'capped') / 0.25 - 1)).toBeLessThan(0.05)
  await setShares(model, {})
  const before = new Map(pool.used)
  for (let i = 0; i < 400; i++) await pool.step()
  expect(Math.abs(shareSince(before, pool.used, 'capped') / 0.5 - 1)).toBeLessThan(0.05)
})

test('one take does not end all the jobs of a tenant whose time is over, and says that there is more', async () => {
  const model = newModel()
  const late = await submit(120, { model })
  const [fresh] = await submit(1, { model })
  for (const id of late) await raw.hset(`${prefixOf(id)}job:${id}`, 'expires_at', 1)
  const prefix = prefixOf(late[0]!)
  const waiting = () => raw.zcard(`${prefix}wait:${TEST_LINE}:default`)
  expect([await takeJobs(queue, model), await waiting()]).toMatchObject([{ records: [], nextMs: 1 }, 71])
  expect([await takeJobs(queue, model), await waiting()]).toMatchObject([{ records: [], nextMs: 1 }, 21])
  expect((await takeJobs(queue, model)).records.map(({ id }) => id)).toEqual([fresh])
})

test('tenants that come one after the other with one job each are served in that order', async () => {
  const model = newModel()
  const ids: JobId[] = []
  for (const tenant of ['zoe', 'adam', 'mia', 'ben', 'yves']) ids.push(...(await submit(1, { model, tenant })))
  const started: JobId[] = []
  for (let i = 0; i < 3; i++) started.push(...(await takeJobs(queue, model)).records.map(({ id }) => id))
  for (const tenant of ['abel', 'zack']) ids.push(...(await submit(1, { model, tenant })))
  started.push(...(await takeJobs(queue, model, { places: 10 })).records.map(({ id }) => id))
  expect(started).toEqual(ids)
})

test('priority is a head start: what is low is overtaken only by what came within two hours', async () => {
  const model = newModel()
  const ids: JobId[] = []
  for (const priority of ['low', 'normal', 'high'] as const) ids.push(...(await submit(1, { model, priority })))
  const [low, normal, high] = ids as [JobId, JobId, JobId]
  const [soon, late] = (await submit(2, { model, priority: 'high' })) as [JobId, JobId]
  const row = `${prefixOf(low)}wait:${TEST_LINE}:default`
  // As if they had been submitted a minute before two hours were over, and a minute after.
  const rankOf = async (id: JobId) => Number(await raw.zscore(row, id))
  await raw.zadd(row, (await rankOf(high)) + 2 * HOUR_US - 60_000_000, soon)
  await raw.zadd(row, (await rankOf(high)) + 2 * HOUR_US + 60_000_000, late)
  const { records } = await takeJobs(queue, model, { places: 5 })
  expect(records.map(({ id }) => id)).toEqual([high, normal, soon, low, late])
})

test('a cap holds, others go on, and it ends with the job, with its setting, and with a worker that is lost', async () => {
  const model = newModel()
  await setShares(model, {}, { capped: 2 })
  await submit(20, { model, tenant: 'capped' })
  const first = await takeJobs(queue, model, { places: 10 })
  expect(first.records).toHaveLength(2)
  expect((await takeJobs(queue, model)).records).toEqual([])
  await submit(1, { model, tenant: 'free' })
  expect((await takeJobs(queue, model, { places: 3 })).records.map(({ tenant }) => tenant)).toEqual(['free'])

  // One is settled, and one more is given.
  const [one, two] = first.records as [JobRecord, JobRecord]
  await queue.attempts.succeed(one, { output: { value: { inline: '1' }, files: [] }, runSeconds: 1 })
  expect((await takeJobs(queue, model, { places: 3 })).records).toHaveLength(1)

  // The worker of another is lost: the job is a suspect now, counts no more, and its tenant's cap holds for suspects too.
  await raw.zadd(`${prefixOf(two.id)}lease`, 1, two.id)
  await queue.upkeep.reconcile(model)
  const [more] = (await takeJobs(queue, model, { places: 3, alone: false })).records
  expect(more?.tenant).toBe('capped')
  expect((await takeJobs(queue, model, { places: 3 })).records).toEqual([])
  await queue.attempts.succeed(more!, { output: { value: { inline: '1' }, files: [] }, runSeconds: 1 })
  expect((await takeJobs(queue, model, { places: 3 })).records.map(({ id }) => id)).toEqual([two.id])
  expect((await takeJobs(queue, model, { places: 3 })).records).toEqual([])

  await setShares(model, {})
  expect((await takeJobs(queue, model, { places: 10 })).records).toHaveLength(10)
})

test('a tenant that something has left out at its cap is found by the reconciler', async () => {
  const model = newModel()
  await setShares(model, {}, { capped: 1 })
  const [id] = await submit(3, { model, tenant: 'capped' })
  const prefix = prefixOf(id!)
  await raw.zrem(turnsOf(model), 'capped')
  await raw.zadd(`${prefix}capped:${TEST_LINE}`, 0, 'capped')
  expect((await takeJobs(queue, model)).records).toEqual([])
  await queue.upkeep.reconcile(model)
  expect((await takeJobs(queue, model)).records).toHaveLength(1)
})

test('a new weight counts for jobs that wait already', async () => {
  const model = newModel()
  for (const tenant of ['a', 'b']) await submit(600, { model, tenant })
  const pool = new DevicePool({ queue, raw }, { model, devices: 4, fateOf: lengths({}) })
  await pool.fill()
  for (let i = 0; i < 200; i++) await pool.step()
  await setShares(model, { a: 3 })
  const before = new Map(pool.used)
  for (let i = 0; i < 600; i++) await pool.step()
  expect(Math.abs(shareSince(before, pool.used, 'a') / 0.75 - 1)).toBeLessThan(0.05)
})

test.each(['fails', 'canceled', 'lost'] as const)('a tenant pays for each job that %s what it used', async (as) => {
  const model = newModel()
  for (const tenant of ['well', 'ill']) await submit(400, { model, tenant })
  const fateOf = ({ tenant }: JobRecord): Fate => (tenant === 'ill' ? { ms: 9000, as } : { ms: 3000 })
  const pool = new DevicePool({ queue, raw }, { model, devices: 4, fateOf })
  await pool.fill()
  for (let i = 0; i < 300; i++) await pool.step()
  expect(Math.abs(shareOf(pool.used, 'ill') / 0.5 - 1)).toBeLessThan(0.1)
})

test('jobs that fail at once cost next to nothing, and keep nobody from the devices', async () => {
  const model = newModel()
  for (const tenant of ['well', 'ill']) await submit(400, { model, tenant })
  const fateOf = ({ tenant }: JobRecord): Fate => (tenant === 'ill' ? { ms: 1, as: 'fails' } : { ms: 3000 })
  const pool = new DevicePool({ queue, raw }, { model, devices: 4, fateOf })
  await pool.fill()
  for (let i = 0; i < 500; i++) await pool.step()
  expect(shareOf(pool.used, 'well')).toBeGreaterThan(0.99)
  // All of the one are over, and the devices were never idle for the other.
  expect(pool.now).toBeLessThan((pool.used.get('well')! / 4) * 1.05 + 6000)
})

test('a tenant with many suspects has one of them before its turn, in the time of a lease, and the others in turn', async () => {
  const model = newModel()
  const ids = await submit(6, { model, tenant: 'ill' })
  const { records } = await takeJobs(queue, model, { places: 6 })
  expect(records).toHaveLength(6)
  await submit(20, { model, tenant: 'well' })
  const prefix = prefixOf(ids[0]!)
  for (const { id } of records) {
    await raw.hincrby(`${prefix}job:${id}`, 'started_at', -30_000)
    await raw.zadd(`${prefix}lease`, 1, id)
  }
  await queue.upkeep.reconcile(model)
  expect(await raw.zcard(`${prefix}suspect:${TEST_LINE}`)).toBe(6)
  const given: string[] = []
  for (let i = 0; i < 8; i++) given.push(...(await takeJobs(queue, model)).records.map(({ tenant }) => tenant))
  expect(given).toEqual(['ill', ...Array.from({ length: 7 }, () => 'well')])
  await raw.del(`${prefix}early:${TEST_LINE}`)
  expect((await takeJobs(queue, model)).records[0]?.tenant).toBe('ill')
  // When nobody else waits they are next.
  while ((await takeJobs(queue, model)).records[0]?.tenant === 'well');
  expect(await raw.zcard(`${prefix}suspect:${TEST_LINE}`)).toBe(3)
})

test('of two lines of a worker the one whose next job is older is first', async () => {
  const model = newModel()
  const lines = [TEST_LINE, 'c:contract']
  const ids: JobId[] = []
  for (let i = 0; i < 6; i++) ids.push(...(await submit(1, { model, line: lines[i % 2]! })))
  const { records } = await takeJobs(queue, model, { lines, places: 6 })
  expect(records.map(({ id }) => id)).toEqual(ids)
})

const TWO_LINES = [TEST_LINE, 'c:contract'] as const

test.each([
  ['one has pinned its jobs', { pinned: [TEST_LINE], free: ['c:contract'] }],
  ['one has pinned half of its jobs', { pinned: TWO_LINES, free: ['c:contract'] }],
])('tenants get their shares over all lines of a worker when %s', async (_what, linesOf) => {
  const model = newModel()
  await setShares(model, { pinned: 2 })
  // The older heads are all of the one: they do not go first for that.
  for (const [tenant, lines] of Object.entries(linesOf)) {
    for (const line of lines) await submit(1200 / lines.length, { model, tenant, line })
  }
  const fateOf = lengths({ pinned: 3000, free: 1000 })
  const pool = new DevicePool({ queue, raw }, { model, devices: 4, fateOf, lines: TWO_LINES })
  await pool.fill()
  for (let i = 0; i < 500; i++) await pool.step()
  expect(Math.abs(shareOf(pool.used, 'pinned') / (2 / 3) - 1)).toBeLessThan(0.05)
})

test('who waited in a line that nobody served has saved up a minute of device time, and no more', async () => {
  const model = newModel()
  await submit(400, { model, tenant: 'pinned' })
  await submit(600, { model, tenant: 'free', line: 'c:contract' })
  const others = new DevicePool(
    { queue, raw },
    { model, devices: 4, fateOf: lengths({ free: 5000 }), lines: ['c:contract'] },
  )
  await others.fill()
  for (let i = 0; i < 200; i++) await others.step()
  const pool = new DevicePool({ queue, raw }, { model, devices: 4, fateOf: lengths({}), lines: TWO_LINES })
  await pool.fill()
  for (let i = 0; i < 60; i++) await pool.step()
  expect(shareOf(pool.used, 'pinned')).toBeGreaterThan(0.9)
  const before = new Map(pool.used)
  for (let i = 0; i < 200; i++) await pool.step()
  expect(Math.abs(shareSince(before, pool.used, 'pinned') / 0.5 - 1)).toBeLessThan(0.1)
})
