/**
 * What one model does once its first runner has loaded: it takes jobs while there is room for them, and shows in the
 * registry. Made by model-worker.ts.
 */
import { createLifecycle, type Lifecycle } from '@millrace/async'
import type { Log, Manifest } from '@millrace/contracts'
import type { Delivery, Handled, ModelPublisher } from '@millrace/queue'
import type { AttemptDeps } from '../../attempt/attempt-deps.ts'
import { runAttempt } from '../../attempt/run-attempt.ts'
import type { FaultLog } from '../../fault-log.ts'
import { createInFlight, type InFlight } from '../../places/in-flight.ts'
import type { SlotPool } from '../../places/slot-pool.ts'
import type { CreateJobSource, JobSource } from './job-source.ts'
import { Presence } from './presence.ts'
import { Tending, type TendingPace } from './tending.ts'

export interface ModelServiceDeps extends TendingPace {
  /** Runs of the model at a time, over all slots. */
  places: number
  slots: SlotPool
  attempts: Omit<AttemptDeps, 'slots' | 'inFlight'>
  registry: ModelPublisher
  createSource: CreateJobSource
  logger: Log
  logFault: FaultLog
}

/** How long a stop waits for Redis to be told that the model is gone. Milliseconds. */
const WITHDRAW_MS = 1000

export class ModelService implements Lifecycle {
  readonly manifest: Manifest
  readonly #logFault: FaultLog
  readonly #slots: SlotPool
  readonly #attempts: AttemptDeps
  readonly #inFlight: InFlight
  readonly #source: JobSource
  readonly #presence: Presence
  readonly #tending: Tending
  readonly #life: Lifecycle
  readonly started: Promise<void>
  readonly stopped: Promise<void>
  readonly #inHand = new Set<Promise<Handled>>()
  #isDraining = false

  constructor(deps: ModelServiceDeps) {
    const { places, slots, attempts, registry, createSource, logger, logFault, tendMs, strandedMs } = deps
    const { manifest, workerId } = attempts
    const model = manifest.name
    this.manifest = manifest
    this.#logFault = logFault
    this.#slots = slots
    this.#inFlight = createInFlight(places, () => void this.#adjust())
    this.#attempts = { ...attempts, slots, inFlight: this.#inFlight }
    this.#source = createSource(model, { run: (job) => this.#run(job), room: () => this.#room })
    this.#presence = new Presence({ registry, manifest, workerId, logFault })
    const [source, presence] = [this.#source, this.#presence]
    this.#tending = new Tending({ model, slots, source, presence, logger, logFault, tendMs, strandedMs })
    this.#life = createLifecycle({ begin: () => this.#begin(), end: (graceMs) => this.#end(graceMs) })
    this.started = this.#life.started
    this.stopped = this.#life.stopped
  }

  start(): Promise<void> {
    return this.#life.start()
  }

  stop(graceMs: number): Promise<void> {
    return this.#life.stop(graceMs)
  }

  /** A runner became ready, or is not any more. */
  lookAtRunners(): void {
    this.#tending.wake()
  }

  /** Takes nothing new, and shows no more. What is in hand goes on. */
  async drain(): Promise<void> {
    this.#isDraining = true
    void this.#tending.stop(0)
    this.#presence.hide()
    await this.#source.adjust()
  }

  /** Resolves when nothing is in hand. */
  async idle(): Promise<void> {
    while (this.#inHand.size > 0) await Promise.allSettled(this.#inHand)
  }

  get #room(): number {
    return this.#isDraining || this.#slots.readyCount() === 0 ? 0 : this.#inFlight.target
  }

  async #adjust(): Promise<void> {
    const model = this.manifest.name
    await this.#source
      .adjust()
      .catch((error: unknown) => this.#logFault('A model could not be held back', error, { model }))
  }

  async #run(job: Delivery): Promise<Handled> {
    const handled = runAttempt(this.#attempts, job)
    this.#inHand.add(handled)
    try {
      return await handled
    } finally {
      this.#inHand.delete(handled)
    }
  }

  async #begin(): Promise<void> {
    await Promise.all([this.#source.start(), this.#presence.start(), this.#tending.start()])
  }

  async #end(graceMs: number): Promise<void> {
    await Promise.all([
      this.#tending.stop(graceMs),
      this.#presence.stop(Math.min(graceMs, WITHDRAW_MS)),
      this.#source.stop(graceMs),
    ])
  }
}
