/**
 * The worker: all models of one process, the reconciler, and how they go away together. A pure factory; whoever puts
 * the process together hands in the parts. It never runs model code itself.
 */
import { setMaxListeners } from 'node:events'
import type { ChangeFeed, JobStore, ModelRegistry } from '@millrace/queue'
import type { ObjectStore } from '@millrace/storage'
import { ATTEMPT_PACE, type AttemptDeps, type AttemptPace } from './attempt/attempt-deps.ts'
import { createCancelHints } from './cancel-hints.ts'
import { createFaultLog, describeError } from './fault-log.ts'
import { createGate } from './gate.ts'
import { createModelNames } from './model-names.ts'
import { type CreateConsumer, createModelWorker, type ModelWorker, type WorkerModel } from './model-worker.ts'
import { createReconciler, type ReconcilerStore } from './reconciler.ts'
import { settledWithin } from './settled-within.ts'
import { openWorkFolders, type WorkFolders } from './work-folders.ts'
import type { WorkerLogger } from './worker-logger.ts'

export interface WorkerDeps {
  /** Names this process in records and the registry; unique per start. */
  workerId: string
  /** Finds the models to serve. Called once, at start. */
  discover(): Promise<WorkerModel[]>
  /** One per slot, as parseSlots gives them; every model gets a runner on each. */
  devices: readonly string[]
  jobs: JobStore
  registry: ModelRegistry
  changes: Pick<ChangeFeed, 'onCancel'>
  reconciler: ReconcilerStore
  createConsumer: CreateConsumer
  objects: ObjectStore
  /** Folder on disk for what doesn't fit into memory. */
  dataDir: string
  /** Default /dev/shm. */
  memoryDir?: string
  logger: WorkerLogger
  /** Hears how each attempt ended. */
  onAttempt?: AttemptDeps['onAttempt']
  pace?: Partial<AttemptPace>
  /** See ModelWorkerDeps and ReconcilerDeps. Milliseconds. */
  tendMs?: number
  strandedMs?: number
  reconcileMs?: number
}

/** One model of a worker, for a status page. */
export interface ModelStatus {
  label: string
  /** Null until its first runner has loaded. */
  name: string | null
  version: string | null
  readyRunners: number
}

export interface Worker {
  readonly name: string
  /** Resolves when the models are found and their runners are being started; rejects when they can't be looked for. */
  start(): Promise<void>
  /**
   * Takes nothing new at once, lets runs end, breaks off what has not ended 5 s before the grace is over (default
   * 30,000 ms), gives it back blaming nobody, and lets go. A second call while the first is under way gives back at once.
   */
  stop(options?: { graceMs?: number }): Promise<void>
  /** Resolves when every model takes jobs or has failed for good. */
  readonly whenReady: () => Promise<void>
  readonly models: () => ModelStatus[]
}

/** Of the grace, what is kept for breaking off and giving back. */
const RESERVE_MS = 5000

export function createWorker(deps: WorkerDeps): Worker {
  const { logger } = deps
  const logFault = createFaultLog(logger)
  const drain = new AbortController()
  const halt = new AbortController()
  // One listener per job in flight.
  setMaxListeners(0, drain.signal, halt.signal)
  const hints = createCancelHints(deps.changes)
  const names = createModelNames()
  const reconciler = createReconciler({
    store: deps.reconciler,
    jobs: deps.jobs,
    objects: deps.objects,
    logger,
    logFault,
    everyMs: deps.reconcileMs,
  })
  let work: WorkFolders | undefined
  let models: ModelWorker[] = []
  let starts: Promise<void>[] = []
  let stopping: Promise<void> | undefined

  const createModels = (found: WorkerModel[], work: WorkFolders) => {
    const attempts = {
      workerId: deps.workerId,
      store: deps.jobs,
      objects: deps.objects,
      gate: createGate(),
      work,
      cancels: hints,
      shutdown: { drain: drain.signal, halt: halt.signal },
      logger,
      logFault,
      onAttempt: deps.onAttempt,
      pace: { ...ATTEMPT_PACE, ...deps.pace },
    }
    const { devices, registry, createConsumer, tendMs, strandedMs } = deps
    const shared = { devices, registry, createConsumer, attempts, logger, logFault, tendMs, strandedMs }
    return found.map((model) =>
      createModelWorker({ ...shared, model, claimName: (name, label) => names.claim(name, label) }),
    )
  }

  const startModel = (model: ModelWorker) =>
    model.start().catch((error: unknown) => {
      if (stopping) return
      logger.error({ model: model.label, ...describeError(error) }, 'A model is not served; the others are')
    })

  const goAway = async (graceMs: number) => {
    const reserve = Math.min(RESERVE_MS, graceMs / 2)
    const end = performance.now() + graceMs
    const left = () => Math.max(0, end - performance.now())
    await settledWithin(Promise.all(models.map((model) => model.drain())), reserve / 4, halt.signal)
    const idle = Promise.all(models.map((model) => model.idle()))
    await settledWithin(idle, left() - reserve, halt.signal)
    drain.abort(new Error('the worker drains'))
    await settledWithin(idle, left() - reserve / 4, halt.signal)
    halt.abort(new Error('the worker stops now'))
    await settledWithin(idle, Math.max(left() / 2, 500))
    await Promise.all([...models.map((model) => model.stop(left() / 2)), reconciler.stop(left() / 2)])
    hints.close()
    await work?.close()
  }

  return {
    name: 'worker',
    async start() {
      // First: it makes nothing that a failure would have to undo.
      const found = await deps.discover()
      if (stopping) return
      work = await openWorkFolders({ dataDir: deps.dataDir, memoryDir: deps.memoryDir, logger })
      if (found.length === 0) logger.warn({}, 'There is no model to serve')
      models = createModels(found, work)
      starts = models.map(startModel)
      reconciler.start()
    },
    stop({ graceMs = 30_000 } = {}) {
      if (stopping) halt.abort(new Error('the worker was told twice to stop'))
      stopping ??= goAway(graceMs)
      return stopping
    },
    async whenReady() {
      await Promise.all(starts)
    },
    models: () =>
      models.map(({ label, manifest, readyRunners }) => ({
        label,
        name: manifest?.name ?? null,
        version: manifest?.version ?? null,
        readyRunners,
      })),
  }
}
