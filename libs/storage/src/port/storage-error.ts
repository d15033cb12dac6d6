/** What goes wrong with an object, in the words of the port. Thrown by every driver, read by whoever uses one. */

/**
 * - `exists`: there is an object of that name already
 * - `missing`: there is none, or no such upload
 * - `mismatch`: the bytes are not those announced, or the range is none of the object
 * - `unavailable`: try again later
 * - `full`: there is too little room for what is put
 * - `invalid_key`: no object may be called that
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
