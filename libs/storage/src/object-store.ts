import type { Readable } from 'node:stream'

export interface ObjectInfo {
  key: string
  /** Bytes. */
  size: number
  contentType: string
  /**
   * SHA-256 in hexadecimal, as computed while it was written. Of what a client uploaded by itself: as the store proved
   * it, and empty where the store proved none (`hashObject` reads the bytes then).
   */
  sha256: string
}

/** What a listing tells of an object. */
export interface ObjectEntry {
  key: string
  /** Bytes. */
  size: number
  /** Milliseconds of Unix time, by the store's clock. */
  modifiedAt: number
}

/** First and last byte, both included, as in an HTTP range. */
export interface ByteRange {
  start: number
  end?: number
}

/**
 * Where bytes live: one port, a driver per kind of store, one suite that proves each.
 * Keys are `/`-separated; a key that could leave its root (`..`, empty parts, control characters) is refused.
 * Every method rejects with StorageError: `exists`, `missing`, `mismatch`, `unavailable` (try again later) or `full` (a put,
 * while there is too little room).
 */
export interface ObjectStore {
  /** Writes once: a key that exists is never changed (`exists`). Nothing is visible before all bytes are safe. */
  put(key: string, body: Readable | Buffer, options: PutOptions): Promise<ObjectInfo>
  /** A stream of the bytes; `missing` when there is no such object. */
  get(key: string, range?: ByteRange): Promise<Readable>
  head(key: string): Promise<ObjectInfo | undefined>
  /** Deletes one object; resolves also when there was none. */
  delete(key: string): Promise<void>
  /** Deletes every object whose key starts with the prefix, which must end with a slash. Returns how many. */
  deletePrefix(prefix: string): Promise<number>
  /** All keys below a prefix, in no order. */
  list(prefix: string): AsyncIterable<string>
  /** As `list`, with size and time: for those who look for objects that nobody owns any more. */
  listEntries(prefix: string): AsyncIterable<ObjectEntry>
  /** An address that serves the bytes for that long without credentials; undefined when the driver has none. */
  signedUrl(key: string, options: SignedUrlOptions): Promise<string | undefined>
  /**
   * What a client needs to PUT exactly these bytes there without credentials: size, type, hash and "write once" are
   * part of the signature. Undefined when the driver has no such thing.
   */
  signedUpload(key: string, options: SignedUploadOptions): Promise<SignedUpload | undefined>
  /** Begins an upload in parts, for what is too large for one PUT (5 GiB). Undefined as with `signedUpload`. */
  createUpload(key: string, options: CreateUploadOptions): Promise<PartUpload | undefined>
  /** Signs the parts of an upload again, for a client that was slower than their addresses lived. */
  signParts(key: string, id: string, options: SignPartsOptions): Promise<UploadPart[]>
  /**
   * Makes the parts that arrived an object, once, and tells what it is; asked again it answers the same. `mismatch`
   * when they are not `size` bytes in all (parts may still be sent then), `missing` when there is no such upload.
   */
  completeUpload(key: string, id: string, options: { size: number }): Promise<ObjectInfo>
  /** Gives up an upload and its parts; resolves also when there is none. */
  abortUpload(key: string, id: string): Promise<void>
  /** What writers and clients began and did not end, begun (folder: last written to) longer ago than that. */
  abandonedUploads(olderThanMs: number): AsyncIterable<AbandonedUpload>
  /**
   * Gives those up, and returns how many they were. Below a day it may hit one that still goes on. `isAbandoned` is asked
   * of each whose key is known; one that it denies goes on.
   */
  abortAbandoned(olderThanMs: number, isAbandoned?: (key: string) => Promise<boolean>): Promise<number>
  /** Resolves when the store answers and may be written to. */
  check(): Promise<void>
  close(): Promise<void>
}

export interface PutOptions {
  contentType: string
  /** Expected SHA-256; when the bytes differ nothing is stored (`mismatch`). */
  sha256?: string
  /** Bytes, when known beforehand. More bytes than this is a `mismatch`. */
  size?: number
  signal?: AbortSignal
  /** It may use the room that is kept free: for the few bytes by which room is made. */
  fromReserve?: boolean
}

export interface SignedUrlOptions {
  expiresInSeconds: number
  /** Safe file name for content-disposition. */
  fileName: string
  contentType: string
}

export interface SignedUploadOptions {
  /** From 1 to 900; the PUT must begin by then. */
  expiresInSeconds: number
  contentType: string
  /** Bytes, from 0 to 5 GiB. */
  size: number
  /** SHA-256 in hexadecimal, when the client knows it: the store then refuses other bytes. */
  sha256?: string
}

/** One request that a client may send as it is. */
export interface SignedUpload {
  url: string
  /** All of them must be sent, with these values; most HTTP clients set `content-length` by themselves. */
  headers: Record<string, string>
}

export interface SignPartsOptions {
  /** From 1 to 3,600. */
  expiresInSeconds: number
  /** Bytes of the whole. */
  size: number
}

export interface CreateUploadOptions extends SignPartsOptions {
  contentType: string
}

export interface PartUpload {
  /** Names the upload, together with its key; an opaque text of at most 2,000 characters. */
  id: string
  parts: UploadPart[]
}

/** One part, sent as a PUT of its own, in any order and as often as need be. */
export interface UploadPart extends SignedUpload {
  /** From 1. */
  partNumber: number
  /** First byte of the part in the whole. */
  start: number
  size: number
}

export interface AbandonedUpload {
  /** Unknown for a folder's temp file. */
  key?: string
  id: string
  /** Milliseconds of Unix time. */
  begunAt: number
}

export type StorageFault = 'exists' | 'missing' | 'mismatch' | 'unavailable' | 'full' | 'invalid_key'

export class StorageError extends Error {
  readonly fault: StorageFault

  constructor(fault: StorageFault, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'StorageError'
    this.fault = fault
  }
}
