/** What it costs Redis to choose a job does not grow with what waits, nor with how many tenants wait. */
import type { JobRecord } from '@millrace/contracts'
import { expect, test } from 'vitest'
import { openQueueStand } from '../../support/open-queue-stand.ts'
import { newJob, TEST_LINE } from '../../support/open-test-queue.ts'
import { takeJobs } from '../../support/take-jobs.ts'
import { prefixOf } from './device-pool.ts'

const { raw, queue } = await openQueueStand({ lockMs: 600_000 })
const TAKES = 300

/** Fills a model: of each tenant one job that is whole, and behind it names of jobs, as rows and indexes keep them. */
async function fill(model: string, tenants: number, jobs: number): Promise<void> {
  const each = jobs / tenants
  const whole = Math.max(1, (2 * TAKES) / tenants)
  const prefix = prefixOf(newJob({ model }).id)
  await Promise.all(
    Array.from({ length: tenants * whole }, (_, i) => queue.jobs.submit(newJob({ model, tenant: `t${i % tenants}` }))),
  )
  const later = Date.now() * 1000 + 3_600_000_000
  for (let tenant = 0; tenant < tenants; tenant++) {
    const names = Array.from({ length: each - whole }, (_, i) => [later + i, newJob({ model }).id])
    if (names.length === 0) continue
    await raw.zadd(`${prefix}wait:${TEST_LINE}:t${tenant}`, ...names.flat())
    await raw.zadd(`${prefix}index:t${tenant}:queued`, ...names.flat())
    await raw.zadd(`${prefix}open`, ...names.flat())
  }
}

interface Cost {
  us: number
  commands: number
}

/** Of the quickest of ten rounds, for others may have the processor meanwhile. */
async function costOfTakes(model: string): Promise<Cost> {
  for (let i = 0; i < 50; i++) await takeJobs(queue, model)
  const costs: Cost[] = []
  const round = TAKES / 10
  while (costs.length < 10) {
    await raw.config('RESETSTAT')
    for (let i = 0; i < round; i++) expect((await takeJobs(queue, model)).records).toHaveLength(1)
    const stats = [...(await raw.info('commandstats')).matchAll(/cmdstat_([^:]+):calls=(\d+),usec=(\d+)/g)]
    const script = stats.find(([, name]) => name === 'fcall')
    const commands = stats.reduce((sum, [, , calls]) => sum + Number(calls), 0)
    costs.push({ us: Number(script?.[3]) / round, commands: commands / round })
  }
  return costs.sort((one, other) => one.us - other.us)[0] as Cost
}

test('a take with 1,000 tenants and 100,000 waiting jobs costs what it costs with one and 1,000', async () => {
  await fill('few', 1, 1000)
  await fill('many', 1000, 100_000)
  const few = await costOfTakes('few')
  const many = await costOfTakes('many')
  const show = ({ us, commands }: Cost) => `${us.toFixed(0)} µs in ${commands.toFixed(1)} commands`
  console.log(`a take: ${show(few)}; with many that wait ${show(many)}; ratio ${(many.us / few.us).toFixed(2)}`)
  expect(many.commands).toBeLessThan(few.commands * 1.2)
  expect(many.us).toBeLessThan(few.us * 2)
})

test('a job that ended well keeps few enough fields that Redis doubles no table for them', async () => {
  const key = 'key_1'
  await queue.jobs.submit(newJob({ model: 'kept', key }))
  const [record] = (await takeJobs(queue, 'kept')).records
  const output = { value: { inline: '1' }, files: [] }
  await queue.attempts.succeed(record!, { output, runSeconds: 1, modelMetrics: { n: 1 } })
  const found = await queue.jobs.get(record!.id, 'signed')
  expect(await raw.hlen(`${prefixOf(record!.id)}job:${record!.id}`)).toBeLessThanOrEqual(16)
  // What is not kept is told by the rest.
  expect(found).toMatchObject({ record: { worker: 'w', run_seconds: 1, started_at: expect.stringMatching(/Z$/) } })
  const { finished_at, purge_at } = (found as { record: JobRecord }).record
  expect(Date.parse(purge_at!) - Date.parse(finished_at!)).toBe(3_600_000)
})
