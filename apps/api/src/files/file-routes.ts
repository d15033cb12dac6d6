/** GET /v1/files/{id} and /content, for files of jobs and for uploaded ones. The id tells which a file is. */
import {
  fileIdSchema,
  fileViewSchema,
  isStored,
  type JobRecord,
  jobOfFileId,
  type ProblemCode,
  ProblemError,
  type StoredFile,
  uploadedFileSchema,
  uploadIdSchema,
} from '@millrace/contracts'
import type { KeptFile, Reader } from '@millrace/queue'
import { z } from 'zod'
import type { ApiContext, ApiDeps } from '../http/api-deps.ts'
import { parseRequest } from '../http/request-faults.ts'
import { parseRange } from '../http/parse-range.ts'
import { matchesTag } from '../http/text/matches-tag.ts'
import { fileView } from '../views/job-view.ts'
import { keptFileView } from '../views/kept-file-view.ts'
import { linkBase } from '../http/links.ts'
import type { Authenticate } from '../http/access/authenticate.ts'
import { type JobRouteDeps, mayFollow } from '../jobs/job-context.ts'
import { json, type Route, type Router, tenantOf } from '../http/router.ts'
import { assertThere, bodyOf, openObject } from '../http/send-object.ts'

const params = z.object({ id: fileIdSchema })

const viewRoute: Route = {
  method: 'get',
  path: '/v1/files/{id}',
  operation: 'getFile',
  summary: 'Read about a file',
  tag: 'Files',
  scope: 'jobs:read',
  request: { params },
  responses: {
    200: json('The file, with a fresh signed address.', z.union([uploadedFileSchema, fileViewSchema])),
  },
  problems: ['file_not_found', 'job_purged'],
}

/** For previews of texts: the page may read what comes from its own origin alone. */
const viaSchema = z.enum(['api'])
const PREVIEW_BYTES = 64 * 1024

const binary = { schema: z.string().meta({ format: 'binary' }) }
/** The media type is that of the file. Generators of clients know only the first one. */
const bytes = { content: { 'application/octet-stream': binary, '*/*': binary } }

const contentRoute = {
  method: 'get',
  path: '/v1/files/{id}/content',
  operation: 'downloadFile',
  summary: 'Download a file',
  description:
    'By its signed address no key is needed; without `signature` the key is. Where an object store serves the bytes, the answer leads there; a page of the API that must read them asks with `via=api`.',
  tag: 'Files',
  scope: 'jobs:read',
  auth: 'signed',
  request: {
    params,
    query: z.object({
      expires: z.string().optional(),
      signature: z.string().optional(),
      via: viaSchema
        .optional()
        .describe(
          'The API itself sends the bytes, but no more than 64 KB: of a larger file, or range, the first ones, with status 206.',
        ),
    }),
    headers: z.object({ range: z.string().optional().describe('One range of bytes.') }),
  },
  responses: {
    200: { description: 'The bytes, as a download.', ...bytes },
    206: { description: 'The range that was asked for.', ...bytes },
    302: { description: 'They are served by the object store.' },
    304: { description: 'They have not changed: they never do.' },
    416: { description: 'The range lies behind the end.' },
  },
  problems: ['file_not_found', 'forbidden', 'job_purged', 'object_damaged'],
} satisfies Route

/** Life of the store's own address in a redirect. Seconds. */
const REDIRECT_LIFE = 300

type FileRouteDeps = JobRouteDeps & Pick<ApiDeps, 'files'> & { authenticate: Authenticate }

export function fileRoutes(router: Router, deps: FileRouteDeps): void {
  router.add(viewRoute, async (c) => {
    const base = linkBase(c, deps.config.publicUrl)
    if (!uploadIdSchema.safeParse(c.req.param('id')).success) {
      return c.json(await fileView(await findFile(c, deps, { tenant: tenantOf(c) }), { signer: deps.signer, base }))
    }
    return c.json(await keptFileView(await findUpload(c, deps, { tenant: tenantOf(c) }), deps.signer, base))
  })

  router.add(contentRoute, async (c) => {
    const via = parseRequest(z.object({ via: viaSchema.optional() }), { via: c.req.query('via') }).via
    const file = await findSendable(c, deps, await readerOf(c, deps))
    if (via === 'api') return sendFile(c, deps, file, PREVIEW_BYTES)
    return answerWithFile(c, deps, file)
  })
}

