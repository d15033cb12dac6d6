/** GET /v1/files/{id} and /content. A file belongs to a job; its id says to which. */
import { Readable } from 'node:stream'
import {
  fileIdSchema,
  fileViewSchema,
  type JobRecord,
  jobOfFileId,
  ProblemError,
  type StoredFile,
} from '@millrace/contracts'
import { z } from 'zod'
import type { ApiContext } from '../api-deps.ts'
import { parseRange } from '../byte-range.ts'
import { matchesTag } from '../entity-tag.ts'
import { fileView } from '../job-view.ts'
import { linkBase } from '../links.ts'
import type { Authenticate } from '../middleware/authenticate.ts'
import { storeBudget } from '../store-budget.ts'
import type { JobRouteDeps } from './job-context.ts'
import { json, type Route, type Router, tenantOf } from './route.ts'
import { readObject } from './send-object.ts'

const params = z.object({ id: fileIdSchema })

const viewRoute: Route = {
  method: 'get',
  path: '/v1/files/{id}',
  summary: 'Read about a file',
  tag: 'Files',
  request: { params },
  responses: { 200: json('The file, with a fresh signed address.', fileViewSchema) },
  problems: ['not_found', 'job_purged'],
}

const bytes = { content: { '*/*': { schema: z.string().meta({ format: 'binary' }) } } }

const contentRoute: Route = {
  method: 'get',
  path: '/v1/files/{id}/content',
  summary: 'Download a file',
  description: 'By its signed address no key is needed; without `signature` the key is.',
  tag: 'Files',
  auth: 'signed',
  request: {
    params,
    query: z.object({ expires: z.string().optional(), signature: z.string().optional() }),
    headers: z.object({ range: z.string().optional().describe('One range of bytes.') }),
  },
  responses: {
    200: { description: 'The bytes, as a download.', ...bytes },
    206: { description: 'The range that was asked for.', ...bytes },
    302: { description: 'They are served by the object store.' },
    304: { description: 'They have not changed: they never do.' },
    416: { description: 'The range lies behind the end.' },
  },
  problems: ['not_found', 'forbidden', 'job_purged'],
}

/** Life of the store's own address in a redirect. Seconds. */
const REDIRECT_LIFE = 300

export function addFiles(router: Router, deps: JobRouteDeps & { authenticate: Authenticate }): void {
  router.add(viewRoute, async (c) => {
    const file = await findFile(c, deps, tenantOf(c))
    return c.json(await fileView(file, deps.signer, linkBase(c, deps.config.publicUrl)))
  })

  router.add(contentRoute, async (c) => {
    const file = await findFile(c, deps, await readerOf(c, deps))
    const options = { expiresInSeconds: REDIRECT_LIFE, fileName: file.name, contentType: file.content_type }
    const url = await deps.objects.signedUrl(file.key, options)
    return url === undefined ? sendFile(c, deps, file) : c.redirect(url, 302)
  })
}

/** The tenant whose files may be read; undefined when a signed address lets read this one. */
async function readerOf(
  c: ApiContext,
  deps: Pick<JobRouteDeps, 'signer'> & { authenticate: Authenticate },
): Promise<string | undefined> {
  const signature = c.req.query('signature')
  if (signature === undefined) {
    c.set('tenant', deps.authenticate(c))
    return tenantOf(c)
  }
  const isOurs = await deps.signer.verify(c.req.param('id') ?? '', c.req.query('expires') ?? '', signature)
  if (!isOurs) throw new ProblemError('forbidden')
  return undefined
}

async function findFile(c: ApiContext, { jobs }: JobRouteDeps, tenant: string | undefined): Promise<StoredFile> {
  const id = c.req.param('id') ?? ''
  const jobId = jobOfFileId(id)
  if (jobId === undefined) throw new ProblemError('not_found')
  c.set('jobId', jobId)
  const record = await storeBudget()(jobs.get(jobId, tenant))
  if (record === 'purged') throw new ProblemError('job_purged')
  const file = record && filesOf(record).find((one) => one.id === id)
  if (!file) throw new ProblemError('not_found')
  return file
}

const filesOf = (record: JobRecord): StoredFile[] => [...record.input_files, ...record.output_files]

/** Sent as a download that no browser runs, whatever the bytes are. */
async function sendFile(c: ApiContext, { objects }: JobRouteDeps, file: StoredFile): Promise<Response> {
  const tag = `"${file.sha256}"`
  c.header('etag', tag)
  c.header('accept-ranges', 'bytes')
  if (matchesTag(c.req.header('if-none-match'), tag)) return c.body(null, 304)
  const ifRange = c.req.header('if-range')
  const range = ifRange === undefined || ifRange === tag ? parseRange(c.req.header('range'), file.size) : undefined
  if (range === 'unsatisfiable') return c.body(null, 416, { 'content-range': `bytes */${file.size}` })
  c.header('content-type', file.content_type)
  c.header('content-disposition', `attachment; filename="${file.name}"`)
  c.header('content-security-policy', "default-src 'none'; sandbox")
  c.header('content-length', String(range ? range.end - range.start + 1 : file.size))
  if (range) c.header('content-range', `bytes ${range.start}-${range.end}/${file.size}`)
  const status = range ? 206 : 200
  // A HEAD would leave the stream open: nobody reads it.
  if (c.req.method === 'HEAD') return c.body(null, status)
  return c.body(Readable.toWeb(await readObject(objects, file.key, range)) as ReadableStream, status)
}
