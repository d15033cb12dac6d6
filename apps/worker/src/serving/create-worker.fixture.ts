/** A worker on real folders, with a consumer whose deliveries the test hands over itself. Called by create-worker.test.ts. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Runner, WorkerModel } from '@millrace/host'
import type { Consumer, Delivery, Handled } from '@millrace/queue'
import { FolderStore } from '@millrace/storage'
import type { GuardedFetcher } from '@millrace/webhooks'
import { onTestFinished } from 'vitest'
import { aDelivery, ScriptedStore } from '../attempt/attempt.fixture.ts'
import { createWorker } from './create-worker.ts'
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
  const store = new ScriptedStore()
  const told = new Told()
  const worker = createWorker({
    workerId: 'w_1',
    discover: async () => models.map(({ label, devices, runner }) => ({ label, devices, createRunner: () => runner })),
    devices: ['cpu'],
    attempts: store,
    ...told.deps,
    ...withoutUpkeep(store),
    changes: { onCancel: () => () => undefined },
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
  const { calls, errors } = told
  return { worker, store, calls, errors, workDir: join(dataDir, 'work'), deliver: () => told.deliver() }
}

/** What a worker tells its consumers, the registry and the log. */
class Told {
  readonly calls: string[] = []
  readonly errors: object[] = []
  #handle: ((delivery: Delivery) => Promise<Handled>) | undefined
  readonly #consumer: Consumer = {
    start: () => this.#hear('start'),
    setConcurrency: () => undefined,
    pause: async () => this.#hear('pause'),
    resume: () => this.#hear('resume'),
    close: async () => this.#hear('close'),
  }

  readonly deps: Pick<WorkerDeps, 'createConsumer' | 'registry' | 'logger'> = {
    createConsumer: (_model, handle) => ((this.#handle ??= handle), this.#consumer),
    registry: { publish: async () => this.#hear('publish'), withdraw: async () => this.#hear('withdraw') },
    logger: {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: (fields) => void this.errors.push(fields),
    },
  }

  /** To the first consumer that was made. */
  async deliver(): Promise<Handled> {
    if (!this.#handle) throw new Error('no consumer was made')
    return this.#handle(aDelivery())
  }

  #hear(call: string): void {
    this.calls.push(call)
  }
}

/** The upkeep finds nothing to do. */
const withoutUpkeep = (store: ScriptedStore): Pick<WorkerDeps, 'upkeep' | 'shelf' | 'files' | 'ownedSince'> => ({
  upkeep: {
    get: async () => store.get(),
    models: async () => [],
    reconcile: async () => ({ repaired: 0, expired: 0, abandoned: 0, more: false }),
    purgeDue: async () => ({ purged: [], more: false }),
    purged: async () => undefined,
  },
  shelf: { take: async () => [], read: async () => undefined, putAway: async () => true },
  files: { takeTurn: async () => false } as unknown as WorkerDeps['files'],
  ownedSince: async () => 0,
})
