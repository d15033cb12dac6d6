/**
 * What one model does once its first runner has loaded: it takes jobs while there is room for them, and shows in the
 * registry. Made by model-worker.ts.
 */
import { createLifecycle, type Lifecycle, settledWithin, WithLifecycle } from '@millrace/async'
import { isStored, type JobId, type JobRecord, type Log, type Manifest } from '@millrace/contracts'
import { type HandOut, type HandOutOptions, linesOf, type ModelPublisher, type Room, type Taker } from '@millrace/queue'
import type { AttemptDeps } from '../../attempt/attempt-deps.ts'
import { runAttempt } from '../../attempt/run-attempt.ts'
import type { FaultLog } from '../../fault-log.ts'
import { createInFlight, type InFlight } from '../../places/in-flight.ts'
import { DrainSwitch } from '../../places/drain-switch.ts'
import type { Gate, Leave, Pass } from '../../places/gate.ts'
import type { SlotPool } from '../../places/slot-pool.ts'
import { IdleWatch } from './idle-watch.ts'
import { Presence } from './presence.ts'
import { Tending, type TendingPace } from './tending.ts'

export interface ModelServiceDeps extends TendingPace {
  /** Runs of the model at a time, over all slots. */
  places: number
  /** The same for whoever reckons with the time of devices: runs that are answered in one call count as one there. Default: `places`. */
  shownPlaces?: number
  slots: SlotPool
  attempts: Omit<AttemptDeps, 'slots' | 'inFlight' | 'store' | 'leaving'>
  registry: ModelPublisher
  drain: DrainSwitch
  createHandOut: CreateHandOut
  /** See PresenceDeps. */
  publishMs?: number | undefined
  /** How long its first runner took to load. Milliseconds; default: not known. */
  loadMs?: number | undefined
  logger: Log
  logFault: FaultLog
}

/** How long a stop waits for Redis to be told that the model is gone. Milliseconds. */
const WITHDRAW_MS = 1000
/** How long it waits for its connection to be closed. Milliseconds. */
const CLOSE_MS = 1000

/** Makes the hand-out of a model. */
export type CreateHandOut = (options: HandOutOptions, taker: Taker) => HandOut

export class ModelService extends WithLifecycle implements Taker {
  readonly manifest: Manifest
  readonly #slots: SlotPool
  readonly #attempts: AttemptDeps
  readonly #inFlight: InFlight
  readonly #handOut: HandOut
  readonly #gate: Gate
  readonly #presence: Presence
  readonly #tending: Tending
  readonly #idle = new IdleWatch()
  protected readonly life: Lifecycle
  readonly #inHand = new Map<Promise<void>, JobId>()
  readonly #drain: DrainSwitch
  readonly #places: number
  readonly #shownPlaces: number
  /** On when it takes nothing more, for good or because an operator wants that: what runs may hand over at a checkpoint. */
  readonly #leaving = new DrainSwitch()
  /** Jobs that take up room: those in hand, without those whose end is being told. */
  #held = 0
  #isDraining = false
  #busyAt = { atMs: performance.now(), totalMs: 0 }
  /** The hand-out takes nothing more, and nothing that it took is on its way. */
  #isQuiet = false
  #unwatch = (): void => undefined

