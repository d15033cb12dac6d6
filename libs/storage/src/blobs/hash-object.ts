/**
 * The hash of bytes that are in the store already. Asked where a client uploaded them by itself and the store proved
 * none.
 */
import { createHash } from 'node:crypto'
import type { ObjectReader } from '../port/object-store.ts'

/**
 * Reads an object once and tells its bytes and SHA-256 (hexadecimal): for what a client uploaded by itself. Rejects with
 * StorageError as `get` does, and with the reason of the signal.
 */
export async function hashObject(
  store: Pick<ObjectReader, 'get'>,
  key: string,
  options: { signal?: AbortSignal } = {},
): Promise<{ size: number; sha256: string }> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of await store.get(key)) {
    options.signal?.throwIfAborted()
    hash.update(chunk as Buffer)
    size += (chunk as Buffer).length
  }
  return { size, sha256: hash.digest('hex') }
}
