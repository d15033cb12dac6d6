import type {
  InputFile,
  JobError,
  JobEvent,
  JobId,
  JobRecord,
  JobStatus,
  JobWebhook,
  JsonValue,
  LoggedEvent,
  Manifest,
  Progress,
  StoredFile,
} from '@millrace/contracts'
import type { ShelvedLog } from './shelf-ports.ts'

/** What the API hands over to be kept. Times are milliseconds of Unix time. */
export interface NewJob {
  /** Made by `newJobId(model)`, so that input objects can be stored under it before the submit. */
  id: JobId
  kind: JobRecord['kind']
  tenant: string
  model: string
  version: string
  input: JsonValue
  inputFiles: InputFile[]
  priority: JobRecord['priority']
  metadata: Record<string, string>
  maxAttempts: number
  timeoutSeconds: number
  runAt: number | null
  expiresInSeconds: number
  /** From its end until it is purged. Default: the installation's setting. */
  retentionSeconds?: number
  /** Where to tell of this job, and of what; beside the tenant's endpoints. */
  webhook?: JobWebhook | null
  /**
   * The client's key and a hash of its body; null when the client sent no key. A key belongs to its job for 24 hours from
   * the submit, whatever becomes of the job.
   */
  idempotency: { key: string; bodyHash: string } | null
}

export type SubmitResult =
  | { outcome: 'created'; record: JobRecord }
  /** The same key and body came before: that job. The caller's own id was not used. */
  | { outcome: 'replayed'; record: JobRecord }
  /** The same, of a job that was purged since: nothing is run again. */
  | { outcome: 'purged'; id: JobId }
  /** The key came before, with another body. */
  | { outcome: 'mismatch' }
  /** `tenant`: this tenant's open jobs; `model`: all open jobs of the model. */
  | { outcome: 'limited'; scope: 'tenant' | 'model'; open: number; limit: number }
  /** The store has no room for new work; what it has accepted goes on. */
  | { outcome: 'full' }

/** What the settling of an attempt came to. `fenced`: the attempt is a zombie and nothing was changed. */
export type SettleResult =
  | { outcome: 'done'; status: JobStatus }
  /** Back in the line; the transport should deliver it again after `delayMs`. */
  | { outcome: 'queued'; delayMs: number }
  | { outcome: 'fenced' }
  /** Nothing was changed: the store is short of room, so an output of that size is to be kept elsewhere first. */
  | { outcome: 'crowded' }

/**
 * Why an attempt failed, and so who is to blame and whether another start is due.
 * - `model`: the model's own error: retried while attempts are left
 * - `crash`: the runner died: retried up to LIMITS.crashes starts
 * - `platform`: the store or we failed: retried with growing delay, blaming nobody
 * - `source`: an address in the input did not answer: the same, LIMITS.sourceFaults times in all
 * - `final`: never retried (refused input, wrong output, time-out)
 */
export type Blame = 'model' | 'crash' | 'platform' | 'source' | 'final'

export type ClaimResult =
  | { outcome: 'claimed'; record: JobRecord }
  /** A start of it was lost before: claim it again with `alone: true` while nothing else runs in this process. */
  | { outcome: 'suspect' }
  /** Nothing to run: it is terminal, gone, canceled, expired or has crashed too often; the script settled it. */
  | { outcome: 'settled'; status: JobStatus | 'missing' }
  /** Its `run_at` has not come yet. */
  | { outcome: 'early'; delayMs: number }

/** An attempt's right to change its job. */
export interface Hold {
  id: JobId
  fence: number
}

/** An output where it is kept: small JSON itself, the rest by its place in the object store. */
export interface KeptOutput {
  output: JsonValue
  outputFiles: StoredFile[]
}

export interface Success extends KeptOutput {
  runSeconds: number
  /** What the model measured itself; at most LIMITS.modelNoteBytes of JSON. */
  modelMetrics?: Record<string, unknown>
}

export interface ListQuery {
  tenant: string
  model?: string
  status?: JobStatus
  limit: number
  cursor?: string
}

export interface JobPage {
  records: JobRecord[]
  /** Jobs of the page whose records are not understood here, such as those of another version. They hide no others. */
  unreadable: string[]
  nextCursor: string | null
}

/** The record of every job. Each method is one script call; the caller needs no lock. */
export interface JobStore {
  submit(job: NewJob): Promise<SubmitResult>
  /**
   * `tenant` undefined reads as the house itself; another tenant's job reads as undefined. `purged`: it was purged less than
   * a day ago.
   */
  get(id: JobId, tenant?: string): Promise<JobRecord | 'purged' | undefined>
  list(query: ListQuery): Promise<JobPage>
  /** Place in the line of its model, 1 is next; null when not waiting. */
  position(record: JobRecord): Promise<number | null>

