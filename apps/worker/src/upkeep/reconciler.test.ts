import { checkpointPrefix, jobPrefix } from '@millrace/contracts'
import { expect, onTestFinished, test } from 'vitest'
import { describeLifecycle } from '../../../../libs/async/src/lifecycle/lifecycle.suite.ts'
import { until } from '../../../../test/support/until.ts'
import { createFaultLog } from '../fault-log.ts'
import { Reconciler, type ReconcilerStore } from './reconciler.ts'

const NOTHING = {
  recovered: 0,
  expired: 0,
  abandoned: 0,
  former: false,
  cancels: false,
  relocates: false,
  steered: false,
  drops: false,
}

function setUp(
  change: Partial<ReconcilerStore> = {},
  { onDelete = (_prefix: string): void => undefined, onRelocate = (): boolean => false, everyMs = 5 } = {},
) {
  const did: string[] = []
  const faults: string[] = []
  const logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: (_fields: object, message: string) => void faults.push(message),
    error: () => undefined,
  }
  const reconciler = new Reconciler({
    store: {
      models: async () => ['ocr', 'echo'],
      reconcile: async (model) => (did.push(`reconcile ${model}`), { ...NOTHING, more: false }),
      carryOver: async (model) => (
        did.push(`carry over ${model}`), { carried: 1, adopted: 0, refused: 0, more: false }
      ),
      cancelPage: async (model) => (did.push(`cancel ${model}`), false),
      tendSteering: async (model) => (did.push(`steer ${model}`), []),
      purgeDue: async () => ({ purged: [], more: false }),
      purged: async (id) => void did.push(`purged ${id}`),
      droppedCheckpoints: async () => [],
      forgetCheckpoint: async ({ folder }) => void did.push(`forget ${folder}`),
      ...change,
    },
    relocate: async (model) => (did.push(`relocate ${model}`), onRelocate()),
    files: {
      release: async (_tenant, id) => (did.push(`release ${id}`), ['blobs/acme/x']),
      deleted: async (_tenant, keys) => void did.push(`deleted ${keys.join()}`),
    },
    objects: {
      deletePrefix: async (prefix) => (onDelete(prefix), did.push(`delete ${prefix}`)),
      delete: async (key) => void did.push(`delete ${key}`),
    },
    logger,
    logFault: createFaultLog(logger),
    everyMs,
  })
  onTestFinished(() => reconciler.stop(1000))
  void reconciler.start()
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

test('what is to be canceled is, page by page, while the reconciling goes on', async () => {
  let pages = 3
  const { did } = setUp({
    reconcile: async (model) => (
      did.push(`reconcile ${model}`), { ...NOTHING, more: false, cancels: model === 'ocr' && pages > 0 }
    ),
    cancelPage: async (model) => (did.push(`cancel ${model}`), --pages > 0),
  })
  await until('all pages', () => pages === 0)
  await until('it goes on', () => did.lastIndexOf('reconcile ocr') > did.lastIndexOf('cancel ocr'))
  expect([rounds(did, 'cancel ocr'), rounds(did, 'cancel echo')]).toEqual([3, 0])
})

test('what is to be moved to another version is, page by page, while the reconciling goes on', async () => {
  let pages = 3
  const { did } = setUp(
    {
      reconcile: async (model) => (
        did.push(`reconcile ${model}`), { ...NOTHING, more: false, relocates: model === 'ocr' && pages > 0 }
      ),
    },
    { onRelocate: () => --pages > 0 },
  )
  await until('all pages', () => pages === 0)
  await until('it goes on', () => did.lastIndexOf('reconcile ocr') > did.lastIndexOf('relocate ocr'))
  expect([rounds(did, 'relocate ocr'), rounds(did, 'relocate echo')]).toEqual([3, 0])
})

test('one failing model never stops the others, and is told at most once a second', async () => {
  const { did, faults } = setUp({
    reconcile: async (model) => {
      if (model === 'ocr') throw new Error('broken')
      did.push(`reconcile ${model}`)
      return { ...NOTHING, more: false }
    },
  })
  await until('ten rounds of the other', () => rounds(did, 'reconcile echo') >= 10)
  expect(faults).toEqual(['The jobs of a model could not be reconciled'])
})

