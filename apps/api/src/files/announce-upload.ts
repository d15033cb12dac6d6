/** An upload that a client will make by itself: where it is to send what. Called by the upload route. */
import {
  blobKey,
  mediaTypeOf,
  ProblemError,
  safeFileName,
  type UploadId,
  type UploadRequest,
  type UploadView,
} from '@millrace/contracts'
import { newObjectName } from '@millrace/queue'
import type { PartUpload, SignedUpload } from '@millrace/storage'
import { adoptUpload } from './adopt-upload.ts'
import { tooLarge } from '../http/body/read-body.ts'
import { storeBudget } from '../http/store-budget.ts'
import type { UploadDeps } from './upload-deps.ts'

/** Above this a file goes up in parts. Bytes. */
const WHOLE_BYTES = 64 * 1024 * 1024
/** How long signed addresses take a request. Seconds. */
const PUT_LIFE = 900
const PART_LIFE = 3600

interface Announcement {
  tenant: string
  id: UploadId
  request: UploadRequest
  /** How addresses begin, see `linkBase`. */
  base: string
}

/** Undefined when the tenant has these bytes already: then the file is there. Throws ProblemError. */
export async function announceUpload(
  deps: UploadDeps,
  { tenant, id, request, base }: Announcement,
): Promise<UploadView | undefined> {
  const { files, objects, config, signer } = deps
  const { size, sha256 } = request
  if (size > config.maxUploadBytes) throw tooLarge(config.maxUploadBytes)
  const name = safeFileName(request.name)
  const contentType = mediaTypeOf(request.content_type, name)
  if (await adoptUpload(deps, { tenant, id, size, sha256, name, contentType })) return undefined

  const budget = storeBudget()
  const object = newObjectName()
  const key = blobKey(tenant, object)
  const upload =
    size > WHOLE_BYTES ? await objects.createUpload(key, { expiresInSeconds: PART_LIFE, contentType, size }) : undefined
  const signed = upload
    ? undefined
    : await objects.signedUpload(key, { expiresInSeconds: PUT_LIFE, contentType, size, sha256 })
  await budget(files.announce(tenant, { id, name, contentType, size, sha256, object, upload: upload?.id }))
  const announced = await budget(files.get(id, tenant))
  if (announced?.status !== 'announced') throw new ProblemError('file_not_found')
  const put = signed ?? (upload ? null : { url: `${base}${await signer.uploadPath(id)}`, headers: {} })
  return {
    ...{ object: 'upload' as const, id, content_type: contentType, size, sha256, name },
    expires_at: new Date(announced.expiresAt).toISOString(),
    put: put && requestOf(put),
    parts: partsOf(upload),
  }
}

const requestOf = ({ url, headers }: SignedUpload) => ({ url, headers })

const partsOf = (upload: PartUpload | undefined): UploadView['parts'] =>
  (upload?.parts ?? []).map(({ partNumber, start, size, ...signed }) => ({
    ...{ number: partNumber, start, size },
    ...requestOf(signed),
  }))