  claim(id: JobId, claim: { worker: string; delivery: string; alone?: boolean; version?: string }): Promise<ClaimResult>
  /** Heartbeat, with the newest progress if there is any. `lost`: fenced out, stop at once. */
  beat(hold: Hold, progress?: Progress): Promise<'ok' | 'cancel' | 'lost'>
  /**
   * Appends events of a running attempt (log, output) to the job's log; ignored when fenced. `first` is the number of the
   * first of them in this attempt, from 1 on: one that was appended before is passed over, so a call may be repeated.
   */
  append(hold: Hold, events: JobEvent[], first: number): Promise<void>
  /** Puts the files that an attempt has fetched in the place of their addresses. False: fenced out, nothing changed. */
  resolveInputs(hold: Hold, files: InputFile[]): Promise<boolean>
  succeed(hold: Hold, success: Success): Promise<SettleResult>
  /** `partial`, what the model had given so far, stays with the record if the job ends here, and is ignored if not. */
  fail(
    hold: Hold,
    blame: Blame,
    error: Omit<JobError, 'attempt'>,
    runSeconds?: number,
    partial?: KeptOutput,
  ): Promise<SettleResult>
  /** The run ended because a cancel was asked; `partial` as in `fail`. */
  stop(hold: Hold, partial?: KeptOutput): Promise<SettleResult>
  /**
   * Gives the job back, blaming nobody (drain, runner not ready). `begun`: its model had started, so that its deadline
   * is met.
   */
  release(hold: Hold, begun: boolean): Promise<SettleResult>

  /** Queued: canceled at once. Running: the worker is told. Terminal: unchanged. */
  cancel(id: JobId, tenant: string): Promise<JobRecord | 'purged' | undefined>
  /**
   * A failed job goes back to the line with fresh counters and without the output it had. `refused`: not failed. `full`:
   * as of a submit.
   */
  rerun(id: JobId, tenant: string): Promise<JobRecord | 'refused' | 'full' | 'purged' | undefined>
  /**
   * Purges a terminal or queued record (canceling it), what is owed and known of its webhooks, and leaves a tombstone. What
   * it held is then owed to be deleted: objects below its prefix, and its hold on files. Tell `purged` when that is done;
   * else the reconciler does it.
   */
  purge(id: JobId): Promise<'purged' | 'running' | 'missing'>
  purged(id: JobId, tenant: string): Promise<void>

  /** Events after an id (default: from the first that is kept), oldest first, at most `count` (default 1000). */
  events(id: JobId, after?: string, count?: number): Promise<LoggedEvent[]>
  /** The same, read together with whether anything between `after` and the first of them is no longer kept. */
  eventPage(id: JobId, after: string, count: number): Promise<EventPage>
  /** The record, and in the same moment the id of the last event that went into it; see `get` for the tenant. */
  snapshot(id: JobId, tenant?: string): Promise<Snapshot | 'purged' | undefined>
}

export interface EventPage {
  events: LoggedEvent[]
  /** The log was trimmed beyond `after`: events may be missing before these. */
  gap: boolean
  /** There is no log: the job was purged. */
  purged: boolean
  /** There may be more behind these. */
  more: boolean
  /** The events after `after` are in the object store, and none is given here. */
  shelved?: ShelvedLog
}

export interface Snapshot {
  record: JobRecord
  lastEventId: string
}

/** What is published about a model. */
export interface ModelState {
  manifest: Manifest
  /** Workers that have a runner of it ready, seen within the last 15 s. */
  workers: number
  /** Jobs that wait, and jobs that run. */
  queued: number
  running: number
}

/**
 * What is read of a manifest is the same object until it changes, so that what is made of it may be kept by it. It is shared:
 * not to be changed.
 */
export interface ModelRegistry {
  /** Publishes or refreshes; called every 5 s by each worker that has the model ready. */
  publish(manifest: Manifest, worker: string): Promise<void>
  withdraw(model: string, worker: string): Promise<void>
  get(model: string): Promise<ModelState | undefined>
  list(): Promise<ModelState[]>
}

/** What a follower of a job hears. */
export type Heard =
  /** From now on every event is told: read the log from the last one you have. Said again after each break. */
  | { kind: 'joined' }
  /** In order; may be one that was read from the log already. Shared between followers: not to be changed. */
  | { kind: 'event'; logged: LoggedEvent }
  | { kind: 'purged' }

/** Tells this process that a job changed, over one subscription whatever the number of watchers. */
export interface ChangeFeed {
  /**
   * Calls back whenever the job may have ended: when it has, is purged, or was out of hearing for a while. A hint: read the
   * record. Changes on the way there call nobody: each would cost a read for nothing. Returns the way to stop.
   */
  onEnd(id: JobId, listener: () => void): () => void
  /** Calls back for every event of a job from `joined` on. Never calls back before it has returned the way to stop. */
  follow(id: JobId, listener: (heard: Heard) => void): () => void
  /** Calls back for every cancel asked of a running job. Returns the way to stop. */
  onCancel(listener: (id: JobId) => void): () => void
}

/** How a delivered job is handled. `again`: deliver it once more after that long. */
export type Handled = { again: number } | 'done'

export interface Delivery {
  id: JobId
  /** Unique per delivery: the same again only when a reply was lost. */
  delivery: string
}

/** The transport's worker side for one model. It says "try this id now", nothing more. */
export interface Consumer {
  /** Starts taking deliveries; at most `concurrency` at once. */
  start(): void
  setConcurrency(concurrency: number): void
  /** Stops taking new deliveries; those in hand go on. */
  pause(): Promise<void>
  resume(): void
  /** Waits for handlers in hand, then lets go. */
  close(): Promise<void>
}
