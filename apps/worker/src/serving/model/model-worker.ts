/**
 * One model in one worker: its runners, and what it does with them. Takes jobs only while a runner is ready, so a model that
 * can't be set up, or keeps crashing, claims nothing. Made by create-worker.ts.
 */
import { dirname } from 'node:path'
import type { Log, Manifest, WorkerModelEntry } from '@millrace/contracts'
import {
  compileOutputCheck,
  costNotesOf,
  nullableOutput,
  prepareExamples,
  type Runner,
  type WorkerModel,
} from '@millrace/host'
import type { AttemptDeps } from '../../attempt/attempt-deps.ts'
import { SlotPool } from '../../places/slot-pool.ts'
import { checkRunner } from './check-runner.ts'
import { modelEntry } from './model-entry.ts'
import { ModelService, type ModelServiceDeps } from './model-service.ts'

/** What an attempt needs and all models of a worker share. */
export type SharedAttemptDeps = Omit<
  AttemptDeps,
  'manifest' | 'outputChecks' | 'slots' | 'inFlight' | 'store' | 'leaving'
>

type OfRunners = 'places' | 'shownPlaces' | 'slots' | 'attempts' | 'loadMs'

export interface ModelWorkerDeps extends Omit<ModelServiceDeps, OfRunners> {
  model: WorkerModel
  /** One per slot. */
  devices: readonly string[]
  attempts: SharedAttemptDeps
  /** Throws when another model of this worker has that name. */
  claimName(name: string, label: string): void
  /** Hears that it takes jobs now; once. */
  onServed?: (manifest: Manifest) => void
}

export class ModelWorker {
  readonly label: string
  readonly #deps: ModelWorkerDeps
  readonly #slots: SlotPool
  readonly #runners: Runner[] = []
  #prepared: Promise<Prepared> | undefined
  /** From the moment on in which the first runner has loaded and tells what the model is. */
  #service: ModelService | undefined
  #isLeaving = false

