import type { Readable } from 'node:stream'

export interface ObjectInfo {
  key: string
  /** Bytes. */
  size: number
  contentType: string
  /** SHA-256 in hexadecimal, as computed while it was written. */
  sha256: string
}

/** First and last byte, both included, as in an HTTP range. */
export interface ByteRange {
  start: number
  end?: number
}

/**
 * Where bytes live: one port, a driver per kind of store, one suite that proves each.
 * Keys are `/`-separated; a key that could leave its root (`..`, empty parts, control characters) is refused.
 * Every method rejects with StorageError: `exists`, `missing`, `mismatch` or `unavailable` (try again later).
 */
export interface ObjectStore {
  /** Writes once: a key that exists is never changed (`exists`). Nothing is visible before all bytes are safe. */
  put(key: string, body: Readable | Buffer, options: PutOptions): Promise<ObjectInfo>
  /** A stream of the bytes; `missing` when there is no such object. */
  get(key: string, range?: ByteRange): Promise<Readable>
  head(key: string): Promise<ObjectInfo | undefined>
  /** Deletes every object whose key starts with the prefix, which must end with a slash. Returns how many. */
  deletePrefix(prefix: string): Promise<number>
  /** All keys below a prefix, in no order. */
  list(prefix: string): AsyncIterable<string>
  /** An address that serves the bytes for that long without credentials; undefined when the driver has none. */
  signedUrl(key: string, options: SignedUrlOptions): Promise<string | undefined>
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
}

export interface SignedUrlOptions {
  expiresInSeconds: number
  /** Safe file name for content-disposition. */
  fileName: string
  contentType: string
}

export type StorageFault = 'exists' | 'missing' | 'mismatch' | 'unavailable' | 'invalid_key'

export class StorageError extends Error {
  readonly fault: StorageFault

  constructor(fault: StorageFault, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'StorageError'
    this.fault = fault
  }
}
