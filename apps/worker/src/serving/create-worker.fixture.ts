/** A worker on real folders, with a hand-out whose jobs the test gives itself. Called by create-worker.test.ts. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JobRecord, WorkerEntry } from '@millrace/contracts'
import type { Runner, WorkerModel } from '@millrace/host'
import { FolderStore } from '@millrace/storage'
import type { GuardedFetcher } from '@millrace/webhooks'
import { onTestFinished } from 'vitest'
import { aRecord, ScriptedStore } from '../attempt/attempt.fixture.ts'
import { createWorker } from './create-worker.ts'
import { ScriptedHandOut } from './scripted-hand-out.fixture.ts'
import type { WorkerDeps } from './worker-deps.ts'

export interface FixtureModel extends Pick<WorkerModel, 'label' | 'devices'> {
  runner: Runner
}

type Timing = Partial<Pick<WorkerDeps, 'tendMs' | 'strandedMs' | 'devices'>>

/** Started. */
export async function aWorker(models: FixtureModel[], timing: Timing = {}) {
  const fixture = await anIdleWorker(models, timing)
  await fixture.worker.start()
  return fixture
}

/** The same, before its start. */
export async function anIdleWorker(models: FixtureModel[], timing: Timing = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), 'millrace-worker-'))
  const told = new Told()
  const { store } = told
  const worker = createWorker({
    workerId: 'w_1',
    discover: async () => models.map(({ label, devices, runner }) => ({ label, devices, createRunner: () => runner })),
    devices: ['cpu'],
    ...told.deps,
    ...withoutUpkeep(store),
    changes: { onCancel: () => () => undefined },
    workers: told.workers,
    self: { host: 'here', pid: 1, millrace_version: '0' },
    workerBeatMs: 5,
    objects: await FolderStore.open(join(dataDir, 'objects')),
    fetcher: {} as GuardedFetcher,
    maxImagePixels: 1,
    dataDir,
    memoryDir: join(dataDir, 'none'),
    pace: { retryMs: 5, drainWaitMs: 50 },
    tendMs: 5,
    ...timing,
  })
  onTestFinished(async () => {
    await worker.stop(100)
    await rm(dataDir, { recursive: true, force: true })
  })
  const { calls, errors, infos, entries } = told
  const wish = (drain: boolean) => void (told.isDrainWished = drain)
  const offer = (record?: JobRecord) => told.offer(record)
  return { worker, store, calls, errors, infos, entries, wish, workDir: join(dataDir, 'work'), offer }
}

/** What a worker tells its hand-outs, the registry and the log. */
class Told {
  readonly calls: string[] = []
  readonly errors: object[] = []
  readonly infos: object[] = []
  readonly store = new ScriptedStore()
  readonly entries: WorkerEntry[] = []
  isDrainWished = false

  readonly workers: WorkerDeps['workers'] = {
    beat: async (_worker, entry) => {
      this.entries.push(entry)
      return { drain: this.isDrainWished }
    },
    leave: async () => void this.calls.push('leave'),
  }
  #first: ScriptedHandOut | undefined

  readonly deps: Pick<WorkerDeps, 'createHandOut' | 'registry' | 'logger'> = {
    createHandOut: (_options, taker) => {
      const handOut = new ScriptedHandOut(taker, this.store, (call) => void this.calls.push(call))
      this.#first ??= handOut
      return handOut
    },
    registry: {
      publish: async () => {
        this.calls.push('publish')
        return false
      },
      withdraw: async () => void this.calls.push('withdraw'),
    },
    logger: {
      debug: () => undefined,
      info: (fields) => void this.infos.push(fields),
      warn: () => undefined,
      error: (fields) => void this.errors.push(fields),
    },
  }

  /** A job that the first hand-out gives as soon as there is room. */
  offer(record: JobRecord = aRecord()): void {
    if (!this.#first) throw new Error('no hand-out was made')
    this.#first.offer(record)
  }
}

/** The upkeep finds nothing to do. */
const withoutUpkeep = (
  store: ScriptedStore,
): Pick<
  WorkerDeps,
  | 'upkeep'
  | 'tenantUpkeep'
  | 'shelf'
  | 'relocations'
  | 'erasures'
  | 'jobActions'
  | 'batches'
  | 'audit'
  | 'files'
  | 'ownedSince'
> => ({
  upkeep: {
    get: async () => store.get(),
    models: async () => [],
    reconcile: async () => ({
      recovered: 0,
      expired: 0,
      abandoned: 0,
      more: false,
      former: false,
      cancels: false,
      relocates: false,
      steered: false,
      drops: false,
    }),
    cancelPage: async () => false,
    carryOver: async () => ({ carried: 0, adopted: 0, refused: 0, more: false }),
    tendSteering: async () => [],
    purgeDue: async () => ({ purged: [], more: false }),
    purged: async () => undefined,
    droppedCheckpoints: async () => [],
    forgetCheckpoint: async () => undefined,
  },
  tenantUpkeep: { tend: async () => undefined },
  shelf: { take: async () => [], read: async () => undefined, putAway: async () => true },
  erasures: { open: async () => [] } as unknown as WorkerDeps['erasures'],
  jobActions: { open: async () => [] } as unknown as WorkerDeps['jobActions'],
  batches: {} as WorkerDeps['batches'],
  audit: { add: async () => undefined },
  relocations: { page: async () => undefined, target: async () => undefined, done: async () => false },
  files: { takeTurn: async () => false } as unknown as WorkerDeps['files'],
  ownedSince: async () => 0,
})
