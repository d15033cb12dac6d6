/** What an attempt works with: the parts that the worker hands in, and their clocks. Filled by create-worker.ts and model-worker.ts. */
import { type JobId, type JobKind, LIMITS, type Log, type Manifest } from '@millrace/contracts'
import type { AttemptStore, FileStore, UpkeepReader } from '@millrace/queue'
import type { ObjectEraser, ObjectReader, ObjectWriter } from '@millrace/storage'
import type { FaultLog } from '../fault-log.ts'
import type { Gate } from '../places/gate.ts'
import type { DrainSwitch } from '../places/drain-switch.ts'
import type { GuardedFetcher } from '@millrace/webhooks'
import type { LinkPlaces } from '../places/link-places.ts'
import type { AttemptOutcome } from './attempt-outcome.ts'
import type { InFlight } from '../places/in-flight.ts'
import type { AnswerCheck } from '@millrace/host'
import type { SlotPool } from '../places/slot-pool.ts'
import type { LiveWebhooks } from '../webhooks/live-webhooks.ts'
import type { InputCache } from './inputs/input-cache.ts'
import type { WorkFolders } from './work-folders.ts'

/** What it takes to fetch the files that an input names by address; see resolve-links.ts. */
export interface LinkDeps {
  fetcher: GuardedFetcher
  files: Pick<FileStore, 'keep' | 'deleted'>
  maxImagePixels: number
  /** Shared by all models of a worker. Default: places without end. */
  places?: LinkPlaces
  /** Milliseconds for all files of one job together. Default 20 minutes. */
  totalMs?: number
}

/** Cancels asked of running jobs, as they are heard; one subscription for the whole worker. */
export interface CancelHints {
  /** Calls back when a cancel of that job is asked. Returns the way to stop. */
  watch(id: JobId, listener: () => void): () => void
}

/** The two steps of going away; see stop-switch.ts. */
export interface Shutdown {
  drain: AbortSignal
  halt: AbortSignal
}

/** Milliseconds, except where the name says otherwise. */
export interface AttemptPace {
  beatMs: number
  progressMs: number
  /** How long a finished result is offered to a Redis that does not answer. */
  settleForMs: number
  /** How long a finished result is offered to an object store that does not answer. */
  storeForMs: number
  /** The same for what a job gave before it failed or was canceled: it is dropped rather than kept waiting for. */
  partialForMs: number
  /** How long a checkpoint is offered to stores that do not answer; its model waits meanwhile, and then goes on without. */
  checkpointForMs: number
  /** How long a drain waits for a run to end by itself before the job is given back anyway. */
  drainWaitMs: number
  /** First wait between two tries. */
  retryMs: number
  /** Files and JSON of one output together, in bytes. */
  outputBytes: number
  /** Files that one output may hold. */
  outputFiles: number
}

export const ATTEMPT_PACE: AttemptPace = {
  beatMs: 2500,
  progressMs: 250,
  settleForMs: 3_600_000,
  storeForMs: 120_000,
  partialForMs: 10_000,
  checkpointForMs: 10_000,
  drainWaitMs: 2000,
  retryMs: 100,
  outputBytes: 16 * 1024 ** 3,
  outputFiles: LIMITS.outputFiles,
}

/** How one attempt ended, and whether its job did. */
export interface AttemptEnd {
  jobId: JobId
  tenant: string
  model: string
  outcome: AttemptOutcome
  /** The job went back to the queue. */
  again: boolean
  /** From when it could be started, or was given back, until its model began. Absent when that did not. */
  waitSeconds: number | undefined
  /** Absent when the model did not run to its end. */
  runSeconds: number | undefined
}

/** What the pipeline works with; the same for all attempts of one model in one worker. */
export interface AttemptDeps {
  workerId: string
  manifest: Manifest
  /** Undefined: the model has no jobs of that kind. */
  outputChecks: Record<JobKind, AnswerCheck | undefined>
  store: AttemptStore
  /** Reads the attempt's own job where no claim gave it. */
  records: UpkeepReader
  objects: ObjectReader & ObjectWriter & ObjectEraser
  /** Shared by all models of a worker. */
  inputCache: InputCache
  links: LinkDeps
  gate: Gate
  slots: SlotPool
  work: WorkFolders
  cancels: CancelHints
  shutdown: Shutdown
  /** Whether this worker is to hold nothing more: runs that make checkpoints end with the next one. */
  leaving: Pick<DrainSwitch, 'isOn' | 'onChange'>
  logger: Log
  logFault: FaultLog
  /** Told of every run that ended by itself, and of every job that waited for a slot in vain. */
  inFlight: InFlight
  /** Hears how each attempt ended. */
  onAttempt?: (end: AttemptEnd) => void
  /** Tells webhooks of what happens while it runs. */
  live?: Pick<LiveWebhooks, 'follow'>
  pace: AttemptPace
}
