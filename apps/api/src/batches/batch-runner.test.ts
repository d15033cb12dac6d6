/** Batches over a real Redis: every row has one job whatever dies, counts are exact, and limits are waited for. */
import type { Batch, Job } from '@millrace/contracts'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Killed, mortal } from '../../../../test/support/mortal.ts'
import { until } from '../../../../test/support/until.ts'
import { manifest, openBatchStand } from './batch-stand.fixture.ts'

let stand: Awaited<ReturnType<typeof openBatchStand>>
let worker: ReturnType<typeof stand.work>
beforeAll(async () => {
  stand = await openBatchStand()
  worker = stand.work()
})
afterAll(async () => {
  await worker.close()
  await stand.close()
})

const row = (n: number, more: object = {}) => ({ custom_id: `row ${n}`, input: { n }, ...more })
const rows = (count: number, from = 0) => Array.from({ length: count }, (_, i) => row(from + i))
const jobsOf = async ({ id }: Batch): Promise<string[]> => {
  const { records } = await stand.queue.jobs.list({ tenant: 'default', limit: 10_000 })
  return records.filter(({ batch }) => batch === id).map(({ id: job }) => job)
}

describe('a batch', () => {
  it('runs all rows, and has the error of those that were refused or failed in its results', async () => {
    const jobs = [...rows(15), row(15, { input: { n: 'text' } }), row(16, { model: 'nobody' }), { input: { n: 17 } }]
    const begun = await stand.begin({ model: 'echo', jobs, metadata: { of: 'a test' } })
    expect(begun).toMatchObject({ status: 'running', counts: { total: 18 }, results: null, metadata: { of: 'a test' } })
    const batch = await stand.ended(begun.id)
    const counts = { total: 18, submitted: 18, succeeded: 15, failed: 1, canceled: 0, refused: 2, purged: 0 }
    expect(batch).toMatchObject({ status: 'completed', counts, errors: [] })
    const results = await stand.resultsOf(batch)
    expect(results.map((one) => one.row)).toEqual(Array.from({ length: 18 }, (_, i) => i))
    expect(results[3]).toMatchObject({ custom_id: 'row 3', status: 'succeeded', output: { n: 3 }, error: null })
    expect(results[13]).toMatchObject({ status: 'failed', output: null, error: { code: 'model_error' } })
    expect(results[15]).toMatchObject({
      ...{ status: 'refused', job_id: null, error: { code: 'invalid_input', errors: [{ path: '/input/n' }] } },
    })
    expect(results[16]).toMatchObject({ status: 'refused', error: { code: 'model_not_found' } })
    expect(results[17]).toMatchObject({ custom_id: null, output: { n: 17 } })
    const { body: job } = await stand.ask('GET', `/jobs/${results[3]?.job_id}`)
    expect(job).toMatchObject({ batch_id: batch.id, priority: 'low' })
  })

  it('is made of the lines of a file, which it keeps although it is deleted', async () => {
    const file = await stand.upload(`${JSON.stringify(row(1))}\n\n${JSON.stringify(row(2))}`)
    const begun = await stand.begin({ model: 'echo', file })
    expect(begun).toMatchObject({ status: 'validating', file, counts: { total: null } })
    await stand.api.app.request(`/v1/files/${file}`, {
      ...{ method: 'DELETE', headers: { authorization: 'Bearer the-key-of-the-settings' } },
    })
    const batch = await stand.ended(begun.id)
    expect(batch).toMatchObject({ status: 'completed', counts: { total: 2, succeeded: 2 } })
  })

  it('says in which lines of its file what is wrong, and submits none', async () => {
    const lines = [JSON.stringify(row(1)), '{"input":', '', JSON.stringify({ input: {}, more: 1 }), '[]']
    const { id } = await stand.begin({ model: 'echo', file: await stand.upload(lines.join('\n')) })
    const batch = await stand.ended(id)
    expect(batch).toMatchObject({
      ...{ status: 'failed', results: null, counts: { submitted: 0 } },
      errors: [
        { line: 2, code: 'malformed_json' },
        { line: 4, path: '/more' },
        { line: 5, code: 'invalid_type' },
      ],
    })
    expect(await jobsOf(batch)).toEqual([])
    const empty = await stand.begin({ file: await stand.upload('\n \n') })
    expect(await stand.ended(empty.id)).toMatchObject({ status: 'failed', errors: [{ line: null, code: 'too_small' }] })
  })

  it('refuses rows of a request by their place, and more than one source', async () => {
    const ask = (body: unknown) => stand.ask('POST', '/batches', { body })
    const refused = await ask({ model: 'echo', jobs: [row(1), { input: 1 }, { input: {}, x: 1 }] })
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ path: '/jobs/1/input' }, { path: '/jobs/2/x' }] } })
    expect(await ask({ model: 'echo' })).toMatchObject({ status: 400 })
    expect(await ask({ jobs: [row(1)], file: `file_${'0'.repeat(26)}` })).toMatchObject({ status: 400 })
    expect(await ask({ file: `file_${'0'.repeat(26)}` })).toMatchObject({
      status: 404,
      body: { code: 'file_not_found' },
    })
  })

  it('is the same for the same key, and its rows keep to keys of their own', async () => {
    const headers = { 'idempotency-key': 'a-batch' }
    const body = { model: 'echo', jobs: [row(1, { idempotency_key: 'once' }), row(1, { idempotency_key: 'once' })] }
    const post = (of: unknown) => stand.ask('POST', '/batches', { body: of, headers })
    const [one, two] = await Promise.all([post(body), post(body)])
    expect(two.body.id).toBe(one.body.id)
    expect(await post({ ...body, model: 'other' })).toMatchObject({
      status: 422,
      body: { code: 'idempotency_mismatch' },
    })
    const results = await stand.resultsOf(await stand.ended(one.body.id))
    expect(new Set(results.map(({ job_id }) => job_id)).size).toBe(1)
    expect(await stand.ended(one.body.id)).toMatchObject({ counts: { succeeded: 2 } })
  })

  it('submits again what did not succeed, once, as a batch of its own', async () => {
    const { id } = await stand.begin({ model: 'echo', jobs: [row(12), row(13), row(14), row(15, { input: {} })] })
    expect(await stand.ask('POST', `/batches/${id}/retry`)).toMatchObject({ status: 409 })
    await stand.ended(id)
    const again = await stand.ask('POST', `/batches/${id}/retry`)
    expect(again).toMatchObject({ status: 202, body: { retry_of: id, counts: { total: 2 } } })
    expect((await stand.ask('POST', `/batches/${id}/retry`)).body.id).toBe(again.body.id)
    const results = await stand.resultsOf(await stand.ended(again.body.id))
    expect(results.map((one) => [one.row, one.custom_id, one.status])).toEqual([
      [1, 'row 13', 'failed'],
      [3, 'row 15', 'refused'],
    ])
  })
})

