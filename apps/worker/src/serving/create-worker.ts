/**
 * The worker: all models of one process, the reconciler, and how they go away together. A pure factory; whoever puts
 * the process together hands in the parts. It never runs model code itself.
 */
import type { Log } from '@millrace/contracts'
import type { WorkerModel } from '@millrace/host'
import type {
  AttemptStore,
  ChangeFeed,
  FileStore,
  FileSweepStore,
  ModelPublisher,
  ShelfStore,
  UpkeepStore,
} from '@millrace/queue'
import type { ObjectEraser, ObjectLister, ObjectReader, ObjectWriter, UploadSweep } from '@millrace/storage'
import type { GuardedFetcher } from '@millrace/webhooks'
import { ATTEMPT_PACE, type AttemptDeps, type AttemptPace, type Shutdown } from '../attempt/attempt-deps.ts'
import type { ModelEvents } from '../author-events.ts'
import { createCancelHints } from './cancel-hints.ts'
import { createFaultLog, describeError } from '../fault-log.ts'
import { createGate } from '../places/gate.ts'
import { createLinkPlaces } from '../places/link-places.ts'
import { createModelNames } from './model-names.ts'
import { beginStay, type ModelStay } from './model/model-stay.ts'
import { ConsumerSource, type CreateConsumer } from './model/consumer-source.ts'
import { ModelWorker, type SharedAttemptDeps } from './model/model-worker.ts'
import { createUpkeep, type UpkeepDeps } from '../upkeep/create-upkeep.ts'
import { openWorkFolders, type WorkFolders } from '../attempt/work-folders.ts'

export interface WorkerDeps {
  /** Names this process in records and the registry; unique per start. */
  workerId: string
  /** Finds the models to serve. Called at start and by `refresh`. */
  discover(): Promise<WorkerModel[]>
  /** One per slot, as parseSlots gives them; every model gets a runner on each. */
  devices: readonly string[]
  attempts: AttemptStore
  upkeep: UpkeepStore
  registry: ModelPublisher
  changes: Pick<ChangeFeed, 'onCancel'>
  shelf: ShelfStore
  createConsumer: CreateConsumer
  objects: ObjectReader & ObjectWriter & ObjectEraser & ObjectLister & UploadSweep
  files: FileSweepStore & Pick<FileStore, 'keep' | 'release'>
  /** See SweeperDeps. */
  ownedSince: UpkeepDeps['ownedSince']
  /** Fetches what inputs name by address; closed by whoever made it. */
  fetcher: GuardedFetcher
  /** See the setting. */
  maxImagePixels: number
  /** What all files of one job may take that its input names by address; see LinkDeps. */
  linkTotalMs?: number
  /** Folder on disk for what doesn't fit into memory. */
  dataDir: string
  /** Default /dev/shm. */
  memoryDir?: string
  logger: Log
  /** Hears how each attempt ended. */
  onAttempt?: AttemptDeps['onAttempt']
  /** See AttemptDeps. */
  live?: AttemptDeps['live']
  /** Hears how its models fare; a model that is given up is then not logged. */
  events?: ModelEvents
  pace?: Partial<AttemptPace>
  /** See TendingPace and ReconcilerDeps. Milliseconds. */
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
  stop(graceMs?: number): Promise<void>
  /**
   * Looks for models again: a new one is started; one that is gone leaves; one that `isChanged` names leaves and starts
   * anew, its jobs waiting in the queue meanwhile. Runs may end for `graceMs` (default 2000), then they go back to the
   * queue. One at a time. Resolves when the old are gone and the new are being started; rejects, having changed nothing,
   * when the models can't be looked for.
   */
  refresh(isChanged: (model: WorkerModel) => boolean, options?: { graceMs?: number }): Promise<void>
  /** Resolves when every model takes jobs or has failed for good. */
  readonly whenReady: () => Promise<void>
  readonly models: () => ModelStatus[]
}

