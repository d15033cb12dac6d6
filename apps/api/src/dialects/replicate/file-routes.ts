/** Files as Replicate's clients upload, read, list and delete them: the uploads of the tenant. */
import { ProblemError, uploadIdSchema } from '@millrace/contracts'
import { type KeptFile, newUploadId } from '@millrace/queue'
import { admitUpload } from '../../files/admit-upload.ts'
import { mayListFile } from '../../files/may-list-file.ts'
import { eraseFile, receiveUpload } from '../../files/receive-upload.ts'
import type { ApiContext } from '../../http/api-deps.ts'
import { withinLimit } from '../../http/limits/within-limit.ts'
import { linkBase } from '../../http/links.ts'
import { principalOf, tenantOf, type UnlistedRoute } from '../../http/router.ts'
import type { DialectDeps, DialectRouter } from '../dialect.ts'
import { BASE } from './predictions.ts'

const path = `${BASE}/files`
const one = `${path}/{id}`
const ROUTES = {
  create: { method: 'post', path, operation: 'replicateCreateFile', audit: 'none', scope: 'files' },
  list: { method: 'get', path, operation: 'replicateListFiles', scope: 'files' },
  read: { method: 'get', path: one, operation: 'replicateGetFile', scope: 'jobs:read' },
  delete: { method: 'delete', path: one, operation: 'replicateDeleteFile', audit: 'none', scope: 'files' },
} as const satisfies Record<string, UnlistedRoute>

const PAGE = 100

export function fileRoutes(router: DialectRouter, deps: DialectDeps): void {
  const { files, config } = deps
  const find = async (c: ApiContext, id: string): Promise<KeptFile> => {
    const known = uploadIdSchema.safeParse(id)
    const file = known.success ? await files.get(known.data, { tenant: tenantOf(c) }) : undefined
    if (file?.status !== 'ready') throw new ProblemError('file_not_found')
    return file
  }
  const show = (c: ApiContext, { id, name, contentType, size, sha256, createdAt, keptUntil }: KeptFile) => ({
    ...{ id, name, etag: sha256, content_type: contentType, size, checksums: { sha256, md5: '' }, metadata: {} },
    ...{ created_at: timeOf(createdAt ?? 0), expires_at: keptUntil === null ? null : timeOf(keptUntil) },
    urls: { get: `${linkBase(c, config.publicUrl)}${path}/${id}` },
  })

  router.addUnlisted(ROUTES.create, async (c) => {
    const tenant = tenantOf(c)
    await admitUpload(deps, c.req.raw, tenant)
    const id = newUploadId(tenant)
    await withinLimit(deps, tenant, (own) => receiveUpload(own, { request: c.req.raw, tenant, id, part: 'content' }))
    return c.json(show(c, await find(c, id)), 201)
  })
  router.addUnlisted(ROUTES.list, async (c) => {
    const page = await files.list(tenantOf(c), { limit: PAGE })
    const results = page.files.filter((file) => mayListFile(principalOf(c), file)).map((file) => show(c, file))
    return c.json({ previous: null, next: null, results })
  })
  router.addUnlisted(ROUTES.read, async (c) => c.json(show(c, await find(c, c.req.param('id') ?? ''))))
  router.addUnlisted(ROUTES.delete, async (c) => {
    const { id } = await find(c, c.req.param('id') ?? '')
    await eraseFile(deps, { tenant: tenantOf(c), id })
    return c.body(null, 204)
  })
}

const timeOf = (ms: number): string => new Date(ms).toISOString()
