/** Erasing jobs by their metadata: nothing of their rows is left in batches, whether these go on or have ended, and all other rows stay. */
import { Eraser } from '@millrace/worker'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Batch } from '@millrace/contracts'
import { openBatchStand } from '../../../apps/api/src/batches/batch-stand.fixture.ts'
import { silent } from '../../support/open-test-queue.ts'
import { until } from '../../support/until.ts'
import { allOfRedis, allOfStore, placesOf } from './plant.ts'

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

async function erase(): Promise<void> {
  const { queue, api } = stand
  const eraser = new Eraser({
    ...{ erasures: queue.erasures, jobs: queue.upkeep, files: queue.files, audit: queue.audit },
    ...{ objects: api.deps.objects as never, ownedSince: async () => 0, logger: silent, logFault: () => undefined },
  })
  const begin = async (counted?: string): Promise<string> => {
    const what = { tenant: 'default', metadata: { customer: MARK } }
    const begun = await queue.erasures.begin({ ...what, dry_run: counted === undefined, ...(counted && { counted }) })
    if (begun.outcome !== 'begun') throw new Error(begun.outcome)
    return begun.id
  }
  const counted = await begin()
  await eraser.round()
  const id = await begin(counted)
  await eraser.round()
  // It waits for a process of the API.
  expect(await queue.erasures.get(id)).toMatchObject({ status: 'running' })
  await until('it is done', async () => {
    await stand.runner.round()
    await eraser.round()
    return (await queue.erasures.get(id))?.status === 'done'
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
