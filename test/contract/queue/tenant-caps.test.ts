/** A tenant's cap is over all its models, and no script sees two of them: what runs is counted here at one moment, on a real Redis. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { manifestSchema } from '@millrace/contracts'
import { expect, test } from 'vitest'
import { openQueueStand } from '../../support/open-queue-stand.ts'
import { newJob, openTestQueue } from '../../support/open-test-queue.ts'
import { takeJobs } from '../../support/take-jobs.ts'
import { until } from '../../support/until.ts'
import { prefixOf as prefixOfJob } from './device-pool.ts'

const { redis, raw, queue } = await openQueueStand({ lockMs: 600_000 })
const MODELS_KEY = 'mr:models'

let named = 0
/** Models that are known, as after their publish. */
async function newModels(count: number): Promise<string[]> {
  const models = Array.from({ length: count }, () => `caps-${named++}`)
  await raw.del(MODELS_KEY)
  await raw.sadd(MODELS_KEY, ...models)
  return models
}

const manifestOf = (name: string) =>
  manifestSchema.parse({ name, version: '1.0.0', input_schema: {}, output_schema: {} })
const prefixOf = (model: string) => prefixOfJob(newJob({ model }).id)

async function submit(model: string, count: number, tenant = 'acme'): Promise<void> {
  await Promise.all(Array.from({ length: count }, () => queue.jobs.submit(newJob({ model, tenant }))))
}

/** At one moment, in each model. */
async function running(models: readonly string[], tenant = 'acme'): Promise<number[]> {
  const all = raw.multi()
  for (const model of models) all.zcard(`${prefixOf(model)}index:${tenant}:running`)
  return ((await all.exec()) ?? []).map(([, count]) => count as number)
}
const sum = (counts: readonly number[]) => counts.reduce((all, one) => all + one, 0)

/** Takes as many as are given, and answers what ends each of them. */
async function start(model: string, places = 50): Promise<(() => Promise<unknown>)[]> {
  const { records } = await takeJobs(queue, model, { places })
  const success = { output: { value: { inline: '1' }, files: [] }, runSeconds: 0.001 }
  return records.map(
    ({ id, fence }) =>
      () =>
        queue.attempts.succeed({ id, fence }, success),
  )
}

test('never do more run than may, in three models together, while the cap goes up and down under load', async () => {
  const models = await newModels(3)
  const other = openTestQueue(redis.url, { lockMs: 600_000 })
  const state = { cap: 6, most: 6, isOver: false, seen: 0, highest: 0 }
  await queue.tenants.change('acme', { running_jobs: 6 })
  for (const model of models) await submit(model, 400)

  const look = async () => {
    const before = state.most
    const now = sum(await running(models))
    expect(now, `with a cap of ${state.cap}`).toBeLessThanOrEqual(Math.max(before, state.most))
    state.most = Math.max(state.cap, Math.min(state.most, now))
    state.highest = Math.max(state.highest, now)
    state.seen++
  }
  const work = async (model: string) => {
    while (!state.isOver) {
      const ends = await start(model, 4)
      for (const stop of ends) {
        await nextTurn()
        await stop()
      }
    }
  }
  const change = async () => {
    for (const cap of [2, 9, 1, 5, 0, 7, 3]) {
      if (state.isOver) return
      // What is more may be in force at once; what is less, when it was answered.
      if (cap > state.cap) Object.assign(state, { cap, most: Math.max(cap, state.most) })
      await other.tenants.change('acme', { running_jobs: cap })
      if (cap < state.cap) Object.assign(state, { cap, most: Math.max(cap, sum(await running(models))) })
      for (let i = 0; i < 8; i++) await Promise.all([look(), queue.tenantUpkeep.tend()])
    }
    state.isOver = true
  }
  const watch = async () => {
    while (!state.isOver) await look()
  }
  await Promise.all([change(), watch(), ...models.map(work)]).finally(() => (state.isOver = true))
  await other.close()
  // It was tight, and looked at often.
  expect(state.highest).toBeGreaterThan(6)
  expect(state.seen).toBeGreaterThan(100)
})