test('versions are looked after where somebody steers them, and what happened to them is said', async () => {
  const { did, faults } = setUp({
    reconcile: async (model) => ({ ...NOTHING, steered: model === 'ocr', more: false }),
    tendSteering: async (model) => (did.push(`steer ${model}`), [{ type: 'returned', version: '2', share: 10 }]),
  })
  await until('it is said', () => faults.length > 0)
  expect(faults[0]).toBe('A version failed more often than the others, and has no share any more')
  expect(did).not.toContain('steer echo')
})

test('a model that fails or hangs in one thing is still looked after in the other, and so are the others', async () => {
  const { did } = setUp({
    purgeDue: async (model) => {
      if (model === 'ocr') return new Promise(() => undefined)
      did.push(`purge ${model}`)
      throw new Error('broken')
    },
  })
  await until('three rounds', () => rounds(did, 'reconcile ocr') >= 3 && rounds(did, 'purge echo') >= 3)
})

test('it goes on page by page, without waiting for the next round, while there is more', async () => {
  let [looked, purged] = [0, 0]
  let begun = 0
  setUp(
    {
      models: async () => (begun++, ['echo']),
      reconcile: async () => ({ ...NOTHING, expired: 1, more: ++looked % 20 !== 0 }),
      purgeDue: async () => ({ purged: [], more: ++purged % 30 !== 0 }),
    },
    { everyMs: 200 },
  )
  await until('all pages of a round', () => looked >= 20 && purged >= 30)
  expect(begun).toBeLessThan(10)
})

const deleted = (id: string) => [
  `delete ${jobPrefix('acme', id)}`,
  `release ${id}`,
  'delete blobs/acme/x',
  'deleted blobs/acme/x',
  `purged ${id}`,
]

test('what a purged job left in the object store and held of files goes, and then its note', async () => {
  const owed = [{ id: 'job_1', tenant: 'acme' }]
  const { did } = setUp({
    models: async () => ['echo'],
    purgeDue: async () => ({ purged: owed.splice(0), more: false }),
  })
  await until('it is purged', () => did.includes('purged job_1'))
  expect(did.filter((entry) => !entry.startsWith('reconcile'))).toEqual(deleted('job_1'))
})

test('one whose objects cannot be deleted keeps its note, and holds up none of the others', async () => {
  let owed = ['job_1', 'job_2', 'job_3'].map((id) => ({ id, tenant: 'acme' }))
  const { did, faults } = setUp(
    { models: async () => ['echo'], purgeDue: async () => ({ purged: owed.splice(0), more: false }) },
    {
      onDelete: (prefix) => {
        if (prefix.includes('job_2')) throw new Error('the store is away')
      },
    },
  )
  await until('the others are purged', () => did.includes('purged job_1') && did.includes('purged job_3'))
  owed = []
  await until('it is told', () => faults.includes('Jobs past their retention could not be deleted'))
  expect(did).not.toContain('purged job_2')
})

describeLifecycle('the reconciler', ({ work, onFault }) => {
  const never = () => Promise.reject(new Error('not asked for here'))
  return {
    part: new Reconciler({
      store: {
        models: async () => ['ocr'],
        reconcile: () => work().then(() => ({ ...NOTHING, more: false })),
        carryOver: never,
        cancelPage: never,
        tendSteering: never,
        purgeDue: async () => ({ purged: [], more: false }),
        droppedCheckpoints: async () => [],
        forgetCheckpoint: async () => undefined,
        purged: never,
      },
      relocate: never,
      files: { release: never, deleted: never },
      objects: { delete: never, deletePrefix: never },
      logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
      logFault: (_message, error) => onFault(error),
      everyMs: 1000,
    }),
    everyMs: 1250,
  }
})

test('deletes the objects of checkpoints that are needed no more, and says so; what fails stays', async () => {
  const id = `job_${'a'.repeat(34)}` as const
  const found = [['1-a', '1-b'], []].map((folders) => folders.map((folder) => ({ id, tenant: 'acme', folder })))
  const { did, faults } = setUp(
    {
      reconcile: async () => ({ ...NOTHING, drops: true, more: false }),
      droppedCheckpoints: async () => found.shift() ?? [],
    },
    {
      onDelete(prefix) {
        if (prefix.endsWith('/1-a/')) throw new Error('the store is away')
      },
    },
  )
  await until('one is forgotten', () => did.includes('forget 1-b'))
  expect(did).toContain(`delete ${checkpointPrefix('acme', id, '1-b')}`)
  await until('the fault is told', () => faults.length > 0)
  expect(did).not.toContain('forget 1-a')
})
