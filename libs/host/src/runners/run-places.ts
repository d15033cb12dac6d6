/** The places for runs in a runner's process, and the line of those who wait for one. Kept by RunnerProcess. */
import { WaitingLine } from '@millrace/async'
import type { RunOutcome } from '../runner.ts'
import { NEVER_RAN } from './not-run.ts'

/** Rejects those who wait for a runner that is stopped. */
export class RunnerStoppedError extends Error {
  constructor() {
    super('the runner was stopped')
    this.name = 'RunnerStoppedError'
  }
}

export class RunPlaces {
  readonly #line = new WaitingLine()
  readonly #hasPlace: (taken: number) => boolean
  #taken = 0

  /** `hasPlace` says whether the process takes one more run while it has so many. `wake` when that may have changed. */
  constructor(hasPlace: (taken: number) => boolean) {
    this.#hasPlace = hasPlace
  }

  /** A place is taken before the run's frame is written, until its outcome is known. */
  get taken(): number {
    return this.#taken
  }

  get isFree(): boolean {
    return this.#hasPlace(this.#taken)
  }

  async whenFree(signal?: AbortSignal): Promise<void> {
    while (!this.isFree) await this.#line.join(undefined, { signal })
  }

  /** Waits for a place and takes it in one step, so that two waiting runs never take the same place. */
  async take(signal: AbortSignal): Promise<void> {
    while (!this.isFree) await this.#line.join(undefined, { signal })
    this.#taken += 1
  }

  /** Takes one for a run that goes on already. */
  add(): void {
    this.#taken += 1
  }

  /** Gives the place of a run back when that is over. `onFault` hears of a fault of this process in it. */
  async until(run: Promise<RunOutcome>, onFault: (error: unknown) => void): Promise<RunOutcome> {
    try {
      return await run
    } catch (error) {
      onFault(error)
      return NEVER_RAN
    } finally {
      this.#taken -= 1
      this.wake()
    }
  }

  wake(): void {
    if (this.isFree) this.#line.serveAll()
  }

  /** Sends away all who wait, and all who come later. */
  close(): void {
    this.#line.close(new RunnerStoppedError())
  }
}