describe('a batch of several models', () => {
  const OTHER = 'other'
  /** As if what it waits for had been long enough ago. */
  const beDue = async (id: string) => {
    const batch = await stand.queue.batches.get(id, 'default')
    const waitsFor = batch?.state.waitsFor ?? null
    if (!batch || !waitsFor) throw new Error('it waits for nothing')
    await stand.queue.batches.change(batch, { ...batch.state, waitsFor: { ...waitsFor, untilMs: 0 } })
  }
  beforeAll(async () => {
    await stand.queue.models.publish({ ...manifest, name: OTHER }, 'w')
    const other = stand.work(OTHER)
    return () => other.close()
  })
  afterEach(() => stand.queue.models.resume(OTHER, {}))

  it('passes over rows of a model that takes none, so far and no further, and has its results in order', async () => {
    await stand.queue.models.pause(OTHER, { submits: 'refuse' })
    const few = stand.runnerOver({}, { lookAhead: { rows: 600, bytes: 1e6 } })
    // Most are refused at once, so that this costs little.
    const jobs = Array.from({ length: 1100 }, (_, n) =>
      n < 4 ? row(n, { model: n % 2 ? 'echo' : OTHER }) : { input: {} },
    )
    const { id } = await stand.begin({ model: 'echo', jobs })
    await few.round()
    const waiting = (await stand.ask('GET', `/batches/${id}`)).body
    expect(waiting).toMatchObject({ status: 'running', waits_for: 'model_paused', counts: { submitted: 998 } })
    await stand.queue.models.resume(OTHER, {})
    await few.round()
    // It is asked again when its time has come, and not before.
    expect((await stand.ask('GET', `/batches/${id}`)).body.counts.submitted).toBe(998)
    await beDue(id)
    const batch = await stand.ended(id, stand.runnerOver())
    expect(batch).toMatchObject({ status: 'completed', counts: { submitted: 1100, succeeded: 4, refused: 1096 } })
    const results = await stand.resultsOf(batch)
    expect(results.map((one) => one.row)).toEqual(jobs.map((_, n) => n))
    expect(results.slice(0, 4).map(({ output }) => output)).toEqual([0, 1, 2, 3].map((n) => ({ n })))
  })

  it('leaves each model room, though the jobs of one do not move', async () => {
    await stand.queue.models.pause(OTHER, { submits: 'take' })
    const small = stand.runnerOver({ config: { ...stand.deps.config, maxTenantJobs: 10 } })
    const stuck = Array.from({ length: 20 }, (_, n) => row(n, { model: OTHER }))
    const { id } = await stand.begin({ model: 'echo', jobs: [...stuck, ...rows(3, 20)] })
    const counts = await until('the rows behind them have run', async () => {
      await small.round()
      const { body } = await stand.ask('GET', `/batches/${id}`)
      return body.counts.succeeded === 3 ? body.counts : undefined
    })
    // Half of the 80 percent.
    expect(counts.submitted).toBe(3 + 4)
    await stand.ask('POST', `/batches/${id}/cancel`)
    expect(await stand.ended(id, stand.runnerOver())).toMatchObject({ counts: { succeeded: 3, canceled: 20 } })
  })
})

