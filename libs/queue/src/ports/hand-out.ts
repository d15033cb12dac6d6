/** Where a worker's jobs of one model come from. Made by openQueue, used by the worker of a model. */
import type { JobRecord } from '@millrace/contracts'
import type { AttemptStore } from './attempt-store.ts'

/** Room for jobs, kept free until it is known how many were given. */
export interface Room {
  /** How many jobs there is room for; at least 1. */
  places: number
  /** Nothing at all is held in this process, and nothing else will be before `fill`: a suspect may be given. */
  alone: boolean
  /** The jobs that came; none is fine. Called once. */
  fill(records: JobRecord[]): void
}

/** What the hand-out asks of the worker of a model. Neither may throw. */
export interface Taker {
  /** Whether there is room, without keeping it. */
  hasRoom(): boolean
  /** Keeps the room free that there is now. Undefined: none. */
  room(): Room | undefined
  /** Each place has a job and the next one too: an end may wait a little for others, and nothing stands idle for that. */
  isWellFilled(): boolean
  /** A suspect waits for an idle worker, and this one was asked to become so: nothing more is given to it until it is. */
  becomeIdle(): void
}

export interface HandOutOptions {
  model: string
  /** Of the model that is here, and the lines it serves; see linesOf. */
  version: string
  lines: readonly string[]
}

export interface HandOut {
  /** For the attempts at what it gave: their beats share calls, and their ends go with the next take. */
  readonly attempts: AttemptStore
  /** Begins to take, and goes on when it was paused. */
  start(): void
  /** There may be more room than before. */
  poke(): void
  /** Takes nothing more. Resolves when nothing is on its way any more; what is, comes. */
  pause(): Promise<void>
  /** Takes nothing more, and lets go of its connection; ends can still be told. Safe twice and before start. */
  close(): Promise<void>
}
