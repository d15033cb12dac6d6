/**
 * Says what an object may be called, the same for every driver. A key that passes here names one place below the root of any
 * store. Called first in each method of each driver.
 */
import { StorageError } from '../port/storage-error.ts'

/** The first part of names that the drivers keep for themselves (temp files, hashes). It is never a key and never listed. */
export const RESERVED = '.store'

/** S3 allows 1,024 bytes. The rest is room for the drivers' own names that contain a key. */
const KEY_BYTES = 960
/** A part is one file name on disk: at most 255 bytes, and the folder driver needs some of them for its suffix. */
const PART_BYTES = 240

/**
 * Returns a valid key unchanged. Throws StorageError `invalid_key` for an empty key, a leading or trailing slash, an empty
 * part, `.` or `..`, a backslash, control characters, text that is not well-formed Unicode, more than 960 bytes, a part of
 * more than 240 bytes (percent-encoded), or the reserved first part.
 */
export function objectKey(key: string): string {
  if (Buffer.byteLength(key) > KEY_BYTES) throw invalid('it is too long')
  const parts = key.split('/')
  if (parts[0] === RESERVED) throw invalid('its first part is reserved')
  for (const part of parts) checkPart(part)
  return key
}

/** Like objectKey, for a prefix: it is empty (everything) or has valid parts and ends with a slash. */
export function objectPrefix(prefix: string): string {
  if (prefix === '') return prefix
  if (!prefix.endsWith('/')) throw invalid('a prefix must end with a slash')
  objectKey(prefix.slice(0, -1))
  return prefix
}

/** Like objectPrefix, but never empty, so that nobody deletes a whole store by mistake. */
export function deletablePrefix(prefix: string): string {
  if (prefix === '') throw invalid('a prefix to delete must not be empty')
  return objectPrefix(prefix)
}

/** Writes one part of a key as a file name. Only letters, digits and -_.!~*'() stay as they are. */
export const encodePart = (part: string): string => encodeURIComponent(part)

export const decodePart = (name: string): string => decodeURIComponent(name)

function checkPart(part: string): void {
  if (part === '') throw invalid('it has an empty part')
  if (part === '.' || part === '..') throw invalid('it could leave its root')
  // A lone surrogate has no bytes of its own, so two such keys could meet in one file.
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\\]/u.test(part)) throw invalid('it has a forbidden character')
  if (encodePart(part).length > PART_BYTES) throw invalid('a part of it is too long')
}

// The message does not contain the key, because it may hold something that a client sent.
const invalid = (why: string) => new StorageError('invalid_key', `the object key is not allowed: ${why}`)
