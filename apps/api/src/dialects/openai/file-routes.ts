/** Files as OpenAI's clients upload, list, read and delete them: the uploads of the tenant, and what its batches gave. Ids are our own. */
import { ProblemError, uploadIdSchema } from '@millrace/contracts'
import { type KeptFile, newUploadId } from '@millrace/queue'
import { admitUpload } from '../../files/admit-upload.ts'
import { answerWithFile } from '../../files/file-routes.ts'
import { mayListFile } from '../../files/may-list-file.ts'
import { eraseFile, receiveUpload } from '../../files/receive-upload.ts'
import type { ApiContext } from '../../http/api-deps.ts'
import { decodeUtf8 } from '../../http/body/read-json.ts'
import { withinLimit } from '../../http/limits/within-limit.ts'
import { principalOf, tenantOf, type UnlistedRoute } from '../../http/router.ts'
import type { DialectDeps, DialectRouter } from '../dialect.ts'
import { BASE, secondsOf } from './openai-base.ts'
import { limitOf, listPage } from './list-page.ts'
import { misfit } from './tasks/openai-task.ts'

const path = `${BASE}/files`
const one = `${path}/{id}`
const ROUTES = {
  create: { method: 'post', path, operation: 'openaiCreateFile', audit: 'none', scope: 'files' },
  list: { method: 'get', path, operation: 'openaiListFiles', scope: 'files' },
  read: { method: 'get', path: one, operation: 'openaiGetFile', scope: 'jobs:read' },
  content: { method: 'get', path: `${one}/content`, operation: 'openaiGetFileContent', scope: 'jobs:read' },
  delete: { method: 'delete', path: one, operation: 'openaiDeleteFile', audit: 'none', scope: 'files' },
} as const satisfies Record<string, UnlistedRoute>

/** What an upload may be for: a batch, or inputs of jobs. For all else that they know there is nothing here. */
const PURPOSES = ['batch', 'user_data', 'vision']
/** Of what came by the native API. */
const NO_PURPOSE = 'user_data'
const PAGE = 100
/** Files of another purpose are passed over, so many pages of them in one request. */
const MOST_PAGES = 20

export function fileRoutes(router: DialectRouter, deps: DialectDeps): void {
  const { files } = deps
  const find = async (c: ApiContext): Promise<KeptFile> => findFile(deps, tenantOf(c), c.req.param('id') ?? '')

  router.addUnlisted(ROUTES.create, async (c) => c.json(show(await create(c, deps))))
  router.addUnlisted(ROUTES.list, async (c) => {
    const { purpose } = c.req.query()
    const limit = limitOf(c, PAGE, PAGE)
    const isMeant = (file: KeptFile): boolean =>
      mayListFile(principalOf(c), file) && (purpose === undefined || (file.purpose ?? NO_PURPOSE) === purpose)
    const found: KeptFile[] = []
    let after = uploadIdSchema.safeParse(c.req.query('after')).data
    let isMore = true
    for (let pages = 0; isMore && found.length <= limit && pages < MOST_PAGES; pages++) {
      const page = await files.list(tenantOf(c), { limit: PAGE, after })
      found.push(...page.files.filter(isMeant))
      after = page.files.at(-1)?.id
      isMore = page.more && after !== undefined
    }
    return c.json(listPage(found.slice(0, limit).map(show), found.length > limit))
  })
  router.addUnlisted(ROUTES.read, async (c) => c.json(show(await find(c))))
  router.addUnlisted(ROUTES.content, async (c) => {
    const { contentType, ...file } = await find(c)
    return answerWithFile(c, deps, { ...file, content_type: contentType, gone: 'file_not_found' })
  })
  router.addUnlisted(ROUTES.delete, async (c) => {
    const { id } = await find(c)
    await eraseFile(deps, { tenant: tenantOf(c), id })
    return c.json({ id, object: 'file', deleted: true })
  })
}

/** Rejects with ProblemError `file_not_found`, also for a file of another tenant. */
export async function findFile({ files }: Pick<DialectDeps, 'files'>, tenant: string, id: string): Promise<KeptFile> {
  const known = uploadIdSchema.safeParse(id)
  const file = known.success ? await files.get(known.data, { tenant }) : undefined
  if (file?.status === 'ready') return file
  throw new ProblemError('file_not_found', { detail: `No such File object: ${id.slice(0, 100)}` })
}

async function create(c: ApiContext, deps: DialectDeps): Promise<KeptFile> {
  const tenant = tenantOf(c)
  await admitUpload(deps, c.req.raw, tenant)
  const id = newUploadId(tenant)
  const fields = await withinLimit(deps, tenant, (own) =>
    receiveUpload(own, { request: c.req.raw, tenant, id, part: 'file' }),
  )
  const named = fields.find(({ name }) => name === 'purpose')
  const purpose = named && decodeUtf8(named.bytes)
  if (purpose === undefined || !PURPOSES.includes(purpose)) {
    await eraseFile(deps, { tenant, id })
    throw misfit('/purpose', `takes ${PURPOSES.join(', ')}`)
  }
  const file = await findFile(deps, tenant, id)
  // It may be said behind the file, which is kept by then.
  await deps.files.adoptFile(tenant, id, file, { name: file.name, contentType: file.contentType, purpose })
  return { ...file, purpose }
}

const show = ({ id, name, size, purpose, createdAt, keptUntil }: KeptFile) => ({
  ...{ id, object: 'file', bytes: size, created_at: secondsOf(createdAt ?? 0) },
  ...{ expires_at: keptUntil === null ? null : secondsOf(keptUntil), filename: name },
  ...{ purpose: purpose ?? NO_PURPOSE, status: 'processed', status_details: null },
})
