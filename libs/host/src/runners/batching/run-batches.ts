/**
 * What a runner knows of the batches of its model: how many runs go into one call, and what each of them is charged. It outlives the
 * processes of the runner. Kept by RunnerProcess, for a model that takes several runs in one call.
 */
import type { Manifest } from '@millrace/contracts'
import { BatchSize } from './batch-size.ts'
import { DeviceShare, type RunMeter } from './device-share.ts'

export class RunBatches {
  readonly #most: number
  readonly #size: BatchSize
  readonly #share = new DeviceShare()

  /** `most`: runs in one call, as the model says. */
  constructor(most: number) {
    this.#most = most
    this.#size = new BatchSize(most)
  }

  /** Those of a process that is ready; `before`: those of the process before it, whose size goes on to hold. */
  static of({ batch }: Manifest, before: RunBatches | undefined): RunBatches | undefined {
    if (batch === null) return undefined
    return before !== undefined && before.#most === batch.max_size ? before : new RunBatches(batch.max_size)
  }

  /** How many runs may wait for the next call. */
  get limit(): number {
    return this.#size.limit
  }

  /** A run begins in a call. */
  begin(): RunMeter {
    this.#size.begun()
    return this.#share.begin()
  }

  /** The memory was not enough for a call with so many runs. */
  lackedMemory(together: number): void {
    this.#size.lackedMemory(together)
  }

  /** Its process ended by itself while so many runs went on. The system kills who takes too much memory. */
  crashed(signal: string | null, together: number): void {
    if (signal === 'SIGKILL' && together > 1) this.#size.lackedMemory(together)
  }
}
