/** All models of a worker, each with its stay: which begin, which leave, and when. Made by create-worker.ts. */
import type { Log, WorkerModelEntry } from '@millrace/contracts'
import type { ModelRef, NamedModel, WorkerModel } from '@millrace/host'
import type { Shutdown } from '../attempt/attempt-deps.ts'
import type { ModelEvents } from '../author-events.ts'
import { describeError } from '../fault-log.ts'
import { createModelNames } from './model-names.ts'
import { modelEntry } from './model/model-entry.ts'
import { beginStay, type ModelStay } from './model/model-stay.ts'
import type { ModelWorker, ModelWorkerDeps } from './model/model-worker.ts'

/** One model of a worker, for a status page. */
export interface ModelStatus {
  label: string
  /** Null until its first runner has loaded. */
  name: string | null
  version: string | null
  readyRunners: number
  /** Slots whose device failed, and failed its check too. */
  quarantined: number
  /** For how long it was idle although jobs wait that it could be given. Milliseconds; 0: it is not. */
  idleMs: number
}

/** Makes the worker of one model, which obeys the shutdown. */
export type CreateModelWorker = (
  model: WorkerModel,
  deps: Pick<ModelWorkerDeps, 'claimName' | 'onServed'> & { shutdown: Shutdown },
) => ModelWorker

export interface ServedModelsDeps {
  discover(): Promise<WorkerModel[]>
  /** See WorkerDeps. */
  later?: () => readonly NamedModel[]
  /** Hears that a model began, or that it never will be served. */
  onChange?: () => void
  events?: ModelEvents
  logger: Log
}

export class ServedModels {
  readonly #deps: ServedModelsDeps
  readonly #names = createModelNames()
  readonly #stays = new Map<string, ModelStay>()
  #create: CreateModelWorker | undefined
  #refreshing: Promise<void> = Promise.resolve()
  #isLeaving = false

  constructor(deps: ServedModelsDeps) {
    this.#deps = deps
  }

  get statuses(): ModelStatus[] {
    return [...this.#stays.values()].map(({ worker }) => statusOf(worker))
  }

  /** As operators see them. */
  get entries(): WorkerModelEntry[] {
    const later = (this.#deps.later?.() ?? []).filter((model) => !this.#stays.has(keyOf(model)))
    return [...[...this.#stays.values()].map(({ entry }) => entry), ...later.map(laterEntry)]
  }

  /** No model has a job in hand, and none comes, for the worker drains. */
  get isDrained(): boolean {
    return [...this.#stays.values()].every(({ worker }) => worker.isDrained)
  }

  /** Begins with these. A refresh before begins none. */
  begin(found: readonly WorkerModel[], create: CreateModelWorker): void {
    this.#create = create
    for (const source of found) this.#begin(source)
  }

  /** See Worker. */
  refresh(isChanged: (model: WorkerModel) => boolean, graceMs: number): Promise<void> {
    const turn = this.#refreshing.then(() => this.#refresh(isChanged, graceMs))
    this.#refreshing = turn.catch(() => undefined)
    return turn
  }

  /** Resolves when every model takes jobs or has failed for good. */
  async settled(): Promise<void> {
    await Promise.all([...this.#stays.values()].map((stay) => stay.settled))
  }

  /** All leave, and none begins any more. A refresh under way may still end some. */
  async leave(graceMs: number): Promise<void> {
    this.#isLeaving = true
    await Promise.all([...this.#stays.values()].map((stay) => stay.leave(graceMs)))
  }

  /** Those that are here give back at once what they hold. */
  hurry(): void {
    for (const stay of this.#stays.values()) stay.hurry()
  }

  #begin(source: WorkerModel): void {
    const [create, key] = [this.#create, keyOf(source)]
    if (!create || this.#isLeaving) return
    const { events, logger, onChange } = this.#deps
    events?.onLoading(source)
    const stay = beginStay({
      source,
      create: (shutdown) =>
        create(source, {
          shutdown,
          claimName: (name, label) => this.#names.claim(name, { label, key }),
          onServed: (manifest) => events?.onServed(source, manifest),
        }),
      onGivenUp: (error) => {
        onChange?.()
        if (events) events.onGivenUp(source, error)
        else logger.error({ model: source.label, ...describeError(error) }, 'A model is not served; the others are')
      },
    })
    this.#stays.set(key, stay)
    onChange?.()
  }

  async #end(stay: ModelStay, graceMs: number): Promise<void> {
    const key = keyOf(stay.source)
    await stay.leave(graceMs)
    this.#names.release(key)
    if (this.#stays.get(key) === stay) this.#stays.delete(key)
  }

  async #refresh(isChanged: (model: WorkerModel) => boolean, graceMs: number): Promise<void> {
    const { discover, events } = this.#deps
    const found = await discover()
    const keys = new Set(found.map(keyOf))
    // One that gave up may do better now: the model whose name it wanted may be gone.
    const isOutdated = ({ source, gaveUp }: ModelStay) => gaveUp || !keys.has(keyOf(source)) || isChanged(source)
    const outdated = [...this.#stays.values()].filter(isOutdated)
    await Promise.all(outdated.map((stay) => this.#end(stay, graceMs)))
    for (const { source, worker } of outdated) {
      if (!keys.has(keyOf(source))) events?.onGone(source, worker.manifest)
    }
    for (const source of found) if (!this.#stays.has(keyOf(source))) this.#begin(source)
  }
}

/** Two folders may have one label. */
const keyOf = (model: ModelRef): string => model.path ?? model.label

const statusOf = ({ label, manifest, readyRunners, quarantined, idleMs }: ModelWorker): ModelStatus => ({
  label,
  name: manifest?.name ?? null,
  version: manifest?.version ?? null,
  readyRunners,
  quarantined,
  idleMs,
})

/** Of one that has not begun. */
const laterEntry = ({ label, name }: NamedModel): WorkerModelEntry =>
  modelEntry({
    ...{ label, expectedName: name, service: undefined, fault: undefined },
    ...{ devices: [], slots: [], isLeaving: false, isRefused: false },
  })
