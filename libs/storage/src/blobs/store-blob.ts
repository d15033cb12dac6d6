/**
 * Makes a blob from bytes that come from outside. They are inspected and hashed while they are written to a name that nobody
 * has used, and then the blob is registered. Bytes that were known before are deleted again. Used by the API for files that
 * are sent, and by the worker for files that it fetches.
 */
import { blobKey } from '@millrace/contracts'
import { pipeline, Readable } from 'node:stream'
import { FileInspection, type InspectionRules } from './file-inspection.ts'
import type { ObjectEraser, ObjectWriter } from '../port/object-store.ts'
import { StorageError } from '../port/storage-error.ts'

/** Remembers which bytes exist. It is the file store of the queue room, with holder and tenant filled in. */
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
  /** The announced size. Other sizes are a StorageError `mismatch`. */
  size?: number
  sha256?: string
  signal?: AbortSignal
  /** Called with the type that the bytes show, before they are kept. */
  onType?: (contentType: string) => void
}

/** The bytes are no longer wanted: the upload that they belong to has expired meanwhile or was deleted, or its tenant is being erased. */
export class BlobGoneError extends Error {
  constructor() {
    super('what the bytes are for is gone')
    this.name = 'BlobGoneError'
  }
}

/**
 * Rejects with StorageError, FileRefusedError, BlobGoneError, the error of the body, or the error of the register. Bytes
 * that remain after a failure are registered nowhere, and are swept.
 */
export async function storeBlob(
  objects: ObjectWriter & ObjectEraser,
  register: BlobRegister,
  { object, body, rules, onType, ...expected }: BlobToStore,
): Promise<StoredBlob & { contentType: string }> {
  const inspection = new FileInspection(rules)
  const key = blobKey(register.tenant, object)
  // The inspection passes every error on to the put, and the put is awaited.
  pipeline(Buffer.isBuffer(body) ? Readable.from([body]) : body, inspection, () => undefined)
  const put = objects.put(key, inspection, { contentType: rules.contentType, ...expected })
  // When a put is refused at once, it has not read its body, so the body must be ended here.
  const { size, sha256 } = await put.finally(() => inspection.destroy())
  onType?.(inspection.look.contentType)
  const blob = await keepBlob(objects, register, { object, size, sha256 })
  return { ...blob, contentType: inspection.look.contentType }
}

/** The second half, for an object that is in the store already. */
export async function keepBlob(
  objects: Pick<ObjectEraser, 'delete'>,
  register: BlobRegister,
  written: { object: string; size: number; sha256: string },
): Promise<StoredBlob> {
  const result = await register.keep(written)
  if (result.outcome !== 'kept') {
    if (result.outcome === 'gone') {
      // Nobody knows it, so only the sweeper would find it.
      await objects.delete(blobKey(register.tenant, written.object)).catch(() => undefined)
      throw new BlobGoneError()
    }
    throw new StorageError('unavailable', 'the object was swept before it was kept')
  }
  const key = blobKey(register.tenant, written.object)
  // The object is in the trash already, so a failure here only delays its deletion.
  if (result.blob.key !== key) await deleteBlobs(objects, register, [key]).catch(() => undefined)
  return result.blob
}

/** Deletes dropped objects and tells the register. */
export async function deleteBlobs(
  objects: Pick<ObjectEraser, 'delete'>,
  register: Pick<BlobRegister, 'deleted'>,
  keys: readonly string[],
): Promise<void> {
  for (const key of keys) await objects.delete(key)
  await register.deleted(keys)
}
