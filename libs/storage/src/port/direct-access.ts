/**
 * What a client may do with the store itself, without credentials: send bytes and fetch them by addresses that the driver
 * signs. A driver has these or it has not; where it has not, the API moves the bytes itself. Used by the routes for files.
 */
import type { ObjectInfo } from './object-info.ts'

/** The capabilities of one driver; each is left out by a driver that has no such thing. */
export interface DirectAccess {
  readonly uploads?: DirectUploads
  readonly downloads?: DirectDownloads
}

export interface DirectDownloads {
  /** An address that serves the bytes for that long. */
  sign(key: string, options: SignedUrlOptions): Promise<string>
}

/** Each method rejects with StorageError. */
export interface DirectUploads {
  /**
   * What a client needs to PUT exactly these bytes there: size, type, hash and "write once" are part of the signature.
   * `mismatch` for a size that no single request can have.
   */
  sign(key: string, options: SignedUploadOptions): Promise<SignedUpload>
  /** Begins an upload in parts, for what is too large for one PUT (5 GiB). */
  begin(key: string, options: PartUploadOptions): Promise<PartUpload>
  /**
   * Makes the parts that arrived an object, once, and tells what it is; asked again it answers the same. `mismatch`
   * when they are not `size` bytes in all (parts may still be sent then), `missing` when there is no such upload.
   */
  complete(key: string, id: string, options: { size: number }): Promise<ObjectInfo>
  /** Gives up an upload and its parts; resolves also when there is none. */
  abort(key: string, id: string): Promise<void>
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

export interface PartUploadOptions {
  /** From 1 to 3,600. */
  expiresInSeconds: number
  contentType: string
  /** Bytes of the whole. */
  size: number
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
