/**
 * Where bytes live: one port, a driver per kind of store, and one suite that proves each driver. The port has several roles,
 * so that code that is given a store states what it does there: the API reads, writes and deletes; the sweeper lists and
 * deletes.
 *
 * Keys are `/`-separated. A key that could leave its root (`..`, empty parts, control characters) is refused. Every method
 * rejects with StorageError (see its faults).
 */
import type { Readable } from 'node:stream'
import type { DirectAccess } from './direct-access.ts'
import type { ByteRange, ObjectEntry, ObjectInfo } from './object-info.ts'

export interface ObjectReader {
  /** A stream of the bytes; `missing` when there is no such object. */
  get(key: string, range?: ByteRange): Promise<Readable>
  head(key: string): Promise<ObjectInfo | undefined>
}

export interface ObjectWriter {
  /** Writes once: an existing key is never changed (`exists`). Nothing is visible before all bytes are safe. */
  put(key: string, body: Readable | Buffer, options: PutOptions): Promise<ObjectInfo>
}

export interface ObjectEraser {
  /** Deletes one object. Resolves even when there was none. */
  delete(key: string): Promise<void>
  /** Deletes every object whose key starts with the prefix, which must end with a slash. Returns how many. */
  deletePrefix(prefix: string): Promise<number>
}

/** For code that looks for objects that nobody owns any more. */
export interface ObjectLister {
  /** All keys below a prefix, in no order. */
  list(prefix: string): AsyncIterable<string>
  /** Like `list`, with size and time. */
  listEntries(prefix: string): AsyncIterable<ObjectEntry>
}

/** For code that cleans up after writers and clients that have gone away. */
export interface UploadSweep {
  /**
   * Gives up uploads and writes that were begun but not ended, and returns how many there were. They must have begun (in a
   * folder: must have been written to last) longer ago than this. With less than a day it may hit one that still goes on.
   * `isAbandoned` is asked about each whose key is known; when it says false, that one goes on.
   */
  abortAbandoned(olderThanMs: number, isAbandoned?: (key: string) => Promise<boolean>): Promise<number>
  /**
   * Gives up every upload that was begun and not ended of a key with this prefix, and returns how many there were. A folder does not
   * know the key of what is being written: there the day of `abortAbandoned` ends it.
   */
  abortPrefix(prefix: string): Promise<number>
}

/** Everything that a driver does, for code that opens and closes one. All other code names a role. */
export interface ObjectStore extends ObjectReader, ObjectWriter, ObjectEraser, ObjectLister, UploadSweep, DirectAccess {
  close(): Promise<void>
}

export interface PutOptions {
  contentType: string
  /** Expected SHA-256; when the bytes differ nothing is stored (`mismatch`). */
  sha256?: string
  /** The number of bytes, when it is known beforehand. More bytes than this are a `mismatch`. */
  size?: number
  signal?: AbortSignal
  /** True: it may use the room that is kept free. Only for the few bytes that help to free more. */
  fromReserve?: boolean
}