it('has outputs of any size in its results: in their lines, or as files that are kept as long', async () => {
  const { id } = await stand.begin({ model: 'echo', jobs: [row(2_000_000), row(20_000_000), row(3)] })
  const results = await stand.resultsOf(await stand.ended(id))
  expect(results[0]).toMatchObject({ output: 'x'.repeat(1_999_998), output_url: null })
  expect(results[2]).toMatchObject({ output: { n: 3 }, output_url: null })
  const { output, output_url } = results[1]!
  expect(output).toBeNull()
  const kept = await stand.api.app.request(new URL(output_url!).pathname, {
    headers: { authorization: 'Bearer the-key-of-the-settings' },
  })
  expect([kept.status, (await kept.arrayBuffer()).byteLength]).toEqual([200, 20_000_000])
})

describe('whatever dies', () => {
  it('no row is lost, none has two jobs, and each receiver is told of the end once', async () => {
    let kills = 0
    await stand.ask('POST', '/webhook-endpoints', {
      body: { url: 'https://example.com/hook', events: ['batch.ended'] },
    })
    for (let calls = 0; ; calls += 3) {
      const life = { calls }
      const { jobs, batches, files, objects, webhooks } = stand.deps
      const begun = await stand.begin({ model: 'echo', jobs: rows(6, 10), webhook: 'https://example.com/own' })
      const doomed = stand.runnerOver({
        ...{ jobs: mortal(jobs, life), batches: mortal(batches, life), files: mortal(files, life) },
        ...{ objects: mortal(objects, life) },
        webhooks: { ...webhooks, deliveries: mortal(webhooks.deliveries, life) },
      })
      await doomed.round().catch((error: unknown) => expect(error).toBeInstanceOf(Killed))
      const isWhole = life.calls > 0
      if (!isWhole) kills++
      // What the dead process had in hand for some seconds is anybody's.
      await stand.raw.del(`{mr:batches}:taken:${begun.id}`)
      const batch = await stand.ended(begun.id)
      expect(batch).toMatchObject({
        status: 'completed',
        counts: { submitted: 6, succeeded: 5, failed: 1, refused: 0 },
      })
      const results = await stand.resultsOf(batch)
      expect(results.map((one) => one.custom_id)).toEqual([10, 11, 12, 13, 14, 15].map((n) => `row ${n}`))
      expect((await jobsOf(batch)).toSorted()).toEqual(results.map((one) => String(one.job_id)).toSorted())
      await until('it is told of', async () => {
        await stand.runner.round()
        return (await stand.queue.batches.open()).length === 0
      })
      const { deliveries } = await stand.queue.webhooks.deliveries.list({ tenant: 'default', limit: 100 })
      const told = deliveries.filter(({ webhook_id }) => webhook_id === `evt_${begun.id}_ended`)
      expect(told.map(({ endpoint_id }) => String(endpoint_id === null)).toSorted()).toEqual(['false', 'true'])
      if (isWhole) break
    }
    expect(kills).toBeGreaterThan(5)
  })

  it('jobs are not purged before their results are written, and then are', async () => {
    const later = { run_at: new Date(Date.now() + 3_600_000).toISOString() }
    const { id } = await stand.begin({ model: 'echo', jobs: [row(1, { keep_for: 1 }), row(2, later)] })
    await stand.runner.round()
    const job = await until('it has ended', async () => {
      const { body } = await stand.ask('GET', `/jobs?limit=2`)
      return (body as unknown as { data: Job[] }).data.find((one) => one.batch_id === id && one.status === 'succeeded')
        ?.id
    })
    const tag = job?.slice(4, 12)
    await stand.raw.zadd(`{mr:${tag}}:purge`, 1, job ?? '')
    await stand.queue.upkeep.purgeDue('echo')
    expect(await jobsOf({ id } as Batch)).toContain(job)
    expect(await stand.ask('POST', `/batches/${id}/cancel`)).toMatchObject({
      status: 202,
      body: { status: 'canceling' },
    })
    const batch = await stand.ended(id)
    expect(batch).toMatchObject({ status: 'canceled', counts: { succeeded: 1, canceled: 1 } })
    expect(await stand.resultsOf(batch)).toMatchObject([{ status: 'succeeded' }, { status: 'canceled' }])
    await until('it has let go of its jobs', async () => {
      await stand.runner.round()
      return (await stand.raw.exists(`{mr:${tag}}:batch:${id}`)) === 0
    })
    await stand.raw.zadd(`{mr:${tag}}:purge`, 1, job ?? '')
    await stand.queue.upkeep.purgeDue('echo')
    expect(await jobsOf(batch)).not.toContain(job)
  })
})