export function createWorker(deps: WorkerDeps): Worker {
  const { logger } = deps
  const logFault = createFaultLog(logger)
  const hints = createCancelHints(deps.changes)
  const names = createModelNames()
  const upkeep = createUpkeep(deps, logFault)
  const stays = new Map<string, ModelStay>()
  let work: WorkFolders | undefined
  let attempts: Omit<SharedAttemptDeps, 'shutdown'> | undefined
  let refreshing: Promise<void> = Promise.resolve()
  let stopping: Promise<void> | undefined

  const shareAttempts = (folders: WorkFolders): Omit<SharedAttemptDeps, 'shutdown'> => ({
    workerId: deps.workerId,
    store: deps.attempts,
    records: deps.upkeep,
    objects: deps.objects,
    links: {
      fetcher: deps.fetcher,
      files: deps.files,
      maxImagePixels: deps.maxImagePixels,
      places: createLinkPlaces(),
      totalMs: deps.linkTotalMs,
    },
    gate: createGate(),
    work: folders,
    cancels: hints,
    logger,
    logFault,
    onAttempt: deps.onAttempt,
    live: deps.live,
    pace: { ...ATTEMPT_PACE, ...deps.pace },
  })

  const createModel = (model: WorkerModel, shared: Omit<SharedAttemptDeps, 'shutdown'>, shutdown: Shutdown) => {
    const { registry, createConsumer, tendMs, strandedMs } = deps
    const devices = model.devices?.(deps.devices) ?? deps.devices
    return new ModelWorker({
      model,
      attempts: { ...shared, shutdown },
      claimName: (name, label) => names.claim(name, { label, key: keyOf(model) }),
      onServed: (manifest) => deps.events?.onServed(model, manifest),
      createSource: (name, taker) => new ConsumerSource(createConsumer, name, taker),
      ...{ devices, registry, logger, logFault, tendMs, strandedMs },
    })
  }

  const begin = (source: WorkerModel) => {
    const shared = attempts
    if (!shared || stopping) return
    deps.events?.onLoading(source)
    const stay = beginStay({
      source,
      create: (shutdown) => createModel(source, shared, shutdown),
      onGivenUp: (error) => {
        if (deps.events) deps.events.onGivenUp(source, error)
        else logger.error({ model: source.label, ...describeError(error) }, 'A model is not served; the others are')
      },
    })
    stays.set(keyOf(source), stay)
  }

  const end = async (stay: ModelStay, graceMs: number) => {
    await stay.leave(graceMs)
    names.release(keyOf(stay.source))
    if (stays.get(keyOf(stay.source)) === stay) stays.delete(keyOf(stay.source))
  }

  const refresh = async (isChanged: (model: WorkerModel) => boolean, graceMs: number) => {
    const found = await deps.discover()
    const keys = new Set(found.map(keyOf))
    // One that gave up may do better now: the model whose name it wanted may be gone.
    const isOutdated = ({ source, gaveUp }: ModelStay) => gaveUp || !keys.has(keyOf(source)) || isChanged(source)
    const outdated = [...stays.values()].filter(isOutdated)
    await Promise.all(outdated.map((stay) => end(stay, graceMs)))
    for (const { source, worker } of outdated) {
      if (!keys.has(keyOf(source))) deps.events?.onGone(source, worker.manifest)
    }
    for (const source of found) if (!stays.has(keyOf(source))) begin(source)
  }

  const goAway = async (graceMs: number) => {
    const endMs = performance.now() + graceMs
    // A refresh under way may still begin nothing, but end something.
    await Promise.all([...stays.values()].map((stay) => stay.leave(graceMs)))
    // What they leave is done by the next one; with Redis away they would never end.
    const restMs = Math.min(UPKEEP_MS, Math.max(0, endMs - performance.now()) / 2)
    await Promise.all(upkeep.map((part) => part.stop(restMs)))
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
      attempts = shareAttempts(work)
      for (const source of found) begin(source)
      await Promise.all(upkeep.map((part) => part.start()))
    },
    stop(graceMs = 30_000) {
      if (stopping) for (const stay of stays.values()) stay.hurry()
      stopping ??= goAway(graceMs)
      return stopping
    },
    refresh(isChanged, { graceMs = 2000 } = {}) {
      const turn = refreshing.then(() => refresh(isChanged, graceMs))
      refreshing = turn.catch(() => undefined)
      return turn
    },
    async whenReady() {
      await Promise.all([...stays.values()].map((stay) => stay.settled))
    },
    models: () => [...stays.values()].map(({ worker }) => statusOf(worker)),
  }
}

/** How long a stop waits for the reconciler and the sweeper. */
const UPKEEP_MS = 1000

/** Two folders may have one label. */
const keyOf = (model: WorkerModel): string => model.path ?? model.label

const statusOf = ({ label, manifest, readyRunners }: ModelWorker): ModelStatus => ({
  label,
  name: manifest?.name ?? null,
  version: manifest?.version ?? null,
  readyRunners,
})
