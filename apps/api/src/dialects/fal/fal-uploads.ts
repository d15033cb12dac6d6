/**
 * Files as fal's clients put them: at once or in parts, to an address that was told before. All that is to be known meanwhile stands in that
 * address, which is signed. Used by the routes of storage and of the CDN.
 */
import { ProblemError, type UploadId } from '@millrace/contracts'
import { uploadIdFrom } from '@millrace/queue'
import { z } from 'zod'
import { admitUpload } from '../../files/admit-upload.ts'
import { joinUploads, receiveBody } from '../../files/receive-body.ts'
import { eraseFile } from '../../files/receive-upload.ts'
import type { ApiContext } from '../../http/api-deps.ts'
import { readBody } from '../../http/body/read-body.ts'
import { readJson } from '../../http/body/read-json.ts'
import { withinLimit } from '../../http/limits/within-limit.ts'
import { parseRequest } from '../../http/request-faults.ts'
import type { DialectDeps } from '../dialect.ts'

export interface Upload {
  id: UploadId
  tenant: string
  contentType: string
  name: string
}

/** Parts of one file. */
const MOST_PARTS = 1000

const ending = z.object({
  parts: z
    .array(z.object({ partNumber: z.number().int().min(1).max(MOST_PARTS) }))
    .min(1)
    .max(MOST_PARTS),
})

/** Keeps the body of the request as the file. Throws ProblemError. */
export async function receive(c: ApiContext, deps: DialectDeps, upload: Upload): Promise<void> {
  await admitUpload(deps, c.req.raw, upload.tenant)
  await withinLimit(deps, upload.tenant, (own) => receiveBody(own, { ...upload, request: c.req.raw }))
}

/** Keeps the body of the request as the part that the path numbers, and answers its etag. Throws ProblemError. */
export async function receivePart(c: ApiContext, deps: DialectDeps, upload: Upload): Promise<string> {
  const part = Number(c.req.param('part'))
  if (!Number.isInteger(part) || part < 1 || part > MOST_PARTS) throw new ProblemError('not_found')
  const id = partOf(upload, part)
  // A part that is sent again takes the place of the first.
  await eraseFile(deps, { tenant: upload.tenant, id }).catch(() => undefined)
  await receive(c, deps, { ...upload, id, contentType: 'application/octet-stream', name: `part-${part}` })
  return id
}

/** Makes the file of the parts that the body names. Throws ProblemError. */
export async function completeParts(c: ApiContext, deps: DialectDeps, upload: Upload): Promise<void> {
  if (c.req.param('part') !== 'complete') throw new ProblemError('not_found')
  const { parts } = parseRequest(ending, readJson(await readBody(c.req.raw, deps.config.maxBodyBytes)).value)
  // One client names them in the order in which they arrived.
  const ids = parts.toSorted((a, b) => a.partNumber - b.partNumber).map(({ partNumber }) => partOf(upload, partNumber))
  try {
    await joinUploads(deps, { ...upload, parts: ids, signal: c.req.raw.signal })
  } catch (error) {
    // Asked again after an answer that was lost: the parts are gone, and the file is there.
    const isMissing = error instanceof ProblemError && error.code === 'upload_incomplete'
    const file = isMissing ? await deps.files.get(upload.id, { tenant: upload.tenant }) : undefined
    if (file?.status !== 'ready') throw error
  }
  for (const id of ids) await eraseFile(deps, { tenant: upload.tenant, id }).catch(() => undefined)
}

/** What an address of the upload says of it, signed. */
export async function signUpload({ signer }: DialectDeps, upload: Upload): Promise<string> {
  const { searchParams } = new URL(await signer.uploadPath(signedText(upload)), 'http://any')
  const query = new URLSearchParams({
    ...{ tenant: upload.tenant, type: upload.contentType, name: upload.name },
    ...{ expires: searchParams.get('expires') ?? '', signature: searchParams.get('signature') ?? '' },
  })
  return query.toString()
}

/** The upload that such a text is for. Throws ProblemError `forbidden`. */
export async function signedUpload(c: ApiContext, { signer }: DialectDeps, id: string, text: string): Promise<Upload> {
  const query = new URLSearchParams(text)
  const [tenant = '', contentType = '', name = ''] = ['tenant', 'type', 'name'].map((key) => query.get(key) ?? '')
  const upload = { id, tenant, contentType, name }
  const isOurs = await signer.verifyUpload(signedText(upload), query.get('expires') ?? '', query.get('signature') ?? '')
  if (!isOurs) throw new ProblemError('forbidden')
  c.set('tenant', tenant)
  return upload
}

/** What the signature is for: nobody can change one part of it. */
const signedText = ({ id, tenant, contentType, name }: Upload): string =>
  ['fal', id, tenant, contentType, name].join('\n')

/** A part is a file of the tenant's until it is joined: its id follows from that of the whole, so that nobody has to remember it. */
const partOf = ({ id, tenant }: Pick<Upload, 'id' | 'tenant'>, part: number): UploadId =>
  uploadIdFrom(tenant, `${id} ${part}`)
