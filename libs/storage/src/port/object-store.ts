/**
 * Where bytes live: one port, a driver per kind of store, one suite that proves each. The port is cut by role, so that
 * whoever is handed a store names what it does there: the API reads, writes and deletes, the sweeper lists and deletes.
 *
 * Keys are `/`-separated; a key that could leave its root (`..`, empty parts, control characters) is refused.
 * Every method rejects with StorageError (see its faults).
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
  /** Writes once: a key that exists is never changed (`exists`). Nothing is visible before all bytes are safe. */
  put(key: string, body: Readable | Buffer, options: PutOptions): Promise<ObjectInfo>
}

export interface ObjectEraser {
  /** Deletes one object; resolves also when there was none. */
  delete(key: string): Promise<void>
  /** Deletes every object whose key starts with the prefix, which must end with a slash. Returns how many. */
  deletePrefix(prefix: string): Promise<number>
}

/** For those who look for objects that nobody owns any more. */
export interface ObjectLister {
  /** All keys below a prefix, in no order. */
  list(prefix: string): AsyncIterable<string>
  /** As `list`, with size and time. */
  listEntries(prefix: string): AsyncIterable<ObjectEntry>
}

/** For those who clean up after writers and clients that went away. */
export interface UploadSweep {
  /**
   * Gives up what writers and clients began and did not end, begun (folder: last written to) longer ago than that, and
   * returns how many they were. Below a day it may hit one that still goes on. `isAbandoned` is asked of each whose key is
   * known; one that it denies goes on.
   */
  abortAbandoned(olderThanMs: number, isAbandoned?: (key: string) => Promise<boolean>): Promise<number>
}

/** All that a driver does; for those who open one and close it. Everybody else names a role. */
export interface ObjectStore extends ObjectReader, ObjectWriter, ObjectEraser, ObjectLister, UploadSweep, DirectAccess {
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
