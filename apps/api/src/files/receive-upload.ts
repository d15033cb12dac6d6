/**
 * Takes in files that come through the API itself, and writes them as they arrive; also deletes uploaded files. Called by
 * upload-routes.ts.
 */
import { blobKey, ProblemError, safeFileName, type UploadId, mediaTypeOf } from '@millrace/contracts'
import { newObjectName, type Reader, type WrittenBlob } from '@millrace/queue'
import { type BlobRegister, dropHold, FileRefusedError, StorageError, storeBlob } from '@millrace/storage'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { UploadDeps } from './upload-deps.ts'
import { guardArrival } from '../http/body/guard-arrival.ts'
import { announcedBytes, tooLarge } from '../http/body/read-body.ts'
import { type FieldPart, type FilePart, readMultipart } from '../http/body/read-multipart.ts'
import { isAway } from '../http/store-time.ts'

interface Received {
  request: Request
  tenant: string
  id: UploadId
  /** The name of the part that is the file; all others are left unread. Default: the file is the only part. */
  part?: string
}

/**
 * Makes a file of the one file in a multipart body, and answers the fields beside it, where these are taken. Throws ProblemError; then
 * nothing is visible.
 */
export async function receiveUpload(
  deps: UploadDeps,
  { request, tenant, id, part: wanted }: Received,
): Promise<FieldPart[]> {
  let taken = 0
  const onFile = async (part: FilePart) => {
    if (wanted !== undefined && part.name !== wanted) return void part.stream.resume()
    if (++taken > 1) throw new ProblemError('malformed_multipart', { detail: 'Send one file in each request.' })
    await receivePart(deps, { tenant, id }, part)
  }
  try {
    const { maxUploadBytes: maxBytes } = deps.config
    const fields = await readMultipart(request, { maxBytes, takesFields: wanted !== undefined, onFile })
    if (taken === 0) throw new ProblemError('malformed_multipart', { detail: 'Send one part with the file.' })
    return fields
  } catch (error) {
    // The file may have been complete before the rest went wrong.
    const tidy = dropFile(deps, tenant, id).catch((cause: unknown) =>
      deps.logger.warn({ err: cause }, 'a file was left over'),
    )
    if (!isAway(error)) await tidy
    throw error
  }
}

/** Makes a file of a part of a form. Rejects with ProblemError; it may be there all the same. */
export async function receivePart(
  { files, objects, config }: Pick<UploadDeps, 'files' | 'objects' | 'config'>,
  { tenant, id }: Pick<Received, 'tenant' | 'id'>,
  part: FilePart,
): Promise<void> {
  const name = safeFileName(part.fileName ?? '')
  let contentType = mediaTypeOf(part.contentType, part.fileName)
  const register: BlobRegister = {
    tenant,
    // Called after all bytes were seen: by then the type is the one that they show.
    keep: (blob: WrittenBlob) => files.keepFile(tenant, id, blob, { name, contentType }),
    deleted: (keys) => files.deleted(tenant, keys),
  }
  const rules = { contentType, maxPixels: config.maxImagePixels }
  const onType = (type: string) => (contentType = type)
  await refusals(
    storeBlob(objects, register, { object: newObjectName(), body: part.stream, rules, signal: part.signal, onType }),
  )
}

/**
 * Makes a file of a body, which must be what was announced. `idleMs`: silence after which it is given up, default 30 s. Throws
 * ProblemError.
 */
export async function receiveAnnounced(
  { files, objects, config }: UploadDeps,
  { request, reader, id, idleMs }: Omit<Received, 'tenant' | 'part'> & { reader: Reader; idleMs?: number },
): Promise<void> {
  const file = await files.get(id, reader)
  if (!file) throw new ProblemError('file_not_found')
  if (file.status === 'ready') return
  const announced = announcedBytes(request)
  if (file.size > config.maxUploadBytes || (announced !== undefined && announced > file.size)) throw tooLarge(file.size)
  const { size, sha256, contentType } = file
  const body = Readable.fromWeb(request.body ?? new ReadableStream({ start: (empty) => empty.close() }))
  const key = blobKey(file.tenant, file.object)
  const abort = new AbortController()
  const guard = guardArrival({ maxBytes: size, idleMs }, (error) => abort.abort(error))
  const signal = AbortSignal.any([request.signal, abort.signal])
  const stored = objects.put(key, guard.meter, { contentType, size, sha256, signal })
  // If the body breaks off, `put` rejects.
  void pipeline(body, guard.meter, { signal }).catch(() => undefined)
  await refusals(stored)
    .catch((error: unknown) => {
      if (abort.signal.aborted) throw abort.signal.reason
      // The same bytes came twice.
      if (!(error instanceof StorageError) || error.fault !== 'exists') throw error
    })
    .finally(guard.stop)
}

/** Throws ProblemError `file_not_found`, also for a file of another tenant. */
export async function eraseFile(deps: UploadDeps, { tenant, id }: Omit<Received, 'request' | 'part'>): Promise<void> {
  const file = await deps.files.get(id, { tenant })
  if (!file) throw new ProblemError('file_not_found')
  if (file.status === 'announced' && file.upload !== undefined) {
    await deps.objects.uploads?.abort(blobKey(tenant, file.object), file.upload)
  }
  await dropFile(deps, tenant, id)
}

function dropFile({ files, objects }: UploadDeps, tenant: string, id: UploadId): Promise<void> {
  return dropHold({ objects, files }, tenant, id)
}

/** What the object store or the inspection refuses, in the words of the API. */
export async function refusals<T>(stored: Promise<T>): Promise<T> {
  return stored.catch((error: unknown) => {
    if (error instanceof FileRefusedError) {
      throw new ProblemError('file_refused', { detail: `Refused: ${error.message}.` })
    }
    if (error instanceof StorageError && error.fault === 'mismatch') throw new ProblemError('checksum_mismatch')
    throw error
  })
}
