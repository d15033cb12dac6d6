/** /v1/batches: many jobs as one thing; how far it is, its results, its end. The work is done by BatchRunner. */
import { createHash } from 'node:crypto'
import {
  BATCH_LIMITS,
  batchIdSchema,
  batchListSchema,
  batchRequestSchema,
  batchSchema,
  essenceOf,
  idempotencyKeySchema,
  isBatchOver,
  ProblemError,
} from '@millrace/contracts'
import type { KeptBatch } from '@millrace/queue'
import { z } from 'zod'
import type { ApiContext, ApiDeps } from '../http/api-deps.ts'
import { noteAudit } from '../http/audit/auditor.ts'
import type { BodyRoom } from '../http/body/body-room.ts'
import { readBody } from '../http/body/read-body.ts'
import { readJson } from '../http/body/read-json.ts'
import type { FindLimits } from '../http/limits/find-limits.ts'
import type { StoredRoom } from '../http/limits/stored-room.ts'
import { linkBase } from '../http/links.ts'
import { pageQuery } from '../http/page-query.ts'
import { parseRequest } from '../http/request-faults.ts'
import { json, principalOf, type Route, type Router } from '../http/router.ts'
import type { FileSigner } from '@millrace/webhooks'
import { batchView } from './batch-view.ts'
import { beginFile, beginInline, beginRetry, type BatchWish, readBatchRequest } from './begin-batch.ts'
import { cancelBatch, findBatch, mayRead } from './find-batch.ts'

const [tag, path] = ['Batches', '/v1/batches'] as const
const params = z.object({ id: batchIdSchema })

const createRoute: Route = {
  method: 'post',
  path,
  operation: 'createBatch',
  audit: 'batch.create',
  tag,
  scope: 'jobs:write',
  summary: 'Submit many jobs as one batch',
  description:
    'The rows stand in the body, or in an uploaded file, a line for each. A 202 means that the batch is kept: its rows are submitted one after the other, as fast as your limits allow, and nothing that dies meanwhile loses or doubles one. A row that is refused does not stop the others; its error is in the results.',
  request: {
    headers: z.object({ 'idempotency-key': idempotencyKeySchema.optional() }),
    body: { required: true, content: { 'application/json': { schema: batchRequestSchema } } },
  },
  responses: {
    202: json('It is kept.', batchSchema, {
      Location: 'Address of the batch.',
      'Idempotency-Replayed': '`true` when the key and body came before: this is that batch.',
    }),
  },
  problems: [
    'file_not_found',
    'webhook_not_allowed',
    'idempotency_mismatch',
    'too_many_batches',
    'tenant_erased',
    'storage_pressure',
    'store_full',
    'stored_bytes_limit',
  ],
}

const listRoute: Route = {
  method: 'get',
  path,
  operation: 'listBatches',
  tag,
  scope: 'jobs:read',
  summary: 'List batches, newest first',
  description: 'Those that go on, and those that have ended and are still kept.',
  request: { query: z.strictObject(pageQuery) },
  responses: { 200: json('One page. It may be short where the key is not for all models.', batchListSchema) },
}

const readRoute: Route = {
  method: 'get',
  path: `${path}/{id}`,
  operation: 'getBatch',
  tag,
  scope: 'jobs:read',
  summary: 'Read how far a batch is',
  request: { params },
  responses: { 200: json('The batch.', batchSchema) },
  problems: ['batch_not_found'],
}

const cancelRoute: Route = {
  method: 'post',
  path: `${path}/{id}/cancel`,
  operation: 'cancelBatch',
  audit: 'batch.cancel',
  tag,
  scope: 'jobs:cancel',
  summary: 'Cancel a batch',
  description:
    'No more rows are submitted, and its jobs that have not ended are canceled. It ends with results, like any other. One that has ended, or whose results are being written, stays as it is.',
  request: { params },
  responses: { 202: json('The batch.', batchSchema) },
  problems: ['batch_not_found'],
}

