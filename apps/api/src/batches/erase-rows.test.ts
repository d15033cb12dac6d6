/** Erasing jobs by their metadata: nothing of their rows is left in batches, whether these go on or have ended, and all other rows stay. */
import type { Batch } from '@millrace/contracts'
import type { OpenErasure } from '@millrace/queue'
import { finishPurge } from '@millrace/storage'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { allOfRedis, allOfStore, placesOf } from '../../../../test/support/kept/all-of-redis.ts'
import { until } from '../../../../test/support/until.ts'
import { openBatchStand } from './batch-stand.fixture.ts'

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

const MARK = 'louis'

/** Rows of two customers by turns; what may name the first is marked. */
const row = (n: number, more: object = {}) => ({
  ...{ custom_id: n % 2 ? `${MARK} ${n}` : `other ${n}`, input: { n, note: n % 2 ? `${MARK} \u2028 "é"` : 'other' } },
  ...{ metadata: { customer: n % 2 ? MARK : 'other', n: String(n) }, ...more },
})

const readBatch = async ({ id }: Batch) => (await stand.ask('GET', `/batches/${id}`)).body

/** As a worker does it. Answers whether all of it is done. */
async function goOn(erasure: OpenErasure): Promise<boolean> {
  const { queue, api } = stand
  const deps = { jobs: queue.upkeep, files: queue.files, objects: api.deps.objects }
  for (const shard of await queue.erasures.prepare(erasure)) {
    for (let state = 'more'; state === 'more'; ) {
      const page = await queue.erasures.page(erasure, shard)
      for (const id of page.purged) await finishPurge(deps, { id, tenant: 'default' })
      state = page.state
    }
  }
  if (!erasure.isDry && !(await queue.erasures.isErasedInBatches(erasure))) return false
  await queue.erasures.close(erasure, async () => undefined)
  return true
}

async function erase(): Promise<void> {
  const { erasures } = stand.queue
  const what = { tenant: 'default', metadata: { customer: MARK } }
  const begin = async (more: { dry_run: boolean; counted?: string }): Promise<string> => {
    const begun = await erasures.begin({ ...what, ...more })
    if (begun.outcome !== 'begun') throw new Error(begun.outcome)
    return begun.id
  }
  const counted = await begin({ dry_run: true })
  for (const erasure of await erasures.open()) expect(await goOn(erasure)).toBe(true)
  await begin({ dry_run: false, counted })
  // It waits for a process of the API.
  for (const erasure of await erasures.open()) expect(await goOn(erasure)).toBe(false)
  await until('it is done', async () => {
    await stand.runner.round()
    for (const erasure of await erasures.open()) await goOn(erasure)
    return (await erasures.open()).length === 0
  })
}

it('leaves nothing of erased rows in batches that go on or have ended, and all other rows as they are', async () => {
  const lines = Array.from({ length: 4 }, (_, n) => JSON.stringify(row(n))).join('\n')
  const file = await stand.upload(lines)
  const ended = await stand.ended((await stand.begin({ model: 'echo', file, metadata: { customer: MARK, a: 'b' } })).id)
  const before = await stand.resultsOf(ended)
  const large = await stand.ended((await stand.begin({ model: 'echo', jobs: [row(20_000_001), row(2)] })).id)
  const later = { run_at: new Date(Date.now() + 3_600_000).toISOString() }
  const open = await stand.begin({ model: 'echo', jobs: [row(4, later), row(5, later), row(6), row(7)] })
  await until('its last rows have run', async () => {
    await stand.runner.round()
    return (await readBatch(open)).counts.succeeded === 2
  })
  const validating = await stand.begin({ model: 'echo', file: await stand.upload(lines.replaceAll('"n":', '"n" :')) })

  await erase()

  const objects = await allOfStore(stand.api.deps.objects as never)
  expect(placesOf(new Map([...(await allOfRedis(stand.raw)), ...objects]), [MARK])).toEqual([])
  // The large output of the erased row.
  expect([...objects.values()].filter((text) => text.length > 10_000_000)).toEqual([])
  const after = await stand.resultsOf(await readBatch(ended))
  const gone = { custom_id: null, job_id: null, status: 'purged', output: null, error: { code: 'row_erased' } }
  expect(after).toMatchObject([before[0], { row: 1, ...gone }, before[2], { row: 3, ...gone }])
  expect(await readBatch(ended)).toMatchObject({ metadata: { a: 'b' }, file: null, counts: { succeeded: 4 } })
  expect(await stand.resultsOf(await readBatch(large))).toMatchObject([gone, { output: { n: 2 } }])

  expect(await stand.ended(validating.id)).toMatchObject({ status: 'completed', counts: { succeeded: 2, purged: 2 } })
  await stand.ask('POST', `/batches/${open.id}/cancel`)
  const rest = await stand.ended(open.id)
  expect(rest).toMatchObject({ status: 'canceled', counts: { succeeded: 1, canceled: 1, purged: 2 } })
  const results = await stand.resultsOf(rest)
  expect(results.map(({ status, custom_id }) => [status, custom_id])).toEqual([
    ...[
      ['canceled', 'other 4'],
      ['purged', null],
      ['succeeded', 'other 6'],
      ['purged', null],
    ],
  ])
})
