/**
 * The checkpoints of one attempt: one at a time, no more than are worth their cost. While its worker drains, the run ends with the
 * next one that is kept, and the job goes back without blame, to go on elsewhere. Made by begin-attempt.ts; the model asks for
 * them by way of run-model.ts.
 */
import { type CheckpointAnswer, notKept } from '@millrace/contracts'
import type { GivenCheckpoint } from '@millrace/host'
import type { CheckpointParts } from './put-checkpoint.ts'
import { storeCheckpoint } from './store-checkpoint.ts'

/** So many are kept at once at the beginning; then one in each of these times. Milliseconds. */
const AT_FIRST = 5
const APART_MS = 1000

export class CheckpointKeeper {
  readonly #parts: CheckpointParts
  #allowed = AT_FIRST
  #countedMs = 0
  #isBusy = false
  #hasKept = false

  constructor(parts: CheckpointParts) {
    this.#parts = parts
  }

  /** What the model has come to in this attempt is kept: another attempt does not begin where this one did. */
  get hasKept(): boolean {
    return this.#hasKept
  }

  /** Keeps it in place of the one before. `folder`: in which its files lie. Never rejects. */
  async keep(given: GivenCheckpoint, folder: string): Promise<CheckpointAnswer> {
    const { deps, stop } = this.#parts
    if (this.#isBusy || !(this.#take() || deps.leaving.isOn)) return notKept('too_often')
    this.#isBusy = true
    try {
      const answer = await storeCheckpoint(this.#parts, given, folder)
      this.#hasKept ||= answer.kept
      if (answer.kept && deps.leaving.isOn) stop.stop('drain')
      return answer
    } finally {
      this.#isBusy = false
    }
  }

  #take(): boolean {
    const now = performance.now()
    this.#allowed = Math.min(AT_FIRST, this.#allowed + (now - this.#countedMs) / APART_MS)
    this.#countedMs = now
    if (this.#allowed < 1) return false
    this.#allowed--
    return true
  }
}