const retryRoute: Route = {
  method: 'post',
  path: `${path}/{id}/retry`,
  operation: 'retryBatch',
  audit: 'batch.retry',
  tag,
  scope: 'jobs:write',
  summary: 'Submit the rows of a batch again that did not succeed',
  description:
    'Makes a new batch of them, with results of its own; the rows keep their numbers. It is made once, however often it is asked for.',
  request: { params },
  responses: { 202: json('The new batch.', batchSchema, { Location: 'Its address.' }) },
  problems: ['batch_not_found', 'batch_not_ended', 'too_many_batches', 'tenant_erased', 'storage_pressure'],
}

export type BatchRouteDeps = ApiDeps & {
  limits: FindLimits
  storedRoom: StoredRoom
  signer: FileSigner
  bodies: BodyRoom
}

export function batchRoutes(router: Router, deps: BatchRouteDeps): void {
  const { batches, config } = deps
  const base = (c: ApiContext): string => linkBase(c, config.publicUrl)
  const read = (c: ApiContext): Promise<KeptBatch> => findBatch(batches, principalOf(c), c.req.param('id') ?? '')
  const show = async (c: ApiContext, batch: KeptBatch, status: 200 | 202): Promise<Response> =>
    c.json(await batchView(deps, batch, base(c)), status)
  const showMade = (c: ApiContext, { batch, replayed }: { batch: KeptBatch; replayed: boolean }) => {
    noteAudit(c, { subject: batch.id, after: auditedFacts(batch) })
    c.header('location', `${base(c)}${path}/${batch.id}`)
    if (replayed) c.header('idempotency-replayed', 'true')
    return show(c, batch, 202)
  }

  router.add(createRoute, (c) => deps.bodies.hold(c.req.raw, async () => showMade(c, await create(c, deps))))

  router.add(listRoute, async (c) => {
    const page = parseRequest(z.strictObject(pageQuery), c.req.query())
    const principal = principalOf(c)
    const { batches: found, nextCursor } = await batches.list(principal.tenant, page)
    const own = found.filter((batch) => mayRead(batch, principal))
    const data = await Promise.all(own.map((batch) => batchView(deps, batch, base(c))))
    return c.json({ object: 'list', data, next_cursor: nextCursor })
  })

  router.add(readRoute, async (c) => show(c, await read(c), 200))

  router.add(cancelRoute, async (c) => show(c, await cancelBatch(batches, await read(c)), 202))

  router.add(retryRoute, async (c) => {
    const batch = await read(c)
    const { status, unsuccessful } = batch.state
    if (!isBatchOver(status)) throw new ProblemError('batch_not_ended')
    if (unsuccessful === null) throw new ProblemError('batch_not_ended', { detail: 'Nothing of it was submitted.' })
    return showMade(c, await beginRetry(deps, { principal: principalOf(c), base: base(c) }, batch))
  })
}

async function create(c: ApiContext, deps: BatchRouteDeps) {
  if (essenceOf(c.req.header('content-type')) !== 'application/json') throw new ProblemError('unsupported_media_type')
  const key = c.req.header('idempotency-key')
  const idempotencyKey = key === undefined ? undefined : parseRequest(idempotencyKeySchema, key)
  const bytes = await readBody(c.req.raw, deps.config.maxBodyBytes)
  const { head, rows } = await readBatchRequest(readJson(bytes, '', BATCH_LIMITS.jsonNodes).value)
  const wish: BatchWish = {
    ...{ format: 'native', model: head.model ?? null, webhook: head.webhook ?? null, extra: {} },
    ...{ metadata: head.metadata ?? {}, expiresInSeconds: head.expires_in ?? 86_400 },
  }
  const bodyHash = createHash('sha256').update(bytes).digest('base64url')
  const asking = { principal: principalOf(c), base: linkBase(c, deps.config.publicUrl), idempotencyKey, bodyHash }
  if (rows) return beginInline(deps, asking, wish, rows)
  return beginFile(deps, asking, wish, head.file ?? '')
}

/** What the audit is told: no word that a client chose. */
export const auditedFacts = ({ state }: KeptBatch): Record<string, unknown> => ({
  ...{ model: state.model, total: state.total, retry_of: state.retryOf },
})
