/** Copies an object to where it is needed, every byte checked against the hash in the record. Called by the steps that fetch. */
import { createWriteStream } from 'node:fs'
import { createHash } from 'node:crypto'
import { type Readable, Transform, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { unlessAborted } from '@millrace/async'
import type { StoredValue } from '@millrace/contracts'
import { type ObjectReader, StorageError } from '@millrace/storage'

/** Rejects with `mismatch` when the bytes are not those of the record, with `unavailable` when they stop coming. */
export async function copyChecked(
  objects: Pick<ObjectReader, 'get'>,
  from: StoredValue,
  to: Writable,
  signal: AbortSignal,
): Promise<void> {
  const asked = objects.get(from.key)
  const source: Readable = await unlessAborted(asked, signal).catch((error: unknown) => {
    to.destroy()
    // An answer that comes too late must not keep its connection.
    asked.then(
      (late) => late.destroy(),
      () => undefined,
    )
    throw error
  })
  const hash = createHash('sha256')
  let size = 0
  let sourceError: Error | undefined
  source.once('error', (error: Error) => (sourceError = error))
  const check = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length
      hash.update(chunk)
      if (size > from.size) done(new StorageError('mismatch', 'an object is longer than its record says'))
      else done(null, chunk)
    },
  })
  try {
    await pipeline(source, check, to, { signal })
  } catch (error) {
    if (error instanceof StorageError || error !== sourceError) throw error
    throw new StorageError('unavailable', 'the bytes of an object stopped coming', { cause: error })
  }
  if (size !== from.size || hash.digest('hex') !== from.sha256) {
    throw new StorageError('mismatch', 'an object is not what its record says')
  }
}

/** The same into a file of an attempt, which is not there yet. Whatever is there after it has rejected is not the object. */
export const copyToFile = (
  objects: Pick<ObjectReader, 'get'>,
  from: StoredValue,
  path: string,
  signal: AbortSignal,
): Promise<void> => copyChecked(objects, from, createWriteStream(path, { flags: 'wx', mode: 0o600 }), signal)
