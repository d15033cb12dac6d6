/** What waits in the lines of a model now, for whoever shows it. The driver is in waiting/. */
import type { Pauses } from './model-registry.ts'

export interface LineState {
  line: string
  queued: number
  /** Of these, jobs that wait for an idle worker. 0 where one tenant is asked for. */
  suspects: number
  workers: number
  /** Jobs that these run at once. */
  slots: number
  isPaused: boolean
  /** When the oldest job was submitted that is first in its row, of the tenants that were looked at. Unix time in milliseconds. */
  oldestMs: number | undefined
  /** Undefined: it is not known, see by_priority in the contracts. */
  byPriority: { high: number; normal: number; low: number } | undefined
  /** Until all that waits has begun. Milliseconds; undefined where that is not known. */
  drainMs: number | undefined
}

export interface QueueLook {
  nowMs: number
  scheduled: number
  slots: number
  /** Those in which most jobs wait. */
  lines: LineState[]
  linesTotal: number
}

export interface QueueStates {
  /** One call of Redis. `running`: how many jobs of the model run. `tenant`: of this one alone; default: of all. */
  look(model: string, known: { pauses: Pauses; running: number; tenant?: string | undefined }): Promise<QueueLook>
}
