/**
 * One runner of a model in the slot pool: how much of it is lent, and whether it can be lent. Kept by slot-pool.ts.
 *
 * A runner whose model takes several runs in one call (`batches`) is given each of them ahead. They wait in it until the model is free,
 * so one that is busy is lent too; the runner says how many may wait.
 */
import type { JobId } from '@millrace/contracts'
import type { Runner } from '@millrace/host'
import type { BusyClock } from './busy-clock.ts'
import { SlotHealth } from './slot-health.ts'

/** A slot as operators see it. */
export interface SlotState {
  slot: string
  /** `loading`: its runner has no loaded model now. `quarantined`: its device failed, and failed its check too. */
  state: 'idle' | 'busy' | 'loading' | 'quarantined'
  jobs: JobId[]
}

interface SlotCapacity {
  /** Runs that go on in it at a time. */
  places: number
  /** They are answered together, in one call. */
  batches: boolean
}

export class SlotMember {
  readonly slot: string
  readonly runner: Runner
  readonly health = new SlotHealth()
  /** Set while it is out and its check has failed. */
  isQuarantined = false
  readonly #places: number
  readonly #batches: boolean
  readonly #jobs = new Set<JobId>()
  #taken = 0
  /** Of those taken: runs that the model began with. */
  #begun = 0
  /** When the last run left it empty, by performance.now(). */
  #emptySinceMs: number | undefined
  #isAlone = false
  /** It was taken out because of its runs, and is not back. */
  isOut = false
  /** So many things must come about before it is lent again: its runner loads, its device is checked. */
  #awaited = 0
  /** Runs of a call that goes on, and the end of the time in which its device is busy with them. */
  #occupants = 0
  #free: () => void = () => undefined

  constructor(slot: string, runner: Runner, { places, batches }: SlotCapacity) {
    this.slot = slot
    this.runner = runner
    this.#places = places
    this.#batches = batches
  }

  /** The one with the least is lent first. One that batches and is free comes before all that are busy. */
  get load(): number {
    return this.#batches && this.#begun > 0 ? this.#taken + this.#places : this.#taken
  }

  /** It was not ready, and nothing says yet that it is again. */
  get isWarming(): boolean {
    return this.#awaited > 0
  }

  /** Its process is gone, or takes no more runs. One that is full can't tell. */
  get isLost(): boolean {
    if (this.#batches) return this.#taken === this.#begun && !this.runner.canHold
    return this.#taken < this.#places && !this.runner.ready
  }

  /** One more may wait in the runner itself, behind the runs that it has. */
  get canHold(): boolean {
    if (this.#batches || this.isWarming || this.#isAlone) return false
    return this.#taken >= this.#places && this.runner.canHold
  }

  /** So many runs that another one holds it would begin at once. */
  get wanted(): number {
    if (this.#batches) return this.#taken === 0 && this.fits(false) ? this.#places : 0
    return this.fits(false) ? 1 : 0
  }

  fits(alone: boolean): boolean {
    if (this.isWarming || this.#isAlone) return false
    if (alone) return this.#taken === 0
    if (!this.#batches) return this.#taken < this.#places
    return this.runner.canHold && this.#taken - this.#begun < (this.runner.mostHeld ?? 1)
  }

  /** A run that it fits waits in it all the same until the model begins. */
  waitsForCall(alone: boolean): boolean {
    return this.#batches && !alone
  }

  get state(): SlotState {
    return { slot: this.slot, state: this.#stateNow, jobs: [...this.#jobs] }
  }

  get #stateNow(): SlotState['state'] {
    if (this.isQuarantined) return 'quarantined'
    if (this.#taken > 0) return 'busy'
    return this.runner.ready && !this.isWarming ? 'idle' : 'loading'
  }

  /** For how long it has had nothing to do. Milliseconds; 0: it has, or never had. */
  get freeMs(): number {
    return this.#taken > 0 || this.#emptySinceMs === undefined ? 0 : performance.now() - this.#emptySinceMs
  }

  /** Takes one place, or all of them; returns the way to give them back. Only for one that `fits`, or can hold. */
  take(alone: boolean): () => void {
    const places = alone && !this.#batches ? this.#places : 1
    this.#taken += places
    if (alone) this.#isAlone = true
    return () => {
      this.#taken -= places
      if (this.#taken === 0) this.#emptySinceMs = performance.now()
      if (alone) this.#isAlone = false
    }
  }

  /** The model began with a run; returns the end of that. */
  begin(): () => void {
    this.#begun += 1
    return () => void (this.#begun -= 1)
  }

  /** A run has its device from now on, by that clock; returns the end of that. Runs that are answered in one call have it together. */
  occupy(clock: BusyClock): () => void {
    if (!this.#batches) return clock.begin()
    if (this.#occupants === 0) this.#free = clock.begin()
    this.#occupants += 1
    return () => {
      this.#occupants -= 1
      if (this.#occupants === 0) this.#free()
    }
  }

  /** Shows that it is busy with this job; returns the end of that. */
  show(job: JobId): () => void {
    this.#jobs.add(job)
    return () => void this.#jobs.delete(job)
  }

  /** Resolves when it is ready; rejects when it never will be, or when `closing` is aborted. */
  async warm(closing: AbortSignal): Promise<void> {
    await this.keepOut(this.runner.whenReady(closing).then(() => closing.throwIfAborted()))
  }

  /** Nothing is lent until that resolves, nor after it rejects. It may be kept out for several reasons at a time. */
  async keepOut(until: Promise<void>): Promise<void> {
    this.#awaited += 1
    await until
    this.#awaited -= 1
  }
}
