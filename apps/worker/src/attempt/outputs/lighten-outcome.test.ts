import { text } from 'node:stream/consumers'
import { jobPrefix } from '@millrace/contracts'
import type { KeptOutput } from '@millrace/queue'
import { type ObjectStore, StorageError } from '@millrace/storage'
import { expect, test } from 'vitest'
import type { RunOutcome } from '@millrace/host'
import { type BenchOptions, done, JOB_ID, keysBelow, openBench, sha256 } from '../attempt.fixture.ts'

const word = { word: 'w'.repeat(5000) }
const asText = JSON.stringify(word)

/** A store that has no room for what is inline. */
async function openCrowded(options: BenchOptions) {
  const bench = await openBench(options)
  const { told } = bench.store
  Object.defineProperty(bench.store, 'settleAnswer', {
    get: () => {
      const kept = keptOf(told.at(-1))
      if (kept && 'inline' in kept.value) return { outcome: 'crowded' }
      // As the record would have it.
      if (kept) bench.store.record = { ...bench.store.record!, output: kept.value, output_files: kept.files }
      return { outcome: 'done', status: 'succeeded' }
    },
  })
  return bench
}

type Bench = Awaited<ReturnType<typeof openBench>>

function keptOf(told: Bench['store']['told'][number] | undefined): KeptOutput | undefined {
  if (told?.as === 'succeed') return told.success.output
  return told?.as === 'fail' || told?.as === 'stop' ? told.partial : undefined
}

const failing: RunOutcome = {
  kind: 'failed',
  code: 'model_error',
  message: 'no',
  partial: { output: word, files: [] },
  runSeconds: 1,
}
const away = (objects: ObjectStore): ObjectStore =>
  Object.assign(Object.create(objects) as ObjectStore, {
    put: async () => {
      throw new StorageError('unavailable', 'away')
    },
  })

test.each<[string, BenchOptions, string]>([
  ['that succeeded', { script: async () => done(word) }, 'succeed'],
  ['that failed with what it had given', { script: async () => failing }, 'fail'],
])('the output of a job %s goes to the object store when Redis has no room for it', async (_, options, as) => {
  const bench = await openCrowded(options)
  expect(await bench.attempt()).toBe('over')
  expect(bench.store.told.map((told) => told.as)).toEqual([as, as])
  const { value } = keptOf(bench.store.told[1]) as KeptOutput
  if (!('stored' in value)) throw new Error('it is inline')
  expect(value.stored).toMatchObject({ size: asText.length, sha256: sha256(Buffer.from(asText)) })
  expect(await text(await bench.objects.get(value.stored.key))).toBe(asText)
  expect(await keysBelow(bench.objects, jobPrefix('acme', JOB_ID))).toEqual([value.stored.key])
})

test('a job whose output has room nowhere is tried again, blaming nobody', async () => {
  const bench = await openCrowded({ script: async () => done(word), wrapObjects: away, pace: { storeForMs: 20 } })
  await bench.attempt()
  expect(bench.store.told).toMatchObject([
    { as: 'succeed' },
    { as: 'fail', blame: 'platform', error: { code: 'output_unavailable' } },
  ])
})

test('a job that failed ends so, without what it had given, when that has room nowhere', async () => {
  const bench = await openCrowded({ script: async () => failing, wrapObjects: away, pace: { partialForMs: 20 } })
  await bench.attempt()
  expect(bench.store.told).toHaveLength(2)
  expect(bench.store.told[1]).toMatchObject({ as: 'fail', error: { code: 'model_error' } })
  expect(keptOf(bench.store.told[1])).toBeUndefined()
})
