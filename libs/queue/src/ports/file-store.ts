/**
 * Which bytes a tenant has, and who needs them. Bytes belong to nobody but are held, by uploaded files and by jobs, and are
 * dropped in the moment in which the last holder lets go. Called by the API's uploads and submits, by attempts that fetch inputs,
 * and by the sweeper. Each method is one script call.
 */
import type { JobId, UploadId } from '@millrace/contracts'
import type { Reader } from './reader.ts'

/** Bytes that a tenant keeps once. */
export interface KeptBlob {
  /** In the object store. */
  key: string
  size: number
  sha256: string
}

/** Bytes that were just written to the store, under `blobKey(tenant, object)`; `object` is from `newObjectName()`. */
export interface WrittenBlob {
  object: string
  size: number
  sha256: string
}

export interface FileFacts {
  name: string
  contentType: string
  /** What it is for, in the word of who made it. Default: that is not known. */
  purpose?: string | undefined
}

/** An uploaded file. */
export interface KeptFile extends KeptBlob, FileFacts {
  status: 'ready'
  id: UploadId
  tenant: string
  /** When its bytes were there. Milliseconds of Unix time; null: a version before this one kept it. */
  createdAt: number | null
  /** Milliseconds of Unix time; null while a job uses it. */
  keptUntil: number | null
}

/** An upload that was announced and has not ended. */
export interface AnnouncedFile extends FileFacts {
  status: 'announced'
  id: UploadId
  tenant: string
  size: number
  sha256: string
  /** Where its bytes are to be put. */
  object: string
  /** The store's own id of an upload in parts. */
  upload: string | undefined
  /** Milliseconds of Unix time. */
  expiresAt: number
}

export type HeldFile = KeptBlob & FileFacts

/**
 * What became of bytes that are in the store. `kept`: they are, or were before (then what was just written is deleted).
 * `dead`: the object was swept because it was written too long ago. `gone`: so was the upload it is for.
 */
export type KeepResult = { outcome: 'kept'; blob: KeptBlob } | { outcome: 'dead' | 'gone' }

export type HoldResult =
  /** The files, in the order of the call. */
  | { outcome: 'held'; files: HeldFile[] }
  /** This uploaded file is not there; nothing is held. */
  | { outcome: 'missing'; file: UploadId }
  /** The job does not hold one of the hashes any more. */
  | { outcome: 'lost' }

export interface FileStore {
  /** A job holds these bytes from now on. */
  keep(tenant: string, job: JobId, blob: WrittenBlob): Promise<KeepResult>
  /** The same with bytes that the tenant has already; undefined when it does not. */
  adopt(tenant: string, job: JobId, blob: Pick<KeptBlob, 'sha256' | 'size'>): Promise<KeptBlob | undefined>
  /** These bytes are a file now. `announced`: the one that was announced under this id. */
  keepFile(
    tenant: string,
    id: UploadId,
    blob: WrittenBlob,
    facts: FileFacts & { announced?: boolean },
  ): Promise<KeepResult>
  /** The same with bytes that the tenant has already. False when it does not. */
  adoptFile(tenant: string, id: UploadId, blob: Pick<KeptBlob, 'sha256' | 'size'>, facts: FileFacts): Promise<boolean>
  /** Reserves an id and an object for what a client will upload by itself. */
  announce(tenant: string, file: Omit<AnnouncedFile, 'expiresAt' | 'tenant' | 'status'>): Promise<void>
  /** Another tenant's file reads as undefined. */
  get(id: UploadId, reader: Reader): Promise<KeptFile | AnnouncedFile | undefined>
  /**
   * Files that are ready, used or not, the newest first. `after`: the last one of the page before; one that is not there begins
   * anew, for then it was deleted, as were those before it.
   */
  list(
    tenant: string,
    page: { limit: number; after?: UploadId | undefined },
  ): Promise<{ files: KeptFile[]; more: boolean }>
  /** Last step before a submit: makes sure that the job holds these hashes, and has it hold these files. */
  hold(tenant: string, job: JobId, hashes: readonly string[], files: readonly UploadId[]): Promise<HoldResult>
  /** A job or a file is gone. Answers the keys of objects that are to be deleted now; tell `deleted` when they are. */
  release(tenant: string, holder: string): Promise<string[]>
  /** The holder needs these objects and files no more, and all else that it holds. Answers as `release` does. */
  letGo(tenant: string, holder: string, items: readonly string[]): Promise<string[]>
  /** These keys are gone from the store. */
  deleted(tenant: string, keys: readonly string[]): Promise<void>
}

/** What a sweeper asks of the same. Each answer is bounded; any number of processes may ask. */
export interface FileSweepStore extends Pick<FileStore, 'deleted'> {
  /** True when this process may look through the object store for that long: one does at a time. */
  takeTurn(worker: string, ms: number): Promise<boolean>
  /** Milliseconds of Unix time, by Redis' clock. */
  now(): Promise<number>
  tenants(): Promise<string[]>
  /** Files whose time has come. */
  expired(tenant: string, limit: number): Promise<UploadId[]>
  /** Jobs that were last known to hold something longer ago than that. */
  oldHolders(tenant: string, olderThanMs: number, limit: number): Promise<JobId[]>
  /** The job is there: do not ask for it again soon. */
  stillHolds(tenant: string, job: JobId): Promise<void>
  /** As `release`, if it is still due. */
  releaseExpired(tenant: string, id: UploadId): Promise<string[]>
  releaseOld(tenant: string, job: JobId, olderThanMs: number): Promise<string[]>
  /** Keys of objects that were dropped longer ago than that and not told to be deleted. */
  trash(tenant: string, olderThanMs: number, limit: number): Promise<string[]>
  /** False: the object is known. True: it never will be, so it may be deleted. */
  condemn(tenant: string, object: string): Promise<boolean>
}
