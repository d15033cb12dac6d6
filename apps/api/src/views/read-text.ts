/** Reads an object or a part of it as text, for who can do without it when it is gone. Called for logs and for bodies of webhooks. */
import { text } from 'node:stream/consumers'
import { type ByteRange, type ObjectReader, StorageError } from '@millrace/storage'

/** Undefined: the object is gone. */
export const readText =
  (objects: Pick<ObjectReader, 'get'>) =>
  async (key: string, range?: ByteRange): Promise<string | undefined> => {
    try {
      return await text(await objects.get(key, range))
    } catch (error) {
      if (error instanceof StorageError && error.fault === 'missing') return undefined
      throw error
    }
  }