test('where one model alone has jobs all of the cap is there, and it goes where it is wanted about a second later', async () => {
  const models = await newModels(3)
  const [x, y] = models as [string, string]
  await queue.tenants.change('acme', { running_jobs: 5 })
  await submit(x, 20)
  const first = await start(x)
  await queue.tenantUpkeep.tend()
  const ofX = [...first, ...(await start(x))]
  expect(await running(models)).toEqual([5, 0, 0])

  await submit(y, 20)
  expect(await start(y)).toEqual([])
  await queue.tenantUpkeep.tend()
  expect(await start(y)).toEqual([])
  // As jobs of the other end, and not before.
  for (const stop of ofX.slice(0, 3)) await stop()
  expect(await start(x)).toHaveLength(1)
  await queue.tenantUpkeep.tend()
  expect(await start(y)).toHaveLength(2)
  expect(await running(models)).toEqual([3, 2, 0])
})

test('who gets a cap while more than that run starts nothing, in no model, before fewer run', async () => {
  const [x, y] = (await newModels(2)) as [string, string]
  await queue.tenants.change('acme', { running_jobs: null })
  await submit(x, 9)
  const ends = await start(x)
  await queue.tenants.change('acme', { running_jobs: 5 })
  await submit(y, 9)
  for (const stop of ends.slice(0, 4)) {
    await queue.tenantUpkeep.tend()
    expect(await start(y)).toEqual([])
    await stop()
  }
  await queue.tenantUpkeep.tend()
  expect(await start(y)).toEqual([])
  await ends[4]?.()
  await queue.tenantUpkeep.tend()
  expect(await start(y)).toHaveLength(1)
  expect(await running([x, y])).toEqual([4, 1])
})

test('nothing starts while more run elsewhere than may, also where the part of a model stays what it was', async () => {
  const [x, y] = (await newModels(2)) as [string, string]
  await submit(y, 2)
  const submitted = Date.now()
  await until('the clock goes on', () => Date.now() > submitted + 1)
  await submit(x, 2)
  await queue.tenants.change('acme', { running_jobs: 2 })
  const [stop] = await start(x)
  expect(await running([x, y])).toEqual([1, 0])
  // y has waited longer, so the one place is meant for it: that of x is yet taken.
  await queue.tenants.change('acme', { running_jobs: 1 })
  expect(await start(y)).toEqual([])
  await stop?.()
  await queue.tenantUpkeep.tend()
  expect(await start(y)).toHaveLength(1)
  expect(await running([x, y])).toEqual([0, 1])
})

test('of a cap that does not go round, the model whose job has waited longest gets the next place', async () => {
  const models = await newModels(4)
  await queue.tenants.change('acme', { running_jobs: 1 })
  const order: string[] = []
  for (const model of models) await submit(model, 2)
  for (let i = 0; order.length < 8 && i < 40; i++) {
    await queue.tenantUpkeep.tend()
    for (const model of models) {
      for (const stop of await start(model)) {
        order.push(model)
        expect(sum(await running(models))).toBe(1)
        await stop()
      }
    }
  }
  expect([...order].sort()).toEqual([...models, ...models].sort())
})

test('a model that is new knows the caps before its first job, and one that lost its data is told again', async () => {
  const models = await newModels(1)
  const [old] = models as [string]
  await queue.tenants.change('acme', { running_jobs: 2 })
  await submit(old, 4)
  await start(old)
  const young = `caps-${named++}`
  await queue.models.publish(manifestOf(young), 'w', 3)
  await submit(young, 4)
  expect(await start(young)).toEqual([])
  expect(await running([old, young])).toEqual([2, 0])

  const keys = ['policy', 'policy:at', 'policy:fence'].map((key) => `${prefixOf(young)}${key}`)
  await raw.del(...keys)
  await queue.tenantUpkeep.tend()
  expect(await start(young)).toEqual([])
})

test('caps are heard of also after the shard that numbers who shares them out has lost its newest data', async () => {
  const [model] = (await newModels(1)) as [string]
  await queue.tenants.change('acme', { running_jobs: 5 })
  await submit(model, 3)
  await raw.del(...(await raw.keys('*policies:fence')))
  await queue.tenants.change('acme', { running_jobs: 1 })
  expect(await start(model)).toHaveLength(1)
})

test('a weight and a cap are gone when they are cleared, and what the installation has holds again', async () => {
  const [model] = (await newModels(1)) as [string]
  await queue.tenants.setDefaults({ weights: { acme: 3 }, running: { acme: 2 } })
  await queue.tenants.change('acme', { weight: 7, running_jobs: 4 })
  const policy = () => raw.hget(`${prefixOf(model)}policy`, 'acme')
  expect(await policy()).toBe('7 4')
  await queue.tenants.change('acme', { weight: null, running_jobs: null })
  expect(await policy()).toBe('3 2')
  await queue.tenants.setDefaults({ weights: {}, running: {} })
  expect(await policy()).toBeNull()
})
