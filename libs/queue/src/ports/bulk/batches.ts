/**
 * Batches: many jobs of a tenant as one thing with an id. Begun by the API's routes, and done by the upkeep of its processes (see
 * BatchRunner there). What is kept of one is a state that changes by comparing: who read an old one changes nothing.
 */
import type { ApiKeyId, BatchCounts, BatchLineFault, BatchStatus, JobId, Scope, UploadId } from '@millrace/contracts'

/** All that is known of a batch beside its tenant and the time at which it was made. */
export interface BatchState {
  status: BatchStatus
  /** How its rows are written, and its results. */
  format: BatchFormat
  /** The model of rows that name none. */
  model: string | null
  /** The bytes of its rows: a blob that the batch holds. */
  source: { key: string; size: number; sha256: string }
  /** The uploaded file that these are. */
  file: UploadId | null
  /** Of the request that made it: the same key with another one is refused. */
  bodyHash: string
  /** On whose behalf: the key, its scopes, and the models that it may use (null: all). */
  key: ApiKeyId | null
  scopes: readonly Scope[]
  models: readonly string[] | null
  /** How addresses in the results begin. */
  base: string
  expiresInSeconds: number
  /** How long it is known once it has ended. */
  keptSeconds: number
  metadata: Readonly<Record<string, string>>
  webhook: string | null
  retryOf: string | null
  /** The rows of the source that are meant, a bit for each, base64; null: all. */
  rows: string | null
  /** Nobody but the server knows it: the keys by which a row is submitted once are made from it. */
  salt: string
  /** The next row. */
  at: RowPlace
  /** Rows before `at` that have not had their turn: their models take none just now. Null: none. */
  left: LeftRows | null
  total: number | null
  submitted: number
  refused: number
  /** Objects that tell what became of the rows so far, in their order. */
  slices: readonly string[]
  /** The models that have a part of it. */
  parts: readonly string[]
  /** How many slices were looked through to cancel their jobs. */
  canceled: number
  /** Objects and files that it had before some of its rows were erased. It is about to let go of them. */
  letGo: readonly string[]
  waitsFor: { code: string; untilMs: number } | null
  errors: readonly BatchLineFault[]
  results: UploadId | null
  /** Of another format: a second file, of the rows that did not succeed. */
  faults: UploadId | null
  /** The rows that did not succeed, as in `rows`. Known at its end. */
  unsuccessful: string | null
  counts: BatchCounts | null
  /** When each status was first reached. Milliseconds of Unix time. */
  times: Partial<Record<BatchStatus, number>>
  /** What only readers of that format look at. */
  extra: Readonly<Record<string, string>>
}

/** Where a row begins: how many rows came before, its line from 1, its byte. */
export interface RowPlace {
  row: number
  line: number
  byte: number
}

export interface LeftRows {
  /** The first of them, or before it. */
  from: RowPlace
  /** A bit for each row from there on, base64. */
  rows: string
  /** The models that they are of; null: rows of all models have to wait. */
  models: readonly string[] | null
}

export type BatchFormat = 'native' | 'openai'

export interface KeptBatch {
  id: string
  tenant: string
  /** Grows with every change. */
  rev: number
  createdMs: number
  /** When it was read. */
  nowMs: number
  state: BatchState
}

/** What is counted of the jobs of a batch by the scripts that move them. `made`: all that were kept. */
export interface BatchJobCounts {
  made: number
  succeeded: number
  failed: number
  canceled: number
  purged: number
}

/** Kinds of change. `ends`: it has ended. `keptMs`: nothing is left to do; it is forgotten after that time. */
export interface BatchChange {
  ends?: boolean
  keptMs?: number
}

export interface Batches {
  /** `exists`: there is one with this id. `limited`: as many of the tenant go on as may. `barred`: it is being erased. */
  begin(id: string, tenant: string, state: BatchState): Promise<'begun' | 'exists' | 'limited' | 'barred'>
  /** Undefined for another tenant's. */
  get(id: string, tenant: string): Promise<KeptBatch | undefined>
  /** Newest first; `after`: behind the one with this id. Throws InvalidCursorError. */
  list(
    tenant: string,
    page: { limit: number; cursor?: string | undefined; after?: string | undefined },
  ): Promise<{ batches: KeptBatch[]; nextCursor: string | null }>
  /** `stale`: somebody has changed it since. */
  change(batch: KeptBatch, state: BatchState, change?: BatchChange): Promise<'done' | 'stale' | 'gone'>
  /** Of all models that have a part of it. */
  counts(batch: KeptBatch): Promise<BatchJobCounts>
}

/** Rows with this metadata are to be erased, in batches that were begun by then. */
export interface BatchErasure {
  id: string
  tenant: string
  metadata: Readonly<Record<string, string>>
  untilMs: number
}

/** For whoever goes on with them. */
export interface BatchUpkeep extends Pick<Batches, 'change' | 'counts'> {
  /** Those that are not done with. */
  open(): Promise<string[]>
  /** For some seconds it is this process' own. `taken`: another one goes on with it. */
  take(id: string): Promise<KeptBatch | 'taken' | 'gone'>
  /** From now on its jobs in that model are counted, and not purged before `endParts`. */
  beginPart(id: string, model: string, seconds: number): Promise<void>
  endParts(batch: KeptBatch): Promise<void>
  /** The job that was submitted with a key to that model within the last day. */
  jobOfKey(tenant: string, model: string, key: string): Promise<JobId | undefined>
  /** Those whose time is over. */
  due(): Promise<string[]>
  /** Whosever it is. */
  find(id: string): Promise<KeptBatch | undefined>
  /** All that are known of a tenant. */
  allOf(tenant: string): Promise<KeptBatch[]>
  forget(id: string): Promise<void>
  /** Those that wait for it. See Erasures, which begins them. */
  erasures(): Promise<BatchErasure[]>
  /** Of this one no row is left. */
  erased(erasure: string): Promise<void>
}
