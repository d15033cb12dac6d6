/** What a store tells of an object, and which part of one is meant. The words of the port and of its capabilities. */

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
