/**
 * How the runs of one slot ended, and whether that lies at the slot. A run is ill when it ended as runs do on a device that is not
 * well: its process crashed, it took too long, it lacked memory, or the driver of the device failed. Kept by SlotMember, judged by
 * SlotPool.
 *
 * The blame is divided so: one ill run is the job's own. The next ones in a row may lie at the slot while another slot of the model had no
 * ill run last: their jobs go back. The slot is taken out if another one does well meanwhile, or if there is no other. Where all slots have
 * ill runs, it is the model, and none is taken out.
 */
import type { JobId } from '@millrace/contracts'
import type { RunOutcome } from '@millrace/host'

/** After so many ill runs in a row, of two jobs at least, a slot is taken out. */
const ILL_IN_A_ROW = 3
/** What frameworks and drivers say when a device failed, not the model. */
const DEVICE_WORDS =
  /out of memory|MemoryError|CUDA (?:error|driver)|cu(?:BLAS|DNN|FFT|SOLVER|SPARSE)_?(?: error|_STATUS)|\bNCCL\b|HIP error|device-side assert|\bNVML\b|\bXid\b/i

/** Undefined: it says nothing about the device. */
export function isIll(outcome: RunOutcome): boolean | undefined {
  switch (outcome.kind) {
    case 'done':
      return false
    case 'crashed':
      return outcome.shared ? undefined : true
    case 'timeout':
      return true
    case 'failed':
      return outcome.code === 'model_error' && DEVICE_WORDS.test(`${outcome.message}\n${outcome.traceback ?? ''}`)
    default:
      return undefined
  }
}

export class SlotHealth {
  /** Jobs of the ill runs in a row. */
  #ill: JobId[] = []
  #onProbation = false
  /** When its last run was well, by performance.now(). */
  #wellMs: number | undefined
  #illSinceMs = 0

  /** The last run was ill, or none was well since it was taken out. */
  get isSuspect(): boolean {
    return this.#ill.length > 0 || this.#onProbation
  }

  /** So many ill runs in a row, of more than one job, that one slot should not have; on probation one. */
  get isTooIll(): boolean {
    if (this.#onProbation) return this.#ill.length > 0
    return this.#ill.length >= ILL_IN_A_ROW && new Set(this.#ill).size > 1
  }

  /** Its last run was not ill, as far as it had one. */
  get mayDoBetter(): boolean {
    return this.#ill.length === 0
  }

  /** Since the ill runs of the other began, a run was well here. */
  doesBetterThan(other: SlotHealth): boolean {
    return this.#ill.length === 0 && this.#wellMs !== undefined && this.#wellMs >= other.#illSinceMs
  }

  note(job: JobId, ill: boolean): void {
    const now = performance.now()
    if (!ill) {
      this.#ill = []
      this.#onProbation = false
      this.#wellMs = now
      return
    }
    if (!this.isSuspect) this.#illSinceMs = now
    // More are never asked for.
    if (this.#ill.length < 2 * ILL_IN_A_ROW) this.#ill.push(job)
    else this.#ill[2 * ILL_IN_A_ROW - 1] = job
  }

  /** Its check went well: the next run that is ill takes it out again. */
  release(): void {
    this.#ill = []
    this.#onProbation = true
    this.#illSinceMs = performance.now()
  }
}
