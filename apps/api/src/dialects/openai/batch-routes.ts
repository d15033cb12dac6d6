/** Batches as OpenAI's clients make, read, list and cancel them. They are batches like all others, whose rows are written otherwise. */
import { createHash } from 'node:crypto'
import { BATCH_LIMITS, batchIdSchema, idempotencyKeySchema, jobRequestSchema, ProblemError } from '@millrace/contracts'
import { InvalidCursorError, type KeptBatch } from '@millrace/queue'
import { z } from 'zod'
import { auditedFacts } from '../../batches/batch-routes.ts'
import { type Asking, beginFile, type BatchWish } from '../../batches/begin-batch.ts'
import { cancelBatch, findBatch, mayRead } from '../../batches/find-batch.ts'
import type { ApiContext } from '../../http/api-deps.ts'
import { noteAudit } from '../../http/audit/auditor.ts'
import { readBody } from '../../http/body/read-body.ts'
import { readJson } from '../../http/body/read-json.ts'
import { linkBase } from '../../http/links.ts'
import { parseRequest } from '../../http/request-faults.ts'
import { principalOf, tenantOf, type UnlistedRoute } from '../../http/router.ts'
import type { DialectDeps, DialectRouter } from '../dialect.ts'
import type { KeyOf } from '../../submit/submit-job.ts'
import { Repeats } from '../repeats.ts'
import { findFile } from './file-routes.ts'
import { limitOf, listPage } from './list-page.ts'
import { BASE } from './openai-base.ts'
import { openaiBatch, type OpenaiExtra } from './openai-batch.ts'
import { targetOf } from './openai-rows.ts'
import { misfit } from './tasks/openai-task.ts'

const path = `${BASE}/batches`
const one = `${path}/{id}`
const ROUTES = {
  create: { method: 'post', path, operation: 'openaiCreateBatch', audit: 'batch.create', scope: 'jobs:write' },
  list: { method: 'get', path, operation: 'openaiListBatches', scope: 'jobs:read' },
  read: { method: 'get', path: one, operation: 'openaiGetBatch', scope: 'jobs:read' },
  cancel: {
    ...{ method: 'post', path: `${one}/cancel`, operation: 'openaiCancelBatch' },
    ...{ audit: 'batch.cancel', scope: 'jobs:cancel' },
  },
} as const satisfies Record<string, UnlistedRoute>

/** What is not named here is left unread. */
const requestSchema = z.object({
  input_file_id: z.string().max(200),
  endpoint: z.string().max(200),
  completion_window: z.string().max(20).default('24h'),
  metadata: jobRequestSchema.shape.metadata.nullish(),
})

const PAGE = 20
const MOST = 100

export function batchRoutes(router: DialectRouter, deps: DialectDeps): void {
  const { batches } = deps
  const find = (c: ApiContext): Promise<KeptBatch> => findOwn(c, deps, c.req.param('id') ?? '')
  const show = async (c: ApiContext, batch: KeptBatch): Promise<Response> => c.json(await openaiBatch(deps, batch))
  const repeats = deps.repeats && new Repeats(deps.repeats)

  router.addUnlisted(ROUTES.create, (c) =>
    deps.bodies.hold(c.req.raw, async () => {
      const bytes = await readBody(c.req.raw, deps.config.maxBodyBytes)
      const make = (keyOf?: KeyOf) => create(c, deps, { bytes, keyOf })
      const isNamed = c.req.header('idempotency-key') !== undefined
      const batch = await (repeats && !isNamed ? repeats.keep(c, make) : make())
      noteAudit(c, { subject: batch.id, after: auditedFacts(batch) })
      return show(c, batch)
    }),
  )
  router.addUnlisted(ROUTES.list, async (c) => {
    const limit = limitOf(c, PAGE, MOST)
    const found: KeptBatch[] = []
    let page: { after?: string | undefined; cursor?: string | undefined } = { after: c.req.query('after') }
    for (let isMore = true; isMore && found.length <= limit; ) {
      const { batches: next, nextCursor } = await batches.list(tenantOf(c), { limit: MOST, ...page }).catch(noPlace)
      found.push(...next.filter((batch) => isOwn(batch) && mayRead(batch, principalOf(c))))
      page = { cursor: nextCursor ?? undefined }
      isMore = nextCursor !== null
    }
    const data = await Promise.all(found.slice(0, limit).map((batch) => openaiBatch(deps, batch)))
    return c.json(listPage(data, found.length > limit))
  })
  router.addUnlisted(ROUTES.read, async (c) => show(c, await find(c)))
  router.addUnlisted(ROUTES.cancel, async (c) => show(c, await cancelBatch(batches, await find(c))))
}

const isOwn = ({ state }: KeptBatch): boolean => state.format === 'openai'

function noPlace(error: unknown): never {
  throw error instanceof InvalidCursorError ? misfit('/after', 'names no batch that is known') : error
}

/** Rejects with ProblemError `batch_not_found`, also for one whose rows are written otherwise: its results would not be understood. */
async function findOwn(c: ApiContext, { batches }: DialectDeps, id: string): Promise<KeptBatch> {
  const known = batchIdSchema.safeParse(id)
  const batch = known.success ? await findBatch(batches, principalOf(c), known.data) : undefined
  if (batch && isOwn(batch)) return batch
  throw new ProblemError('batch_not_found')
}

async function create(
  c: ApiContext,
  deps: DialectDeps,
  { bytes, keyOf }: { bytes: Uint8Array; keyOf: KeyOf | undefined },
): Promise<KeptBatch> {
  const request = parseRequest(requestSchema, readJson(bytes).value)
  const { input_file_id, endpoint, completion_window, metadata } = request
  if (!targetOf(endpoint)) throw misfit('/endpoint', 'is no call that a batch can make: see docs/dialects.md')
  const { id: file } = await findFile(deps, tenantOf(c), input_file_id)
  const extra: OpenaiExtra = { endpoint, completion_window }
  const wish: BatchWish = {
    ...{ format: 'openai', model: null, webhook: null, metadata: metadata ?? {}, extra: { ...extra } },
    expiresInSeconds: secondsIn(completion_window),
  }
  const key = c.req.header('idempotency-key')
  const bodyHash = createHash('sha256').update(bytes).digest('base64url')
  const asking: Asking = {
    ...{ principal: principalOf(c), base: linkBase(c, deps.config.publicUrl), bodyHash },
    idempotencyKey: key === undefined ? (await keyOf?.(bodyHash))?.key : parseRequest(idempotencyKeySchema, key),
  }
  return (await beginFile(deps, asking, wish, file)).batch
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** `24h`, as there, and other times of that form. Throws ProblemError. */
function secondsIn(window: string): number {
  const [, number, unit = ''] = /^(\d{1,6})([smhd])$/.exec(window) ?? []
  const seconds = Number(number) * (UNITS[unit] ?? Number.NaN)
  if (seconds > 0 && seconds <= BATCH_LIMITS.expiresSeconds) return seconds
  throw misfit('/completion_window', 'is a time such as 24h, at most 30d')
}
