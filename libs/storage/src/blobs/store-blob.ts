/**
 * Bytes from outside on their way to become a blob: inspected and hashed while they are written below a name that nobody
 * has used, then made known. Bytes that were known before are deleted again. Used by the API for what is sent, by the
 * worker for what is fetched.
 */
import { blobKey } from '@millrace/contracts'
import { pipeline, Readable } from 'node:stream'
import { FileInspection, type InspectionRules } from './file-inspection.ts'
import type { ObjectEraser, ObjectWriter } from '../port/object-store.ts'
import { StorageError } from '../port/storage-error.ts'

/** Where it is remembered which bytes there are; the queue room's file store, with holder and tenant filled in. */
export interface BlobRegister {
  tenant: string
  keep(blob: {
    object: string
    size: number
    sha256: string
  }): Promise<{ outcome: 'kept'; blob: StoredBlob } | { outcome: 'dead' | 'gone' }>
  deleted(keys: readonly string[]): Promise<void>
}

export interface StoredBlob {
  key: string
  size: number
  sha256: string
}

export interface BlobToStore {
  /** A name that was never used before. */
  object: string
  body: Readable | Buffer
  rules: InspectionRules
  /** As announced; other bytes are a StorageError `mismatch`. */
  size?: number
  sha256?: string
  signal?: AbortSignal
  /** Hears what the bytes show, before they are kept. */
  onType?: (contentType: string) => void
}

/** The bytes are no longer wanted: what they were sent for has expired meanwhile, or was deleted. */
export class BlobGoneError extends Error {
  constructor() {
    super('what the bytes are for is gone')
    this.name = 'BlobGoneError'
  }
}

/**
 * Rejects with StorageError, FileRefusedError, BlobGoneError, the error of the body, or what the register rejects with.
 * Whatever is left behind then is known to nobody, and swept.
 */
export async function storeBlob(
  objects: ObjectWriter & ObjectEraser,
  register: BlobRegister,
  { object, body, rules, onType, ...expected }: BlobToStore,
): Promise<StoredBlob & { contentType: string }> {
  const inspection = new FileInspection(rules)
  const key = blobKey(register.tenant, object)
  // The inspection carries whatever goes wrong on to the put, which is waited for.
  pipeline(Buffer.isBuffer(body) ? Readable.from([body]) : body, inspection, () => undefined)
  const put = objects.put(key, inspection, { contentType: rules.contentType, ...expected })
  // A put that is refused at once has not touched its body.
  const { size, sha256 } = await put.finally(() => inspection.destroy())
  onType?.(inspection.look.contentType)
  const blob = await keepBlob(objects, register, { object, size, sha256 })
  return { ...blob, contentType: inspection.look.contentType }
}

/** The second half: of an object that is in the store already. */
export async function keepBlob(
  objects: Pick<ObjectEraser, 'delete'>,
  register: BlobRegister,
  written: { object: string; size: number; sha256: string },
): Promise<StoredBlob> {
  const result = await register.keep(written)
  if (result.outcome !== 'kept') {
    if (result.outcome === 'gone') throw new BlobGoneError()
    throw new StorageError('unavailable', 'the object was swept before it was kept')
  }
  const key = blobKey(register.tenant, written.object)
  // It is in the trash already: what fails here is only put off.
  if (result.blob.key !== key) await deleteBlobs(objects, register, [key]).catch(() => undefined)
  return result.blob
}

/** Deletes objects that were dropped, and tells the register. */
export async function deleteBlobs(
  objects: Pick<ObjectEraser, 'delete'>,
  register: Pick<BlobRegister, 'deleted'>,
  keys: readonly string[],
): Promise<void> {
  for (const key of keys) await objects.delete(key)
  await register.deleted(keys)
}
