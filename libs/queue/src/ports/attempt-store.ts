/**
 * What an attempt does with its job, from the claim to the end. Called by the worker's attempts. Each method is one script call, or
 * a part of one, and the fence of the claim is its right: a method of an attempt that was fenced out changes nothing.
 */
import type {
  Checkpoint,
  InputFile,
  JobError,
  JobEvent,
  JobId,
  JobRecord,
  JobStatus,
  Payload,
  Progress,
  StoredFile,
} from '@millrace/contracts'

/**
 * Why an attempt failed, and so who is to blame and whether another start is due.
 * - `model`: the model's own error, or a time-out after a checkpoint: retried while attempts are left
 * - `crash`: the runner died: retried up to LIMITS.crashes starts
 * - `platform`: the store or we failed: retried with growing delay, blaming nobody
 * - `source`: an address in the input did not answer: the same, LIMITS.sourceFaults times in all
 * - `final`: never retried (refused input, wrong output, time-out of an attempt without a checkpoint)
 */
export type Blame = 'model' | 'crash' | 'platform' | 'source' | 'final'

/** Who asks for jobs, and for how many. */
export interface Take {
  model: string
  worker: string
  /** Of the model that this worker has. */
  version: string
  /** The lines it serves; see linesOf. */
  lines: readonly string[]
  /** How many jobs it has room for. */
  places: number
  /** Nothing is held in this process, so a suspect may be given: then it is the only one. */
  alone: boolean
  /** Names the asking part of a process, and its call: the same again, because a reply was lost, is answered the same. */
  process: string
  seq: number
}

export interface Taken {
  /** Claimed: each with its fence, and a lease that beats renew. */
  records: JobRecord[]
  /** In how many milliseconds there may be more without a wake, or a lease ends; the time of Redis has been reckoned with. */
  nextMs: number
  /** A suspect waits for an idle worker, and this one is to become so. */
  becomesIdle: boolean
}

/** An attempt's right to change its job. */
export interface Hold {
  id: JobId
  fence: number
  /** Which start of the model it is. Default: its fence. */
  attempt?: number
}

/** What an attempt tells of itself for the record of its job. */
export interface Phases {
  /** How long it was in its worker before its model began. Absent when that did not. */
  waitedSeconds?: number
  /** Of the time in its worker, how long its input and files were fetched. Absent when there was nothing to fetch. */
  fetchedSeconds?: number
  /** What its model ran on, where that is known. */
  device?: string
}

/** An output where it is kept: small JSON itself, the rest by its place in the object store. */
export type KeptOutput = Payload<StoredFile>

export interface Success {
  output: KeptOutput
  runSeconds: number
  /** What the model measured itself; at most LIMITS.modelNoteBytes of JSON. */
  modelMetrics?: Record<string, unknown>
}

export interface Failure {
  blame: Blame
  error: Omit<JobError, 'attempt'>
  runSeconds?: number
  /** How long the model ran, if it did; the tenant is charged for that. Default: `runSeconds`. */
  usedSeconds?: number
  /** What the model had given so far. It stays with the record if the job ends here, and is ignored if not. */
  partial?: KeptOutput
}

/** What the settling of an attempt came to. `fenced`: the attempt is a zombie and nothing was changed. */
export type SettleResult =
  | { outcome: 'done'; status: JobStatus }
  /** Back in the line; it is given out again after `delayMs`. */
  | { outcome: 'queued'; delayMs: number }
  | { outcome: 'fenced' }
  /** Nothing was changed: the store is short of room, so an output of that size is to be kept elsewhere first. */
  | { outcome: 'crowded' }

/** A checkpoint that is to be kept; when it was made, the store says. */
export type NewCheckpoint = Omit<Checkpoint, 'created_at'>

export interface AttemptStore {
  /** Jobs of the lines in their turn: claimed by this one call, whatever becomes of its reply. */
  take(take: Take): Promise<Taken>
  /**
   * Heartbeat, with the newest progress if there is any, and as soon as the model has begun with how long that took. `lost`:
   * fenced out, stop at once.
   */
  beat(hold: Hold, progress?: Progress, waitedSeconds?: number): Promise<'ok' | 'cancel' | 'lost'>
  /**
   * Appends events of a running attempt (log, output) to the job's log; ignored when fenced. `first` is the number of the
   * first of them in this attempt, from 1 on: one that was appended before is passed over, so a call may be repeated.
   */
  append(hold: Hold, events: JobEvent[], first: number): Promise<void>
  /** Puts the files that an attempt has fetched in the place of their addresses. False: fenced out, nothing changed. */
  resolveInputs(hold: Hold, files: InputFile[]): Promise<boolean>
  /**
   * Keeps what the attempt has come to, in place of the checkpoint before, whose objects are deleted some time after. A call may be
   * repeated. `crowded`: nothing was changed, for want of room; a state that lies in the object store (`isSpared`) may fit.
   */
  keepCheckpoint(hold: Hold, checkpoint: NewCheckpoint, isSpared?: boolean): Promise<'kept' | 'fenced' | 'crowded'>
  succeed(hold: Hold, success: Success, phases?: Phases): Promise<SettleResult>
  fail(hold: Hold, failure: Failure, phases?: Phases): Promise<SettleResult>
  /** The run ended because a cancel was asked; `partial` and `usedSeconds` as in `fail`. */
  stop(hold: Hold, partial?: KeptOutput, usedSeconds?: number, phases?: Phases): Promise<SettleResult>
  /**
   * Gives the job back, blaming nobody (drain, runner not ready). `begun`: its model had started, so it met its deadline.
   * `delayMs`: how long nobody is given it. Default 0. `usedSeconds` as in `fail`.
   */
  release(hold: Hold, begun: boolean, delayMs?: number, usedSeconds?: number, phases?: Phases): Promise<SettleResult>
}
