/**
 * The worker: all models of one process, the upkeep, and how they go away together. A pure factory; whoever puts
 * the process together hands in the parts. It never runs model code itself.
 */
import { createLifecycle, type Lifecycle } from '@millrace/async'
import type { WorkerDevice, WorkerModelEntry } from '@millrace/contracts'
import type { WorkerModel } from '@millrace/host'
import { openWorkFolders, type WorkFolders } from '../attempt/work-folders.ts'
import { createFaultLog } from '../fault-log.ts'
import { DrainSwitch } from '../places/drain-switch.ts'
import { createUpkeep } from '../upkeep/create-upkeep.ts'
import { createCancelHints } from './cancel-hints.ts'
import { DeviceWatch } from './device-watch.ts'
import { ModelWorker } from './model/model-worker.ts'
import { type CreateModelWorker, type ModelStatus, ServedModels } from './served-models.ts'
import { type SharedAttempts, shareAttempts } from './share-attempts.ts'
import { WorkerBeat, type WorkerBeatDeps } from './worker-beat.ts'
import type { WorkerDeps } from './worker-deps.ts'

export interface Worker extends Lifecycle {
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
  /** Resolves when the registry knows which models it loads; never rejects. */
  readonly whenTold: () => Promise<void>
  readonly models: () => ModelStatus[]
  /** What is known of its devices by now. */
  readonly devices: () => readonly WorkerDevice[]
}

/** How long a stop waits for the reconciler and the sweeper. */
const UPKEEP_MS = 1000

export function createWorker(deps: WorkerDeps): Worker {
  const { logger, dataDir, memoryDir } = deps
  const logFault = createFaultLog(logger)
  const cancels = createCancelHints(deps.changes)
  const upkeep = createUpkeep(deps, logFault)
  const models = new ServedModels({ ...deps, onChange: () => beat.wake() })
  const drain = new DrainSwitch()
  const devices = new DeviceWatch({ devices: deps.devices, look: deps.lookAtDevices, logFault })
  const told = { models, drain, logFault, devices: () => devices.known, isStopping: () => isStopping }
  const beat = beatOf(deps, told)
  let work: WorkFolders | undefined
  let isStopping = false

  const life = createLifecycle({
    async begin(stopping) {
      // First: it makes nothing that a failure would have to undo.
      const found = await deps.discover()
      if (stopping.aborted) return
      work = await openWorkFolders({ dataDir, memoryDir, logger })
      if (stopping.aborted) return
      if (found.length === 0) logger.warn({}, 'There is no model to serve')
      models.begin(found, modelWorkers(deps, drain, shareAttempts(deps, { work, cancels, logFault })))
      await Promise.all([beat, devices, ...upkeep].map((part) => part.start()))
    },
    async end(graceMs) {
      const endMs = performance.now() + graceMs
      tellWaiting(deps, models.entries, graceMs)
      await models.leave(graceMs)
      // What they leave is done by the next one; with Redis away they would never end.
      const restMs = Math.min(UPKEEP_MS, Math.max(0, endMs - performance.now()) / 2)
      await Promise.all([beat, devices, ...upkeep].map((part) => part.stop(restMs)))
      cancels.close()
      await work?.close()
    },
  })

  return {
    ...life,
    name: 'worker',
    stop(graceMs = 30_000) {
      if (isStopping) models.hurry()
      isStopping = true
      return life.stop(graceMs)
    },
    refresh: (isChanged, { graceMs = 2000 } = {}) => models.refresh(isChanged, graceMs),
    whenReady: () => models.settled(),
    whenTold: () => beat.told,
    models: () => models.statuses,
    devices: () => devices.known,
  }
}

/** A stop that waits says for what: somebody may sit before it, and think that it hangs. */
function tellWaiting({ events, logger }: WorkerDeps, entries: readonly WorkerModelEntry[], graceMs: number): void {
  const inHand = entries
    .map(({ label, name, slots }) => ({ model: name ?? label, runs: slots.flatMap(({ jobs }) => jobs).length }))
    .filter(({ runs }) => runs > 0)
  if (inHand.length === 0) return
  if (events) events.onWaiting(inHand, graceMs)
  else logger.info({ inHand, seconds: Math.round(graceMs / 1000) }, 'Waiting for runs to end before the worker stops')
}

/** Tells of this process. */
function beatOf(
  { workerId, self, workers, logger, workerBeatMs }: WorkerDeps,
  parts: Pick<WorkerBeatDeps, 'models' | 'drain' | 'devices' | 'logFault' | 'isStopping'>,
): WorkerBeat {
  return new WorkerBeat({ ...{ workerId, self, logger, ...parts, registry: workers, everyMs: workerBeatMs } })
}

function modelWorkers(deps: WorkerDeps, drain: DrainSwitch, shared: SharedAttempts): CreateModelWorker {
  const { registry, createHandOut, logger, tendMs, strandedMs } = deps
  return (model, { shutdown, ...rest }) =>
    new ModelWorker({
      model,
      devices: model.devices?.(deps.devices) ?? deps.devices,
      attempts: { ...shared, shutdown },
      ...{ registry, drain, createHandOut, logger, logFault: shared.logFault, tendMs, strandedMs },
      ...rest,
    })
}
