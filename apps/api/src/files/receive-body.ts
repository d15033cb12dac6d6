/** Makes a file of a body whose size and hash nobody announced, and one file of several. Called by the routes of fal. */
import { ProblemError, type UploadId } from '@millrace/contracts'
import { newObjectName } from '@millrace/queue'
import { type BlobRegister, storeBlob } from '@millrace/storage'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { guardArrival } from '../http/body/guard-arrival.ts'
import { announcedBytes, tooLarge } from '../http/body/read-body.ts'
import { refusals } from './receive-upload.ts'
import type { UploadDeps } from './upload-deps.ts'

interface NamedFile {
  tenant: string
  id: UploadId
  name: string
  contentType: string
}

/** Throws ProblemError; then nothing is visible. */
export async function receiveBody(
  deps: UploadDeps,
  { request, ...file }: NamedFile & { request: Request },
): Promise<void> {
  const { maxUploadBytes } = deps.config
  const announced = announcedBytes(request)
  if (announced !== undefined && announced > maxUploadBytes) throw tooLarge(maxUploadBytes)
  const abort = new AbortController()
  const guard = guardArrival({ maxBytes: maxUploadBytes }, (error) => abort.abort(error))
  const signal = AbortSignal.any([request.signal, abort.signal])
  const body = Readable.fromWeb(request.body ?? new ReadableStream({ start: (empty) => empty.close() }))
  // If the body breaks off, the store rejects.
  void pipeline(body, guard.meter, { signal }).catch(() => undefined)
  try {
    await keep(deps, file, guard.meter, signal)
  } catch (error) {
    throw abort.signal.aborted ? abort.signal.reason : error
  } finally {
    guard.stop()
  }
}

/** Throws ProblemError `upload_incomplete` when one of them is not there. They stay as they are. */
export async function joinUploads(
  deps: UploadDeps,
  { parts, signal, ...file }: NamedFile & { parts: readonly UploadId[]; signal: AbortSignal },
): Promise<void> {
  const { files, objects, config } = deps
  const found = await Promise.all(parts.map((id) => files.get(id, { tenant: file.tenant })))
  const ready = found.flatMap((part) => (part?.status === 'ready' ? [part] : []))
  if (ready.length < parts.length) throw new ProblemError('upload_incomplete')
  if (ready.reduce((sum, { size }) => sum + size, 0) > config.maxUploadBytes) throw tooLarge(config.maxUploadBytes)
  async function* bytes(): AsyncGenerator<Buffer> {
    for (const { key } of ready) yield* (await objects.get(key)) as AsyncIterable<Buffer>
  }
  await keep(deps, file, Readable.from(bytes()), signal)
}

async function keep(
  { files, objects, config }: UploadDeps,
  { tenant, id, name, contentType: declared }: NamedFile,
  body: Readable,
  signal: AbortSignal,
): Promise<void> {
  let contentType = declared
  const register: BlobRegister = {
    tenant,
    // Called after all bytes were seen: by then the type is the one that they show.
    keep: (blob) => files.keepFile(tenant, id, blob, { name, contentType }),
    deleted: (keys) => files.deleted(tenant, keys),
  }
  const rules = { contentType, maxPixels: config.maxImagePixels }
  const onType = (type: string) => void (contentType = type)
  await refusals(storeBlob(objects, register, { object: newObjectName(), body, rules, signal, onType }))
}
