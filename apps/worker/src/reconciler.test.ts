import { jobPrefix } from '@millrace/contracts'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../test/support/until.ts'
import { createFaultLog } from './fault-log.ts'
import { createReconciler, type ReconcilerStore } from './reconciler.ts'

function setUp(change: Partial<ReconcilerStore> = {}) {
  const did: string[] = []
  const faults: string[] = []
  const logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: (_fields: object, message: string) => void faults.push(message),
    error: () => undefined,
  }
  const reconciler = createReconciler({
    store: {
      models: async () => ['ocr', 'echo'],
      reconcile: async (model) => (did.push(`reconcile ${model}`), { repaired: 0, expired: 0, abandoned: 0 }),
      purgeable: async () => [],
      erasing: async () => [],
      ...change,
    },
    jobs: {
      purge: async (id) => (did.push(`purge ${id}`), 'purged'),
      erased: async (id) => void did.push(`erased ${id}`),
    },
    files: {
      release: async (_tenant, id) => (did.push(`release ${id}`), ['blobs/acme/x']),
      deleted: async (_tenant, keys) => void did.push(`deleted ${keys.join()}`),
    },
    objects: {
      deletePrefix: async (prefix) => did.push(`delete ${prefix}`),
      delete: async (key) => void did.push(`delete ${key}`),
    },
    logger,
    logFault: createFaultLog(logger),
    everyMs: 5,
  })
  onTestFinished(() => reconciler.stop(1000))
  reconciler.start()
  return { did, faults, reconciler }
}
const rounds = (did: string[], what: string) => did.filter((entry) => entry === what).length

test('every model is looked at, round after round, until it is stopped', async () => {
  const { did, reconciler } = setUp()
  await until('three rounds', () => rounds(did, 'reconcile ocr') >= 3 && rounds(did, 'reconcile echo') >= 3)
  await reconciler.stop(1000)
  const before = did.length
  await new Promise((resolve) => setImmediate(resolve))
  expect(did.length).toBe(before)
})

test('one failing model never stops the others, and is told at most once a second', async () => {
  const { did, faults } = setUp({
    reconcile: async (model) => {
      if (model === 'ocr') throw new Error('broken')
      did.push(`reconcile ${model}`)
      return { repaired: 0, expired: 0, abandoned: 0 }
    },
  })
  await until('ten rounds of the other', () => rounds(did, 'reconcile echo') >= 10)
  expect(faults).toEqual(['The jobs of a model could not be reconciled'])
})

const erased = (id: string) => [
  `delete ${jobPrefix('acme', id)}`,
  `release ${id}`,
  'delete blobs/acme/x',
  'deleted blobs/acme/x',
  `erased ${id}`,
]

test('a job past its retention loses its record first, so that nobody can run it without its files', async () => {
  let due = [{ id: 'job_1', tenant: 'acme' }]
  const { did } = setUp({ models: async () => ['echo'], purgeable: async () => due.splice(0) })
  await until('it is erased', () => did.includes('erased job_1'))
  due = []
  expect(did.filter((entry) => !entry.startsWith('reconcile'))).toEqual(['purge job_1', ...erased('job_1')])
})

test('what a killed process had not erased of a purged job is erased', async () => {
  const owed = [{ id: 'job_2', tenant: 'acme' }]
  const { did } = setUp({ models: async () => ['echo'], erasing: async () => owed.splice(0) })
  await until('it is erased', () => did.includes('erased job_2'))
  expect(did.filter((entry) => !entry.startsWith('reconcile'))).toEqual(erased('job_2'))
})

test('a purge that hangs holds up neither the other models nor the next round', async () => {
  const { did } = setUp({ purgeable: () => new Promise(() => undefined) })
  await until('three rounds', () => rounds(did, 'reconcile ocr') >= 3 && rounds(did, 'reconcile echo') >= 3)
})
