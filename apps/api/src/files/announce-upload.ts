/** Tells a client where to send the bytes of a file that it uploads by itself. Called by the upload route. */
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
import type { DirectUploads, PartUpload, SignedUpload } from '@millrace/storage'
import { adoptUpload } from './adopt-upload.ts'
import { tooLarge } from '../http/body/read-body.ts'
import type { UploadDeps } from './upload-deps.ts'

/** Above this a file goes up in parts. Bytes. */
const WHOLE_BYTES = 64 * 1024 * 1024
/** How long signed addresses are valid. Seconds. */
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

  const object = newObjectName()
  const key = blobKey(tenant, object)
  const way = await wayFor(objects.uploads, { key, contentType, size, sha256 })
  const upload = way.by === 'parts' ? way.upload : undefined
  await files.announce(tenant, { id, name, contentType, size, sha256, object, upload: upload?.id })
  const announced = await files.get(id, { tenant })
  if (announced?.status !== 'announced') throw new ProblemError('file_not_found')
  return {
    object: 'upload',
    id,
    content_type: contentType,
    size,
    sha256,
    name,
    expires_at: new Date(announced.expiresAt).toISOString(),
    put: way.by === 'api' ? { url: `${base}${await signer.uploadPath(id)}`, headers: {} } : putOf(way),
    parts: partsOf(upload),
  }
}

/** How the bytes come: straight into the store, in one request or in parts, or through the API if the store signs nothing. */
type Way = { by: 'put'; request: SignedUpload } | { by: 'parts'; upload: PartUpload } | { by: 'api' }

async function wayFor(
  uploads: DirectUploads | undefined,
  { key, ...facts }: { key: string; contentType: string; size: number; sha256: string },
): Promise<Way> {
  if (!uploads) return { by: 'api' }
  if (facts.size > WHOLE_BYTES) {
    return { by: 'parts', upload: await uploads.begin(key, { expiresInSeconds: PART_LIFE, ...facts }) }
  }
  return { by: 'put', request: await uploads.sign(key, { expiresInSeconds: PUT_LIFE, ...facts }) }
}

const putOf = (way: Exclude<Way, { by: 'api' }>) => (way.by === 'put' ? requestOf(way.request) : null)

const requestOf = ({ url, headers }: SignedUpload) => ({ url, headers })

const partsOf = (upload: PartUpload | undefined): UploadView['parts'] =>
  (upload?.parts ?? []).map(({ partNumber, start, size, ...signed }) => ({
    number: partNumber,
    start,
    size,
    ...requestOf(signed),
  }))
