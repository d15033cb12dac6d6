/**
 * POST /v1/files, POST /v1/files/{id}/complete, PUT /v1/files/{id}/content and DELETE /v1/files/{id}: files that are
 * uploaded before a job uses them, through the API or straight into the object store.
 */
import {
  essenceOf,
  ProblemError,
  uploadedFileSchema,
  uploadIdSchema,
  uploadRequestSchema,
  uploadSchema,
} from '@millrace/contracts'
import { newUploadId } from '@millrace/queue'
import type { Reader } from '@millrace/queue'
import { z } from 'zod'
import type { ApiContext } from '../http/api-deps.ts'
import { announceUpload } from './announce-upload.ts'
import type { UploadDeps } from './upload-deps.ts'
import type { BodyRoom } from '../http/body/body-room.ts'
import { completeUpload } from './complete-upload.ts'
import { keptFileView } from '../views/kept-file-view.ts'
import type { FindLimits } from '../http/limits/find-limits.ts'
import { withinLimit } from '../http/limits/within-limit.ts'
import { linkBase } from '../http/links.ts'
import type { Authenticate } from '../http/access/authenticate.ts'
import { announcedBytes, readBody } from '../http/body/read-body.ts'
import type { StoredRoom } from '../http/limits/stored-room.ts'
import { readJson } from '../http/body/read-json.ts'
import { parseRequest } from '../http/request-faults.ts'
import { eraseFile, receiveAnnounced, receiveUpload } from './receive-upload.ts'
import { json, type Route, type Router, tenantOf } from '../http/router.ts'

type UploadRouteDeps = UploadDeps & {
  authenticate: Authenticate
  bodies: BodyRoom
  limits: FindLimits
  storedRoom: Pick<StoredRoom, 'admit'>
}

const params = z.object({ id: uploadIdSchema })
const created = { Location: 'Address of the file.' }

const form = z
  .object({ file: z.string().meta({ format: 'binary' }) })
  .describe('One part with the file, by this or any name; its file name and content type are kept.')

const uploadRoute: Route = {
  method: 'post',
  path: '/v1/files',
  operation: 'uploadFile',
  audit: 'none',
  summary: 'Upload a file',
  description:
    'As `multipart/form-data` the bytes come with the request. As JSON only their size and hash do: the answer is where ' +
    'to send them, or the file at once when the same bytes are here already. The same bytes are kept once.',
  tag: 'Files',
  scope: 'files',
  request: {
    body: {
      required: true,
      content: { 'multipart/form-data': { schema: form }, 'application/json': { schema: uploadRequestSchema } },
    },
  },
  responses: {
    201: json('It is here.', uploadedFileSchema, created),
    202: json('Send the bytes there, then complete it.', uploadSchema, created),
  },
  problems: [
    'malformed_multipart',
    'file_refused',
    'input_too_large',
    'storage_pressure',
    'store_full',
    'stored_bytes_limit',
    'tenant_erased',
  ],
}

const completeRoute: Route = {
  method: 'post',
  path: '/v1/files/{id}/complete',
  operation: 'completeUpload',
  audit: 'none',
  summary: 'Complete an upload',
  description: 'Checks what has arrived against what was announced. May be sent again without harm.',
  tag: 'Files',
  scope: 'files',
  request: { params },
  responses: { 200: json('It is here.', uploadedFileSchema) },
  problems: ['file_not_found', 'upload_incomplete', 'checksum_mismatch', 'file_refused'],
}

const putRoute = {
  method: 'put',
  path: '/v1/files/{id}/content',
  operation: 'uploadFileContent',
  audit: 'none',
  summary: 'Send the bytes of an announced upload',
  description: 'By its signed address no key is needed. Servers with an object store answer with an address of that.',
  tag: 'Files',
  scope: 'files',
  auth: 'signed',
  request: {
    params,
    query: z.object({ expires: z.string().optional(), signature: z.string().optional() }),
    body: {
      required: true,
      content: { 'application/octet-stream': { schema: z.string().meta({ format: 'binary' }) } },
    },
  },
  responses: { 204: { description: 'They are here: complete it.' } },
  problems: ['file_not_found', 'forbidden', 'checksum_mismatch', 'file_refused', 'store_full'],
} satisfies Route