/** Leads to the bytes, or sends them where no object store does. */
export async function answerWithFile(
  c: ApiContext,
  deps: Pick<ApiDeps, 'objects' | 'logger'>,
  file: Sendable,
): Promise<Response> {
  const options = { expiresInSeconds: REDIRECT_LIFE, fileName: file.name, contentType: file.content_type }
  const url = await deps.objects.downloads?.sign(file.key, options)
  return url === undefined ? sendFile(c, deps, file) : c.redirect(url, 302)
}

async function readerOf(
  c: ApiContext,
  deps: Pick<JobRouteDeps, 'signer'> & { authenticate: Authenticate },
): Promise<Reader> {
  const signature = c.req.query('signature')
  if (signature === undefined) {
    const principal = await deps.authenticate(c, contentRoute.scope)
    c.set('principal', principal)
    return { tenant: principal.tenant }
  }
  const isOurs = await deps.signer.verify(c.req.param('id') ?? '', c.req.query('expires') ?? '', signature)
  if (!isOurs) throw new ProblemError('forbidden')
  return 'signed'
}

/** A file that can be sent, be it a job's or an uploaded one. */
type Sendable = Pick<StoredFile, 'key' | 'size' | 'sha256' | 'name' | 'content_type'> & { gone: ProblemCode }

async function findSendable(c: ApiContext, deps: FileRouteDeps, reader: Reader): Promise<Sendable> {
  if (!uploadIdSchema.safeParse(c.req.param('id')).success) {
    return { ...(await findFile(c, deps, reader)), gone: 'job_purged' }
  }
  const { contentType, ...file } = await findUpload(c, deps, reader)
  return { ...file, content_type: contentType, gone: 'file_not_found' }
}

async function findUpload(c: ApiContext, { files }: FileRouteDeps, reader: Reader): Promise<KeptFile> {
  const file = await files.get(c.req.param('id') ?? '', reader)
  if (file?.status !== 'ready') throw new ProblemError('file_not_found')
  return file
}

async function findFile(c: ApiContext, { jobs }: JobRouteDeps, reader: Reader): Promise<StoredFile> {
  const id = c.req.param('id') ?? ''
  const jobId = jobOfFileId(id)
  if (jobId === undefined || !mayFollow(c.get('principal'), jobId)) throw new ProblemError('file_not_found')
  c.set('jobId', jobId)
  const answer = await jobs.get(jobId, reader)
  if (answer.outcome === 'purged') throw new ProblemError('job_purged')
  const file = answer.outcome === 'found' ? filesOf(answer.record).find((one) => one.id === id) : undefined
  if (!file) throw new ProblemError('file_not_found')
  return file
}

const filesOf = (record: JobRecord): StoredFile[] => [...record.input_files.filter(isStored), ...record.output_files]

/** What is sent, if it is not the whole: at most so many bytes. */
function cutRange(range: ReturnType<typeof parseRange>, size: number, most: number): ReturnType<typeof parseRange> {
  if (range === 'unsatisfiable') return range
  const { start, end } = range ?? { start: 0, end: size - 1 }
  return end - start < most ? range : { start, end: start + most - 1 }
}

/** Sends a download that no browser runs, whatever the bytes are. */
async function sendFile(
  c: ApiContext,
  { objects, logger }: Pick<ApiDeps, 'objects' | 'logger'>,
  file: Sendable,
  most = Number.POSITIVE_INFINITY,
): Promise<Response> {
  const known = { etag: `"${file.sha256}"`, 'accept-ranges': 'bytes' }
  if (matchesTag(c.req.header('if-none-match'), known.etag)) return c.body(null, 304, known)
  const ifRange = c.req.header('if-range')
  const mayCut = ifRange === undefined || ifRange === known.etag
  const range = cutRange(mayCut ? parseRange(c.req.header('range'), file.size) : undefined, file.size, most)
  if (range === 'unsatisfiable') return c.body(null, 416, { ...known, 'content-range': `bytes */${file.size}` })
  const headers = {
    ...known,
    'content-type': file.content_type,
    'content-disposition': `attachment; filename="${file.name}"`,
    'content-security-policy': "default-src 'none'; sandbox",
    'content-length': String(range ? range.end - range.start + 1 : file.size),
    ...(range && { 'content-range': `bytes ${range.start}-${range.end}/${file.size}` }),
  }
  const status = range ? 206 : 200
  // A HEAD would leave the stream open: nobody reads it.
  if (c.req.method === 'HEAD') {
    await assertThere(objects, file)
    return c.body(null, status, headers)
  }
  const body = await bodyOf(c, await openObject(objects, { ...file, range }), logger)
  return c.body(body, status, headers)
}
