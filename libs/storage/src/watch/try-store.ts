/** Writes an object, finds it, reads it and deletes it, as a job would. Called by StoreWatch and `millrace doctor`. */
import { randomUUID } from 'node:crypto'
import { startDeadline, unlessAborted } from '@millrace/async'
import type { ObjectEraser, ObjectLister, ObjectReader, ObjectWriter } from '../port/object-store.ts'
import { StorageError } from '../port/storage-error.ts'

/** The prefix of these objects. Those that a killed process left there are swept after a day. */
export const TRIALS = 'trial/'

const BYTES = Buffer.from('millrace was here')

/** No answer came within the patience. */
export class StoreTooSlowError extends Error {
  constructor(ms: number) {
    super(`no answer within ${ms / 1000} s`)
    this.name = 'StoreTooSlowError'
  }
}

/**
 * Rejects with the error of the first step that failed, or with StoreTooSlowError. `onStep` is called with the name of each
 * step.
 */
export async function tryStore(
  store: ObjectReader & ObjectWriter & ObjectEraser & ObjectLister,
  patienceMs: number,
  onStep: (step: string) => void = () => undefined,
): Promise<void> {
  const prefix = `${TRIALS}${randomUUID()}/`
  const key = `${prefix}object`
  const deadline = startDeadline(patienceMs, { reason: () => new StoreTooSlowError(patienceMs) })
  const { signal } = deadline
  const step = <T>(name: string, call: () => Promise<T>): Promise<T> => {
    onStep(name)
    return unlessAborted(call(), signal)
  }
  try {
    await step('write', () => store.put(key, BYTES, { contentType: 'text/plain', size: BYTES.length, signal }))
    await step('look up', () => store.head(key))
    const text = await step('read', async () => (await store.get(key)).toArray())
    if (!Buffer.concat(text as Buffer[]).equals(BYTES)) throw new StorageError('mismatch', 'it gave back other bytes')
    await step('list', async () => {
      for await (const found of store.list(prefix)) if (found === key) return
      throw new StorageError('missing', 'its list leaves out what was written')
    })
    await step('delete', () => store.delete(key))
  } finally {
    deadline.end()
  }
}
