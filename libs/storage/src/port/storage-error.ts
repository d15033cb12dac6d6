/** The ways in which work on an object can fail, in the words of the port. Thrown by every driver, and read by its users. */

/**
 * - `exists`: an object of that name exists already
 * - `missing`: there is no such object or upload
 * - `mismatch`: the bytes are not those announced, or the range is outside the object
 * - `unavailable`: try again later
 * - `full`: there is not enough room for the object
 * - `invalid_key`: no object may have that name
 */
export type StorageFault = 'exists' | 'missing' | 'mismatch' | 'unavailable' | 'full' | 'invalid_key'

export class StorageError extends Error {
  readonly fault: StorageFault

  constructor(fault: StorageFault, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'StorageError'
    this.fault = fault
  }
}
