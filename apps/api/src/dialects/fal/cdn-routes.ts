/**
 * /fal/cdn: where fal's Python client puts its files, with a token that it asks for first. The address of a file opens without a key, and
 * parts of a file are put below it.
 */
import { mediaTypeOf, ProblemError, safeFileName } from '@millrace/contracts'
import { newUploadId } from '@millrace/queue'
import type { ApiContext } from '../../http/api-deps.ts'
import { linkBase } from '../../http/links.ts'
import { tenantOf } from '../../http/router.ts'
import type { DialectDeps, DialectRouter } from '../dialect.ts'
import { completeParts, receive, receivePart, signedUpload, signUpload, type Upload } from './fal-uploads.ts'

const BASE = '/fal/cdn'
const FILE = `${BASE}/files/{file}/{expires}/{signature}/{name}`
const PART = `${FILE}/multipart/{upload}/{part}`

/** Of a token. Milliseconds. */
const TOKEN_MS = 3_600_000

export function cdnRoutes(router: DialectRouter, deps: DialectDeps): void {
  const start = { method: 'post', audit: 'none', scope: 'files' } as const
  const token = { ...start, path: '/fal/rest/storage/auth/token', operation: 'falCdnToken' } as const
  router.addUnlisted(token, (c) => c.json(tokenOf(c, deps), 200, { 'cache-control': 'no-store' }))
  router.addUnlisted({ ...start, path: `${BASE}/files/upload`, operation: 'falCdnUpload' }, async (c) => {
    const upload = uploadOf(c)
    await receive(c, deps, upload)
    return c.json({ access_url: await addressOf(c, deps, upload) })
  })
  router.addUnlisted({ ...start, path: `${BASE}/files/upload/multipart`, operation: 'falCdnBegin' }, async (c) => {
    const upload = uploadOf(c)
    const uploadId = Buffer.from(await signUpload(deps, upload)).toString('base64url')
    return c.json({ access_url: await addressOf(c, deps, upload), uploadId })
  })

  // The id of the upload says what may be put, so nothing else is asked for.
  const partOf = (c: ApiContext): Promise<Upload> => {
    const text = Buffer.from(c.req.param('upload') ?? '', 'base64url').toString()
    return signedUpload(c, deps, c.req.param('file') ?? '', text)
  }
  const put = { audit: 'none', auth: 'signed', scope: 'files', path: PART } as const
  router.addUnlisted({ ...put, method: 'put', operation: 'falCdnPart' }, async (c) => {
    return c.json({}, 200, { etag: `"${await receivePart(c, deps, await partOf(c))}"` })
  })
  router.addUnlisted({ ...put, method: 'post', operation: 'falCdnComplete' }, async (c) => {
    await completeParts(c, deps, await partOf(c))
    return c.json({})
  })
  const open = { method: 'get', auth: 'signed', scope: 'jobs:read', path: FILE, operation: 'falCdnFile' } as const
  router.addUnlisted(open, async (c) => {
    const { file = '', expires = '', signature = '' } = c.req.param()
    if (!(await deps.signer.verify(file, expires, signature))) throw new ProblemError('forbidden')
    const { path } = await deps.signer.sign(file, Number(expires))
    return c.redirect(`${linkBase(c, deps.config.publicUrl)}${path}`, 302)
  })
}

/** The client sends the token where it would send its key: so it is the key. */
function tokenOf(c: ApiContext, { config }: DialectDeps): Record<string, string> {
  const key = /^(?:bearer|key) +(.+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? 'none'
  const base_url = `${linkBase(c, config.publicUrl)}${BASE}`
  // Older Pythons do not read a Z.
  const expires_at = new Date(Date.now() + TOKEN_MS).toISOString().replace('Z', '+00:00')
  return { token: key, token_type: 'Bearer', base_url, expires_at }
}

function uploadOf(c: ApiContext): Upload {
  const tenant = tenantOf(c)
  const given = c.req.header('x-fal-file-name')
  const contentType = mediaTypeOf(c.req.header('content-type'), given)
  return { id: newUploadId(tenant), tenant, contentType, name: safeFileName(given ?? '') }
}

async function addressOf(c: ApiContext, { signer, config }: DialectDeps, { id, name }: Upload): Promise<string> {
  const { searchParams } = new URL((await signer.sign(id)).path, 'http://any')
  const signed = `${searchParams.get('expires') ?? ''}/${searchParams.get('signature') ?? ''}`
  return `${linkBase(c, config.publicUrl)}${BASE}/files/${id}/${signed}/${encodeURIComponent(name)}`
}