  constructor(deps: ModelWorkerDeps) {
    this.#deps = deps
    this.label = deps.model.label
    this.#slots = new SlotPool(() => this.#service?.lookAtRunners(), {
      check: async (runner, signal) => !this.manifest || checkRunner(runner, this.manifest, signal),
      tell: (slot, what) => this.#tellOfSlot(slot, what),
    })
  }

  /** Its manifest, once loaded. */
  get manifest(): Manifest | undefined {
    return this.#service?.manifest
  }

  /** For how long it was idle although jobs wait that it could be given. Milliseconds; 0: it is not. */
  get idleMs(): number {
    return this.#service?.idleMs ?? 0
  }

  /** Runners that run or can run. */
  get readyRunners(): number {
    return this.#slots.readyCount()
  }

  /** Slots whose device failed, and failed its check too. */
  get quarantined(): number {
    return this.#slots.states.filter(({ state }) => state === 'quarantined').length
  }

  /** What operators see of it. `gaveUp`: why it will never serve, as far as its stay knows. */
  entry(gaveUp: string | undefined): WorkerModelEntry {
    return modelEntry({
      label: this.label,
      expectedName: this.#deps.model.name ?? this.label,
      service: this.#service,
      devices: this.#deps.devices,
      slots: this.#slots.states,
      isLeaving: this.#isLeaving,
      isRefused: gaveUp !== undefined,
      fault: gaveUp ?? this.#runners.find(({ loadFault }) => loadFault !== undefined)?.loadFault,
    })
  }

  /** Nothing is in hand, and nothing comes. */
  get isDrained(): boolean {
    return this.#service?.isDrained ?? true
  }

  /** Resolves when it takes jobs; rejects when it never will. A setup that fails is tried again without end. */
  async start(): Promise<void> {
    const loads = this.#deps.devices.map((device) => this.#load(device))
    for (const loading of loads) loading.catch((error: unknown) => this.#onUnusable(error))
    try {
      await Promise.any(loads)
    } catch (error) {
      this.#isLeaving = true
      await this.#stopRunners(0)
      throw error instanceof AggregateError ? error.errors[0] : error
    }
  }

  /** Takes nothing new; what has not begun to run goes back, runs go on. */
  async drain(): Promise<void> {
    this.#isLeaving = true
    this.#slots.drain()
    await this.#service?.drain()
  }

  /** Resolves when nothing is in hand. */
  async idle(): Promise<void> {
    await this.#service?.idle()
  }

  /** Stops the runners, leaves the registry, lets the source of its jobs go. Safe twice and before start. */
  async stop(graceMs: number): Promise<void> {
    this.#isLeaving = true
    this.#slots.drain()
    this.#slots.close()
    await Promise.all([this.#stopRunners(graceMs), this.#service?.stop(graceMs)])
  }

  async #load(device: string): Promise<void> {
    const { model, logger } = this.#deps
    const runner = model.createRunner(device)
    this.#runners.push(runner)
    const beganMs = performance.now()
    const loaded = await runner.start()
    const loadMs = performance.now() - beganMs
    this.#prepared ??= prepare(loaded, model, logger)
    const { manifest, outputChecks } = await this.#prepared
    if (this.#isLeaving) return
    const isFirst = !this.#service
    this.#service ??= this.#createService({ manifest, outputChecks }, loadMs)
    this.#slots.add(device, runner, runsAtOnce(manifest), { batches: manifest.batch !== null })
    if (isFirst) await this.#serve(this.#service)
  }

  #createService({ manifest, outputChecks }: Prepared, loadMs: number): ModelService {
    const { model, devices, attempts, claimName, onServed: _, ...rest } = this.#deps
    claimName(manifest.name, model.label)
    return new ModelService({
      ...rest,
      places: devices.length * runsAtOnce(manifest),
      shownPlaces: devices.length * manifest.concurrency,
      loadMs,
      slots: this.#slots,
      attempts: { ...attempts, manifest, outputChecks },
    })
  }

  async #serve(service: ModelService): Promise<void> {
    const { devices, logger, onServed } = this.#deps
    const { name, version } = service.manifest
    await service.start()
    logger.info({ model: name, version, slots: devices.length }, 'A model is ready')
    onServed?.(service.manifest)
  }

  #tellOfSlot(slot: string, what: 'taken out' | 'quarantined' | 'back'): void {
    const fields = { model: this.manifest?.name ?? this.label, device: slot }
    this.#deps.logger[what === 'back' ? 'info' : 'warn'](fields, SLOT_NEWS[what])
  }

  #onUnusable(error: unknown): void {
    const { model, logFault } = this.#deps
    if (!this.#isLeaving) logFault('A runner could not be used', error, { model: model.label })
  }

  #stopRunners(graceMs: number): Promise<unknown> {
    return Promise.allSettled(this.#runners.map((runner) => runner.stop(graceMs)))
  }
}

const SLOT_NEWS = {
  'taken out': 'Runs on a device failed in a row; it gets a new process, which is checked',
  quarantined: 'A device failed its check; it is quarantined, and tried again later',
  back: 'A device that was taken out passed its check, and takes jobs again',
} as const

/** Of one runner. */
const runsAtOnce = ({ batch, concurrency }: Manifest): number => batch?.max_size ?? concurrency

type Prepared = Pick<AttemptDeps, 'manifest' | 'outputChecks'>

/** Once per model, by the first runner that has loaded. Rejects with InvalidOutputError. */
async function prepare(loaded: Manifest, { path }: WorkerModel, logger: Log): Promise<Prepared> {
  const outputChecks = await prepareChecks(loaded, logger)
  if (path === undefined) return { manifest: loaded, outputChecks }
  const { manifest, faults } = await prepareExamples(loaded, dirname(path))
  for (const fault of faults) logger.warn({ model: loaded.name, fault }, 'An example is wrong; it is left out')
  return { manifest, outputChecks }
}

async function prepareChecks(manifest: Manifest, logger: Log): Promise<AttemptDeps['outputChecks']> {
  const { name, output_schema, training } = manifest
  const prediction = compileOutputCheck(output_schema, name)
  const trained = training ? compileOutputCheck(training.output_schema, name) : undefined
  for (const check of [prediction, trained]) await check?.prepare()
  for (const { schema, note } of costNotesOf(manifest)) {
    logger.warn({ model: name, schema, note: note.message }, 'A schema makes checks costly')
  }
  return {
    prediction: nullableOutput(manifest, prediction),
    training: trained && nullableOutput(manifest, trained),
  }
}
