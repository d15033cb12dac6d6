/**
 * /fal/rest/storage/upload: a client asks where to put a file, puts it there without a key, at once or in parts, and names it in an input
 * by the address that it was told. All that is to be known meanwhile stands in the address, which is signed.
 */
import { base32, ProblemError, safeFileName, type UploadId } from '@millrace/contracts'
import { newUploadId } from '@millrace/queue'
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { joinUploads, receiveBody } from '../../files/receive-body.ts'
import { eraseFile } from '../../files/receive-upload.ts'
import type { ApiContext } from '../../http/api-deps.ts'
import { announcedBytes, readBody } from '../../http/body/read-body.ts'
import { readJson } from '../../http/body/read-json.ts'
import { withinLimit } from '../../http/limits/within-limit.ts'
import { linkBase } from '../../http/links.ts'
import { parseRequest } from '../../http/request-faults.ts'
import { tenantOf } from '../../http/router.ts'
import type { DialectDeps, DialectRouter } from '../dialect.ts'

const BASE = '/fal/rest/storage/upload'
const begin = z.object({
  content_type: z.string().max(200).default('application/octet-stream'),
  file_name: z.string().max(500).default(''),
})
const ending = z.object({
  parts: z
    .array(z.object({ partNumber: z.number().int().min(1).max(1000) }))
    .min(1)
    .max(1000),
})

interface Upload {
  id: UploadId
  tenant: string
  contentType: string
  name: string
}

export function storageRoutes(router: DialectRouter, deps: DialectDeps): void {
  const start = { method: 'post', audit: 'none', scope: 'files' } as const
  const initiate = async (c: ApiContext): Promise<Response> => {
    const { content_type, file_name } = parseRequest(begin, await deps.doorway.readObject(c))
    const tenant = tenantOf(c)
    const upload = { id: newUploadId(tenant), tenant, contentType: content_type, name: safeFileName(file_name) }
    const base = linkBase(c, deps.config.publicUrl)
    const { path } = await deps.signer.sign(upload.id)
    return c.json({ upload_url: `${base}${await addressOf(deps, upload)}`, file_url: `${base}${path}` })
  }
  router.addUnlisted({ ...start, path: `${BASE}/initiate`, operation: 'falInitiate' }, initiate)
  router.addUnlisted({ ...start, path: `${BASE}/initiate-multipart`, operation: 'falInitiateParts' }, initiate)

  const put = { method: 'put', audit: 'none', auth: 'signed', scope: 'files' } as const
  router.addUnlisted({ ...put, path: `${BASE}/to/{id}`, operation: 'falPut' }, async (c) => {
    await receive(c, deps, await uploadOf(c, deps))
    return c.json({})
  })
  router.addUnlisted({ ...put, path: `${BASE}/to/{id}/{part}`, operation: 'falPutPart' }, async (c) => {
    const upload = await uploadOf(c, deps)
    const part = Number(c.req.param('part'))
    if (!Number.isInteger(part) || part < 1 || part > 1000) throw new ProblemError('not_found')
    const id = partOf(upload.id, part)
    // A part that is sent again takes the place of the first.
    await eraseFile(deps, { tenant: upload.tenant, id }).catch(() => undefined)
    await receive(c, deps, { ...upload, id, contentType: 'application/octet-stream', name: `part-${part}` })
    return c.json({ partNumber: part, etag: id })
  })
  const complete = { ...put, method: 'post' } as const
  router.addUnlisted({ ...complete, path: `${BASE}/to/{id}/{part}`, operation: 'falComplete' }, async (c) => {
    if (c.req.param('part') !== 'complete') throw new ProblemError('not_found')
    const upload = await uploadOf(c, deps)
    const { parts } = parseRequest(ending, readJson(await readBody(c.req.raw, deps.config.maxBodyBytes)).value)
    const ids = parts.map(({ partNumber }) => partOf(upload.id, partNumber))
    await joinUploads(deps, { ...upload, parts: ids, signal: c.req.raw.signal })
    for (const id of ids) await eraseFile(deps, { tenant: upload.tenant, id }).catch(() => undefined)
    return c.json({})
  })
}

async function receive(c: ApiContext, deps: DialectDeps, upload: Upload): Promise<void> {
  await deps.storedRoom.admit(upload.tenant, announcedBytes(c.req.raw) ?? 0)
  await withinLimit(deps, upload.tenant, (own) => receiveBody(own, { ...upload, request: c.req.raw }))
}

/** What the signature is for: nobody can change one part of it. */
const signedText = ({ id, tenant, contentType, name }: Upload): string =>
  ['fal', id, tenant, contentType, name].join('\n')

async function addressOf({ signer }: DialectDeps, upload: Upload): Promise<string> {
  const { searchParams } = new URL(await signer.uploadPath(signedText(upload)), 'http://any')
  const query = new URLSearchParams({
    ...{ tenant: upload.tenant, type: upload.contentType, name: upload.name },
    ...{ expires: searchParams.get('expires') ?? '', signature: searchParams.get('signature') ?? '' },
  })
  return `${BASE}/to/${upload.id}?${query.toString()}`
}

async function uploadOf(c: ApiContext, { signer }: DialectDeps): Promise<Upload> {
  const [tenant = '', contentType = '', name = ''] = ['tenant', 'type', 'name'].map((key) => c.req.query(key))
  const upload = { id: c.req.param('id') ?? '', tenant, contentType, name }
  const isOurs = await signer.verifyUpload(
    signedText(upload),
    c.req.query('expires') ?? '',
    c.req.query('signature') ?? '',
  )
  if (!isOurs) throw new ProblemError('forbidden')
  c.set('tenant', tenant)
  return upload
}

/** A part is a file of the tenant's until it is joined: its id follows from that of the whole, so that nobody has to remember it. */
function partOf(id: UploadId, part: number): UploadId {
  const digest = createHash('sha256').update(`${id} ${part}`).digest()
  return `${id.slice(0, 13)}${base32(digest.subarray(0, 18))}`
}
