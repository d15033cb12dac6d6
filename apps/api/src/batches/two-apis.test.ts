/** Two processes of an API go on with the same batches, over one Redis: each row has one job, and each receiver is told once. */
import type { Batch } from '@millrace/contracts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { manifest, openBatchStand } from './batch-stand.fixture.ts'
import { openTestQueue } from '../../../../test/support/open-test-queue.ts'
import { until } from '../../../../test/support/until.ts'

const MODELS = ['echo', 'second', 'third']
let stand: Awaited<ReturnType<typeof openBatchStand>>
const closing: (() => unknown)[] = []
beforeAll(async () => {
  stand = await openBatchStand()
  closing.push(() => stand.close())
  for (const name of MODELS) {
    await stand.queue.models.publish({ ...manifest, name }, 'w')
    const worker = stand.work(name)
    closing.push(() => worker.close())
  }
})
afterAll(async () => {
  for (const close of closing.reverse()) await close()
})

it('runs each row once though both go on with all batches, over models of several shards', async () => {
  const other = openTestQueue(stand.url, { role: 'api' })
  closing.push(() => other.close())
  const { jobs, batches, files, tenants, models, webhooks, usage } = other
  const runners = [stand.runner, stand.runnerOver({ jobs, batches, files, tenants, models, webhooks, usage })]
  const rows = Array.from({ length: 90 }, (_, n) => ({ model: MODELS[n % 3], input: { n: n + 100 } }))
  const begun = await Promise.all([0, 1, 2].map(() => stand.begin({ jobs: rows, webhook: 'https://example.com/hook' })))
  const read = ({ id }: Batch) => stand.ask('GET', `/batches/${id}`).then(({ body }) => body)
  const ended = await until('all have ended', async () => {
    await Promise.all(runners.map((runner) => runner.round()))
    const all = await Promise.all(begun.map(read))
    const open = await stand.queue.batches.open()
    return open.length === 0 && all.every(({ finished_at }) => finished_at !== null) ? all : undefined
  })
  const seen = new Set<string>()
  for (const batch of ended) {
    expect(batch).toMatchObject({ status: 'completed', counts: { submitted: 90, succeeded: 90 } })
    const results = await stand.resultsOf(batch)
    expect(results.map(({ output }) => (output as { n: number }).n)).toEqual(rows.map(({ input }) => input.n))
    for (const { job_id } of results) seen.add(job_id ?? '')
  }
  expect(seen.size).toBe(270)
  const made = await Promise.all(MODELS.map((model) => stand.ask('GET', `/jobs/counts?model=${model}`)))
  expect(made.map(({ body }) => (body as unknown as { total: number }).total)).toEqual([90, 90, 90])
  const { deliveries } = await stand.queue.webhooks.deliveries.list({ tenant: 'default', limit: 100 })
  expect(deliveries.map(({ webhook_id }) => webhook_id).toSorted()).toEqual(
    begun.map(({ id }) => `evt_${id}_ended`).toSorted(),
  )
})
