/** The facts that a store gives of an object, and a range of its bytes. Words of the port and of its capabilities. */

export interface ObjectInfo {
  key: string
  /** Bytes. */
  size: number
  contentType: string
  /**
   * SHA-256 in hexadecimal, computed while the object was written. For an object that a client uploaded by itself: the hash
   * that the store proved, or empty when it proved none (`hashObject` then reads the bytes).
   */
  sha256: string
}

/** The facts that a listing gives of an object. */
export interface ObjectEntry {
  key: string
  /** Bytes. */
  size: number
  /** Milliseconds of Unix time, by the store's clock. */
  modifiedAt: number
}

/** The first and the last byte, both included, as in an HTTP range. */
export interface ByteRange {
  start: number
  end?: number
}
