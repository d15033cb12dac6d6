/**
 * Which worker processes there are, and what operators want of them. A worker tells of itself with every beat and hears the wish
 * then; the API reads and wishes.
 */
import type { WorkerEntry } from '@millrace/contracts'

/** A worker as it was heard last. Times are Redis' own, ISO 8601. */
export interface KnownWorker {
  id: string
  startedAt: string
  lastBeatAt: string
  /** Nothing was heard for 15 s. */
  lost: boolean
  /** It is to take nothing more, whether or not it has heard of that. */
  drainWished: boolean
  entry: WorkerEntry
}

export interface WorkerPage {
  workers: KnownWorker[]
  nextCursor: string | null
}

export interface WorkerPresence {
  /** Tells what this worker is doing. Answers whether it is to take nothing more. */
  beat(worker: string, entry: WorkerEntry): Promise<{ drain: boolean }>
  /** It is gone, and with it what was wished of it. */
  leave(worker: string): Promise<void>
}

export interface WorkerReader {
  /** The newest first. */
  list(page: { limit: number; cursor?: string | undefined }): Promise<WorkerPage>
  get(worker: string): Promise<KnownWorker | undefined>
}

export interface WorkerControl {
  /** Whether it is to take nothing more; the worker hears of it with its next beat. Answers false when there is no such worker. */
  wish(worker: string, drain: boolean): Promise<boolean>
}

export interface WorkerRegistry extends WorkerPresence, WorkerReader, WorkerControl {}