const deleteRoute: Route = {
  method: 'delete',
  path: '/v1/files/{id}',
  operation: 'deleteFile',
  audit: 'none',
  summary: 'Delete an uploaded file',
  description: 'Its id is gone at once. Jobs that use it keep its bytes until they are deleted themselves.',
  tag: 'Files',
  scope: 'files',
  request: { params },
  responses: { 204: { description: 'It is deleted.' } },
  problems: ['file_not_found'],
}

export function uploadRoutes(router: Router, deps: UploadRouteDeps): void {
  const show = async (c: ApiContext, id: string) => {
    const file = await deps.files.get(id, { tenant: tenantOf(c) })
    if (file?.status !== 'ready') throw new ProblemError('file_not_found')
    return keptFileView(file, deps.signer, linkBase(c, deps.config.publicUrl))
  }
  const answerCreated = async (c: ApiContext, id: string) => {
    c.header('location', `${linkBase(c, deps.config.publicUrl)}/v1/files/${id}`)
    return c.json(await show(c, id), 201)
  }

  router.add(uploadRoute, async (c) => {
    if (deps.memoryPressure()) throw new ProblemError('storage_pressure', { retryAfter: 5 })
    const type = essenceOf(c.req.header('content-type'))
    const tenant = tenantOf(c)
    const id = newUploadId(tenant)
    if (type === 'multipart/form-data') {
      await deps.storedRoom.admit(tenant, announcedBytes(c.req.raw) ?? 0)
      await withinLimit(deps, tenant, (own) => receiveUpload(own, { request: c.req.raw, tenant, id }))
      return answerCreated(c, id)
    }
    if (type !== 'application/json') throw new ProblemError('unsupported_media_type')
    const { value } = await deps.bodies.hold(c.req.raw, async () =>
      readJson(await readBody(c.req.raw, deps.config.maxBodyBytes)),
    )
    const request = parseRequest(uploadRequestSchema, value)
    await deps.storedRoom.admit(tenantOf(c), request.size)
    const base = linkBase(c, deps.config.publicUrl)
    const upload = await withinLimit(deps, tenant, (own) => announceUpload(own, { tenant, id, request, base }))
    if (upload === undefined) return answerCreated(c, id)
    c.header('location', `${base}/v1/files/${id}`)
    return c.json(upload, 202)
  })

  router.add(completeRoute, async (c) => {
    const id = uploadIdOf(c)
    await completeUpload(deps, { tenant: tenantOf(c), id, signal: c.req.raw.signal })
    return c.json(await show(c, id))
  })

  router.add(putRoute, async (c) => {
    const id = uploadIdOf(c)
    const signature = c.req.query('signature')
    const isOurs =
      signature !== undefined && (await deps.signer.verifyUpload(id, c.req.query('expires') ?? '', signature))
    if (signature !== undefined && !isOurs) throw new ProblemError('forbidden')
    const reader: Reader = isOurs ? 'signed' : { tenant: (await deps.authenticate(c, putRoute.scope)).tenant }
    await receiveAnnounced(deps, { request: c.req.raw, reader, id })
    return c.body(null, 204)
  })

  router.add(deleteRoute, async (c) => {
    await eraseFile(deps, { tenant: tenantOf(c), id: uploadIdOf(c) })
    return c.body(null, 204)
  })
}

/** An id that cannot be one of ours is not looked up. A job's file is deleted with its job, not by itself. */
function uploadIdOf(c: ApiContext): string {
  const id = uploadIdSchema.safeParse(c.req.param('id'))
  if (!id.success) throw new ProblemError('file_not_found')
  return id.data
}
