/**
 * /fal/rest/storage/upload: a client asks where to put a file, puts it there without a key, at once or in parts, and names it in an input
 * by the address that it was told.
 */
import { mediaTypeOf, safeFileName } from '@millrace/contracts'
import { newUploadId } from '@millrace/queue'
import { z } from 'zod'
import type { ApiContext } from '../../http/api-deps.ts'
import { linkBase } from '../../http/links.ts'
import { parseRequest } from '../../http/request-faults.ts'
import { tenantOf } from '../../http/router.ts'
import type { DialectDeps, DialectRouter } from '../dialect.ts'
import { completeParts, receive, receivePart, signedUpload, signUpload, type Upload } from './fal-uploads.ts'

const BASE = '/fal/rest/storage/upload'
const begin = z.object({
  content_type: z.string().max(200).default('application/octet-stream'),
  file_name: z.string().max(500).default(''),
})

export function storageRoutes(router: DialectRouter, deps: DialectDeps): void {
  const start = { method: 'post', audit: 'none', scope: 'files' } as const
  const initiate = async (c: ApiContext): Promise<Response> => {
    const { content_type, file_name } = parseRequest(begin, await deps.doorway.readObject(c))
    const tenant = tenantOf(c)
    const contentType = mediaTypeOf(content_type, file_name)
    const upload = { id: newUploadId(tenant), tenant, contentType, name: safeFileName(file_name) }
    const base = linkBase(c, deps.config.publicUrl)
    const { path } = await deps.signer.sign(upload.id)
    const upload_url = `${base}${BASE}/to/${upload.id}?${await signUpload(deps, upload)}`
    return c.json({ upload_url, file_url: `${base}${path}` })
  }
  router.addUnlisted({ ...start, path: `${BASE}/initiate`, operation: 'falInitiate' }, initiate)
  router.addUnlisted({ ...start, path: `${BASE}/initiate-multipart`, operation: 'falInitiateParts' }, initiate)

  const uploadOf = (c: ApiContext): Promise<Upload> =>
    signedUpload(c, deps, c.req.param('id') ?? '', new URL(c.req.url).search)
  const put = { method: 'put', audit: 'none', auth: 'signed', scope: 'files' } as const
  router.addUnlisted({ ...put, path: `${BASE}/to/{id}`, operation: 'falPut' }, async (c) => {
    await receive(c, deps, await uploadOf(c))
    return c.json({})
  })
  router.addUnlisted({ ...put, path: `${BASE}/to/{id}/{part}`, operation: 'falPutPart' }, async (c) => {
    const etag = await receivePart(c, deps, await uploadOf(c))
    return c.json({ partNumber: Number(c.req.param('part')), etag })
  })
  const complete = { ...put, method: 'post' } as const
  router.addUnlisted({ ...complete, path: `${BASE}/to/{id}/{part}`, operation: 'falComplete' }, async (c) => {
    await completeParts(c, deps, await uploadOf(c))
    return c.json({})
  })
}
