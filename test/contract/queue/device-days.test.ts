/** Limits on the device seconds of a day, over several models: with real scripts and their clock. */
import { randomUUID } from 'node:crypto'
import { manifestSchema } from '@millrace/contracts'
import { newJobId, type Queue } from '@millrace/queue'
import { beforeEach, expect, it } from 'vitest'
import { openQueueStand } from '../../support/open-queue-stand.ts'
import { newJob } from '../../support/open-test-queue.ts'
import { takeJobs } from '../../support/take-jobs.ts'

const { raw, queue } = await openQueueStand({ lockMs: 600_000 })
const MODELS = ['ocr', 'upscale']
const line = 'v:1.0.0'
const DAY_MS = 86_400_000

beforeEach(async () => {
  await raw.flushall()
  await raw.sadd('mr:models', ...MODELS)
})

/** As a worker that does upkeep does each second. */
const tend = (): Promise<void> => queue.tenantUpkeep.tend()

const limit = (tenant: string, seconds: number | null) =>
  queue.tenants.change(tenant, { device_seconds_per_day: seconds })

async function submit(tenant: string, model: string, of: Queue = queue) {
  const id = newJobId(model)
  const { outcome } = await of.jobs.submit(newJob({ id, tenant, model, line }))
  return { id, outcome }
}

const take = async (model: string, places = 1) =>
  (await takeJobs(queue, model, { lines: [line], places, process: randomUUID(), alone: false })).records

/** The next job of the model, whose run took so long. */
async function run(model: string, runSeconds: number): Promise<string> {
  const [job] = await take(model)
  if (!job) return 'nothing'
  await queue.attempts.succeed(
    { id: job.id, fence: job.fence },
    { output: { value: { inline: '1' }, files: [] }, runSeconds },
  )
  return job.tenant
}

it('gives no more jobs to a tenant that has used up its day in one model, and takes none, until the limit is raised', async () => {
  await limit('acme', 10)
  await tend()
  for (let i = 0; i < 4; i++) await submit('acme', 'ocr')
  await submit('other', 'ocr')
  // Two in one call, so that the third take sees both ends.
  const both = await take('ocr', 2)
  expect(await run('ocr', 6)).toBe('acme')
  for (const { id, fence } of both) {
    await queue.attempts.succeed({ id, fence }, { output: { value: { inline: '1' }, files: [] }, runSeconds: 3 })
  }
  // What the scripts of this model have seen needs no upkeep to be known here.
  expect(both.map(({ tenant }) => tenant).sort()).toEqual(['acme', 'other'])
  expect(await run('ocr', 1)).toBe('acme')
  expect(await run('ocr', 1)).toBe('nothing')
  const refused = await queue.jobs.submit(newJob({ id: newJobId('ocr'), tenant: 'acme', model: 'ocr', line }))
  const left = DAY_MS - (Number((await raw.time())[0]) % 86_400) * 1000
  expect(refused.outcome).toBe('spent')
  if (refused.outcome === 'spent') expect(Math.abs(refused.resetsMs - left)).toBeLessThan(60_000)
  expect(await queue.jobs.tryOut(newJob({ tenant: 'acme', model: 'ocr', line }))).toMatchObject({ outcome: 'spent' })
  expect((await submit('other', 'ocr')).outcome).toBe('created')
  expect(await run('ocr', 1)).toBe('other')
  // It waits and says why.
  const manifest = manifestSchema.parse({ name: 'ocr', version: '1.0.0', input_schema: {}, output_schema: {} })
  await queue.models.publish(manifest, 'w', 1)
  const [waiting] = (await queue.jobs.list({ tenant: 'acme', filter: { status: ['queued'] }, limit: 1 })).records
  expect(await queue.jobs.place(waiting!)).toMatchObject({ position: 1, eta: null, why: 'tenant_limit' })

  await limit('acme', 20)
  await tend()
  expect(await run('ocr', 1)).toBe('acme')
  expect((await submit('acme', 'ocr')).outcome).toBe('created')
})

it('counts what other models were used for, and lets jobs go on when the limit is taken away', async () => {
  await limit('acme', 10)
  for (const model of MODELS) for (let i = 0; i < 3; i++) await submit('acme', model)
  await tend()
  expect(await run('ocr', 8)).toBe('acme')
  expect(await run('upscale', 1.5)).toBe('acme')
  await tend()
  expect(await run('upscale', 0.5)).toBe('acme')
  await tend()
  expect(await Promise.all(MODELS.map((model) => run(model, 1)))).toEqual(['nothing', 'nothing'])
  expect((await submit('acme', 'ocr')).outcome).toBe('spent')
  await limit('acme', null)
  await tend()
  expect(await Promise.all(MODELS.map((model) => run(model, 1)))).toEqual(['acme', 'acme'])
  expect(await raw.exists('{mr:access}:tenants:metered')).toBe(0)
  expect(await raw.keys('*:policy')).toEqual([])
})

it('begins a day with the whole limit, before anybody has shared it out', async () => {
  await limit('acme', 5)
  await limit('none', 0)
  await tend()
  const prefix = `{mr:${newJobId('ocr').slice(4, 12)}}:`
  const today = Math.floor(Number((await raw.time())[0]) / 86_400)
  // Yesterday was used up, and more.
  await raw.hset(`${prefix}policy`, ':acme', `${today - 1} -3000 5000`, ':none', `${today - 1} 0 0`)
  expect((await submit('acme', 'ocr')).outcome).toBe('created')
  expect((await submit('acme', 'ocr')).outcome).toBe('created')
  expect((await submit('none', 'ocr')).outcome).toBe('spent')
  expect(await run('ocr', 5)).toBe('acme')
  expect(await run('ocr', 5)).toBe('nothing')
})

it('brings back who waited over midnight', async () => {
  await limit('acme', 1)
  await tend()
  const { id } = await submit('acme', 'ocr')
  await submit('acme', 'ocr')
  expect(await run('ocr', 2)).toBe('acme')
  expect(await run('ocr', 2)).toBe('nothing')
  const prefix = `{mr:${id.slice(4, 12)}}:`
  expect(await raw.zcard(`${prefix}capped:${line}`)).toBe(1)
  const today = Math.floor(Number((await raw.time())[0]) / 86_400)
  // Midnight has passed: what was left is of yesterday, and so is what was used.
  await raw.hset(`${prefix}policy`, ':acme', `${today - 1} -1000 1000`)
  await raw.rename(`${prefix}usage:${today}:acme`, `${prefix}usage:${today - 1}:acme`)
  await queue.upkeep.reconcile('ocr')
  expect(await run('ocr', 2)).toBe('acme')
})
