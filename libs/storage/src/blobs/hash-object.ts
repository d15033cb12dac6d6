/**
 * Computes the hash of bytes that are in the store already. Called for an object that a client uploaded by itself, when the
 * store has proved no hash.
 */
import { createHash } from 'node:crypto'
import type { ObjectReader } from '../port/object-store.ts'

/**
 * Reads an object once and resolves with its size and SHA-256 (hexadecimal). Rejects with StorageError as `get` does, or
 * with the reason of the signal.
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
