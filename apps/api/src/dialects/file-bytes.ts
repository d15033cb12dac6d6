/**
 * Bytes of files for answers that carry them inside, in base64. All files of an answer share a room in memory; what does not fit
 * is told by its address. Called by the routes of dialects.
 */
import { type StoredFile } from '@millrace/contracts'
import { buffer } from 'node:stream/consumers'
import { type ObjectReader, StorageError } from '@millrace/storage'

const ROOM = 8 * 1024 * 1024

export class FileBytes {
  readonly #objects: Pick<ObjectReader, 'get'>
  #room = ROOM

  constructor(objects: Pick<ObjectReader, 'get'>) {
    this.#objects = objects
  }

  /** Undefined: it is too large for what is left of the room, or it is gone. */
  async base64({ key, size }: Pick<StoredFile, 'key' | 'size'>): Promise<string | undefined> {
    if (size > this.#room) return undefined
    this.#room -= size
    try {
      return (await buffer(await this.#objects.get(key))).toString('base64')
    } catch (error) {
      if (error instanceof StorageError && error.fault === 'missing') return undefined
      throw error
    }
  }
}
