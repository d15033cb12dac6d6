/** Makes a file of what a client has uploaded by itself, or refuses and deletes it. Called by the upload route. */
import { blobKey, ProblemError, type UploadId } from '@millrace/contracts'
import type { AnnouncedFile } from '@millrace/queue'
import {
  BlobGoneError,
  FileRefusedError,
  hashObject,
  inspectObject,
  keepBlob,
  type ObjectInfo,
  StorageError,
} from '@millrace/storage'
import type { UploadDeps } from './upload-deps.ts'
import { eraseFile } from './receive-upload.ts'

/** Resolves when the file is there; at once if it was there before. Throws ProblemError. */
export async function completeUpload(
  deps: UploadDeps,
  { tenant, id, signal }: { tenant: string; id: UploadId; signal?: AbortSignal },
): Promise<void> {
  const { files, objects, config } = deps
  const file = await files.get(id, { tenant })
  if (!file) throw new ProblemError('file_not_found')
  if (file.status === 'ready') return
  const key = blobKey(tenant, file.object)
  const info = await arrived(deps, file, key)
  try {
    const sha256 = info.sha256 || (await hashObject(objects, key, { signal })).sha256
    if (info.size !== file.size || sha256 !== file.sha256) throw new ProblemError('checksum_mismatch')
    const rules = { contentType: file.contentType, maxPixels: config.maxImagePixels }
    const contentType = await inspectObject(objects, key, rules)
    const facts = { name: file.name, contentType, announced: true }
    const register = {
      tenant,
      keep: (blob: Parameters<typeof files.keepFile>[2]) => files.keepFile(tenant, id, blob, facts),
      deleted: (keys: readonly string[]) => files.deleted(tenant, keys),
    }
    await keepBlob(objects, register, { object: file.object, size: info.size, sha256 })
  } catch (error) {
    if (error instanceof BlobGoneError) throw new ProblemError('file_not_found')
    const isRefused = error instanceof FileRefusedError
    // These bytes are not what was announced, and never will be.
    if (isRefused || error instanceof ProblemError) await eraseUnless(deps, tenant, id, error)
    throw isRefused ? new ProblemError('file_refused', { detail: `Refused: ${error.message}.` }) : error
  }
}

/** If only Redis is away, nothing is deleted: the client may ask again. */
async function eraseUnless(deps: UploadDeps, tenant: string, id: UploadId, error: Error): Promise<void> {
  if (error instanceof ProblemError && error.code !== 'checksum_mismatch') return
  await eraseFile(deps, { tenant, id })
}

/** What the store has. Throws ProblemError `upload_incomplete` when bytes are missing. */
async function arrived({ objects }: UploadDeps, file: AnnouncedFile, key: string): Promise<ObjectInfo> {
  try {
    const info =
      file.upload === undefined
        ? await objects.head(key)
        : await objects.uploads?.complete(key, file.upload, { size: file.size })
    if (info) return info
  } catch (error) {
    const isIncomplete = error instanceof StorageError && (error.fault === 'mismatch' || error.fault === 'missing')
    if (!isIncomplete) throw error
  }
  throw new ProblemError('upload_incomplete')
}
