/**
 * The ways in which a client may use the store directly, without credentials: it sends and fetches bytes at addresses that
 * the driver signs. Where a driver cannot do this, the API moves the bytes itself. Used by the routes for files.
 */
import type { ObjectInfo } from './object-info.ts'

/** The capabilities of one driver. A driver leaves out those that it does not have. */
export interface DirectAccess {
  readonly uploads?: DirectUploads
  readonly downloads?: DirectDownloads
}

export interface DirectDownloads {
  /** Makes an address that serves the bytes for that long. */
  sign(key: string, options: SignedUrlOptions): Promise<string>
}

/** Each method rejects with StorageError. */
export interface DirectUploads {
  /**
   * Makes all that a client needs to PUT exactly these bytes there. Size, type, hash and "write once" are part of the
   * signature. `mismatch` for a size that no single request can have.
   */
  sign(key: string, options: SignedUploadOptions): Promise<SignedUpload>
  /** Begins an upload in parts, for bytes that are too large for one PUT (5 GiB). */
  begin(key: string, options: PartUploadOptions): Promise<PartUpload>
  /**
   * Makes one object of the parts that arrived, and resolves with its facts. A second call gives the same answer. `mismatch`
   * when the parts are not `size` bytes in all; then more parts may still be sent. `missing` when there is no such upload.
   */
  complete(key: string, id: string, options: { size: number }): Promise<ObjectInfo>
  /** Gives up an upload and its parts. Resolves even when there is none. */
  abort(key: string, id: string): Promise<void>
}

export interface SignedUrlOptions {
  expiresInSeconds: number
  /** A safe file name for content-disposition. */
  fileName: string
  contentType: string
}

export interface SignedUploadOptions {
  /** From 1 to 900. The PUT must begin within this time. */
  expiresInSeconds: number
  contentType: string
  /** The size in bytes, from 0 to 5 GiB. */
  size: number
  /** SHA-256 in hexadecimal, when the client knows it. The store then refuses other bytes. */
  sha256?: string
}

/** A request that a client may send as it is. */
export interface SignedUpload {
  url: string
  /** All of them must be sent with these values. Most HTTP clients set `content-length` by themselves. */
  headers: Record<string, string>
}

export interface PartUploadOptions {
  /** From 1 to 3,600. */
  expiresInSeconds: number
  contentType: string
  /** The size of the whole. Bytes. */
  size: number
}

export interface PartUpload {
  /** Names the upload, together with its key. An opaque text of at most 2,000 characters. */
  id: string
  parts: UploadPart[]
}

/** One part. It is sent as a PUT of its own, in any order, and again if need be. */
export interface UploadPart extends SignedUpload {
  /** The first part has number 1. */
  partNumber: number
  /** The position of its first byte in the whole. */
  start: number
  size: number
}