  constructor(deps: ModelServiceDeps) {
    super()
    const { places, slots, attempts, registry, createHandOut, logger, logFault, tendMs, strandedMs } = deps
    const { manifest, workerId } = attempts
    this.#drain = deps.drain
    this.#places = places
    this.#shownPlaces = deps.shownPlaces ?? places
    const model = manifest.name
    this.manifest = manifest
    this.#slots = slots
    const batches = attempts.manifest.batch !== null
    this.#inFlight = createInFlight(places, () => this.#handOut.poke(), { batches, held: () => this.#held })
    this.#gate = attempts.gate
    const { version } = manifest
    this.#handOut = createHandOut({ model, version, lines: linesOf(manifest) }, this)
    this.#attempts = {
      ...attempts,
      slots,
      inFlight: this.#inFlight,
      store: this.#handOut.attempts,
      leaving: this.#leaving,
    }
    this.#presence = new Presence({
      ...{ registry, manifest, workerId, places: this.#shownPlaces, logFault },
      everyMs: deps.publishMs,
      measure: () => ({ busy: this.#busyPart(), loadMs: deps.loadMs }),
      onWaits: (waits) => this.#idle.look({ waits, isIdle: this.#isIdle }),
    })
    const [handOut, presence] = [this.#handOut, this.#presence]
    this.#tending = new Tending({
      model,
      slots,
      handOut,
      presence,
      drain: deps.drain,
      logger,
      logFault,
      tendMs,
      strandedMs,
    })
    this.life = createLifecycle({ begin: () => this.#open(), end: (graceMs) => this.#end(graceMs) })
  }

  /** A runner became ready, or is not any more. */
  lookAtRunners(): void {
    this.#tending.wake()
  }

  /** It takes nothing more, be it for good or because an operator wants that. */
  get isDraining(): boolean {
    return this.#isDraining || this.#drain.isOn
  }

  /** Clients can find it: it was published at least once. */
  get wasShown(): boolean {
    return this.#presence.wasShown
  }

  /** How many jobs it can run at once. */
  get places(): number {
    return this.#places
  }

  /** For how long it was idle although jobs wait that it could be given. Milliseconds; 0: it is not. */
  get idleMs(): number {
    return this.#isIdle ? this.#idle.idleMs : 0
  }

  /** Jobs in hand. */
  get held(): JobId[] {
    return [...this.#inHand.values()]
  }

  /** Nothing is in hand, and nothing comes. */
  get isDrained(): boolean {
    return this.#isQuiet && this.#inHand.size === 0
  }

  /** Takes nothing new, and shows no more. What is in hand goes on. */
  async drain(): Promise<void> {
    this.#isDraining = true
    this.#leaving.set(true)
    void this.#tending.stop(0)
    this.#presence.hide()
    await this.#handOut.pause()
  }

  /** Resolves when nothing is in hand. */
  async idle(): Promise<void> {
    while (this.#inHand.size > 0) await Promise.allSettled(this.#inHand.keys())
  }

  /** For the hand-out: whether there is room, without keeping it. */
  hasRoom(): boolean {
    return this.#free > 0 && this.#gate.isOpen(this.#poke)
  }

  /** For the hand-out: the room that there is now, kept until it is filled. */
  room(): Room | undefined {
    const places = this.#free
    const pass = places > 0 ? this.#gate.ask(this.#poke) : undefined
    return pass && { places, alone: pass.alone, fill: (records) => this.#fill(pass, records) }
  }

  /** For the hand-out: each place has a job and the next one. */
  isWellFilled(): boolean {
    return this.#held >= 2 * this.#places
  }

  /** For the hand-out: a suspect waits, and this process is to become idle for it. */
  becomeIdle(): void {
    this.#gate.becomeIdle(this.#poke)
  }

  get #free(): number {
    return this.isDraining || this.#slots.readyCount() === 0 ? 0 : this.#inFlight.target - this.#held
  }

  /** It could be given jobs, and has none. */
  get #isIdle(): boolean {
    return !this.isDraining && this.#inHand.size === 0 && this.#slots.readyCount() > 0
  }

  /** Which part of its places was taken since it was asked before. */
  #busyPart(): number {
    const [nowMs, busyMs] = [performance.now(), this.#slots.busy.totalMs]
    const { atMs, totalMs } = this.#busyAt
    this.#busyAt = { atMs: nowMs, totalMs: busyMs }
    return Math.min(1, (busyMs - totalMs) / (this.#shownPlaces * Math.max(1, nowMs - atMs)))
  }

  readonly #poke = (): void => this.#handOut.poke()

  #fill(pass: Pass, records: JobRecord[]): void {
    if (records.length > 0) this.#idle.reset()
    const leaves = pass.fill(records.length, records.some(isSuspect))
    for (const [i, record] of records.entries()) this.#begin(record, leaves[i] as Leave)
  }

  #begin(record: JobRecord, leave: Leave): void {
    this.#held++
    let hasLeft = false
    const makeRoom = () => {
      if (hasLeft) return
      hasLeft = true
      this.#held--
      this.#handOut.poke()
    }
    // Its place is free as soon as it ends, but until that is written it is still this process' job: a suspect given meanwhile would
    // take it along when it takes the worker down.
    const done = runAttempt(this.#attempts, record, makeRoom).finally(leave)
    this.#inHand.set(done, record.id)
    void done.finally(() => this.#inHand.delete(done))
  }

  async #open(): Promise<void> {
    this.#unwatch = this.#drain.onChange(() => this.#followSwitch())
    this.#followSwitch()
    await Promise.all([this.#presence.start(), this.#tending.start()])
  }

  /** Takes jobs, or nothing more, as the switch says. */
  #followSwitch(): void {
    if (this.#isDraining) return
    this.#isQuiet = false
    this.#leaving.set(this.#drain.isOn)
    this.#tending.wake()
    if (!this.#drain.isOn) return this.#handOut.start()
    this.#idle.reset()
    void this.#handOut.pause().then(() => (this.#isQuiet = this.#drain.isOn))
  }

  async #end(graceMs: number): Promise<void> {
    this.#unwatch()
    await Promise.all([
      this.#tending.stop(graceMs),
      this.#presence.stop(Math.min(graceMs, WITHDRAW_MS)),
      settledWithin(this.#handOut.close(), Math.min(graceMs, CLOSE_MS)),
    ])
  }
}

/** It may have taken a worker down, and runs alone; while its files are still to be fetched it need not be. */
const isSuspect = ({ lost, input_files }: JobRecord): boolean => lost > 0 && input_files.every(isStored)
