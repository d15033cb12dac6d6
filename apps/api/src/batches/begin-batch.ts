/**
 * Makes a batch: its rows become an object that it holds, then it is kept; the rest is done by BatchRunner. A batch that was answered is
 * kept. Called by the routes, and by dialects that have batches.
 */
import type { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import {
  BATCH_LIMITS,
  type BatchRequest,
  batchRequestSchema,
  type Fault,
  LIMITS,
  pointerTo,
  ProblemError,
  type UploadId,
} from '@millrace/contracts'
import {
  batchIdFrom,
  type Batches,
  type BatchState,
  type FileStore,
  type KeptBatch,
  newBatchId,
  newObjectName,
} from '@millrace/queue'
import { dropHold, type ObjectEraser, type ObjectWriter, storeBlob } from '@millrace/storage'
import type { Principal } from '../http/access/principal.ts'
import type { ApiConfig, ApiDeps } from '../http/api-deps.ts'
import type { FindLimits } from '../http/limits/find-limits.ts'
import type { StoredRoom } from '../http/limits/stored-room.ts'
import { parseRequest } from '../http/request-faults.ts'
import { checkWebhookUrl } from '../webhooks/webhook-address.ts'
import { RowBits } from './rows/row-bits.ts'
import { rowOf } from './rows/row-format.ts'
import { LINE_BYTES, START } from './rows/row-window.ts'

export interface BeginDeps {
  batches: Pick<Batches, 'begin' | 'get'>
  files: Pick<FileStore, 'keep' | 'hold' | 'adopt' | 'get' | 'release' | 'deleted'>
  objects: ObjectWriter & ObjectEraser
  webhookGuard: ApiDeps['webhookGuard']
  limits: FindLimits
  storedRoom: Pick<StoredRoom, 'admit'>
  memoryPressure(): boolean
  config: Pick<ApiConfig, 'retentionSeconds'>
}

/** Whoever asks, and how. */
export interface Asking {
  principal: Principal
  base: string
  /** Same key and same body, same batch. */
  idempotencyKey: string | undefined
  bodyHash: string
}

/** What all batches say of themselves, whatever their rows are. */
export type BatchWish = Pick<BatchState, 'format' | 'model' | 'expiresInSeconds' | 'webhook' | 'metadata' | 'extra'>

type Source = Pick<BatchState, 'source' | 'file' | 'total' | 'rows' | 'retryOf' | 'status'>

/** The body of `POST /v1/batches`. Its rows are looked at one by one, with a pause now and then. Throws ProblemError. */
export async function readBatchRequest(
  value: unknown,
): Promise<{ head: Omit<BatchRequest, 'jobs'>; rows: readonly unknown[] | undefined }> {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  const jobs: unknown = isObject && Object.hasOwn(value, 'jobs') ? (value as { jobs: unknown }).jobs : undefined
  if (!Array.isArray(jobs) || jobs.length === 0)
    return { head: parseRequest(batchRequestSchema, value), rows: undefined }
  if (jobs.length > BATCH_LIMITS.rows) {
    const message = `takes at most ${BATCH_LIMITS.rows} rows, and these are ${jobs.length}`
    throw new ProblemError('invalid_request', { errors: [{ path: '/jobs', code: 'too_big', message }] })
  }
  // One row stands for all: each is checked below.
  const { jobs: _, ...head } = parseRequest(batchRequestSchema, { ...(value as object), jobs: [{ input: {} }] })
  await checkRows(jobs)
  return { head, rows: jobs }
}

/** Rows that are checked before other requests have their turn. */
const AT_ONCE = 200

async function checkRows(jobs: readonly unknown[]): Promise<void> {
  const faults: Fault[] = []
  for (const [row, job] of jobs.entries()) {
    if (row % AT_ONCE === AT_ONCE - 1) await turn()
    try {
      rowOf(job)
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      const at = pointerTo('/jobs', String(row))
      faults.push(...(error.options.errors ?? []).map((fault) => ({ ...fault, path: `${at}${fault.path}` })))
    }
  }
  if (faults.length === 0) return
  const [errors, errorsTotal] = [faults.slice(0, LIMITS.faultsShown), faults.length]
  throw new ProblemError('invalid_request', { errors, ...(errorsTotal > errors.length && { errorsTotal }) })
}

/** A batch of rows that came with the request. */
export async function beginInline(deps: BeginDeps, asking: Asking, wish: BatchWish, rows: readonly unknown[]) {
  return begin(deps, asking, wish, async (id) => {
    const { tenant } = asking.principal
    const lines: Buffer[] = []
    for (const [row, job] of rows.entries()) {
      if (row % AT_ONCE === AT_ONCE - 1) await turn()
      const line = Buffer.from(`${JSON.stringify(job)}\n`)
      if (line.length > LINE_BYTES) throw tooLong(row)
      lines.push(line)
    }
    const body = Buffer.concat(lines)
    await deps.storedRoom.admit(tenant, body.length)
    const source = await storeHeld(deps, tenant, id, body)
    return { source, file: null, total: rows.length, rows: null, retryOf: null, status: 'running' }
  })
}

/** A batch of the lines of an uploaded file. Rejects with ProblemError `file_not_found`. */
export async function beginFile(deps: BeginDeps, asking: Asking, wish: BatchWish, file: UploadId) {
  return begin(deps, asking, wish, async (id) => {
    const { tenant } = asking.principal
    const kept = await deps.files.get(file, { tenant })
    if (kept?.status !== 'ready') throw new ProblemError('file_not_found')
    if (kept.size > BATCH_LIMITS.fileBytes) {
      const message = `has ${kept.size} bytes, at most ${BATCH_LIMITS.fileBytes} are taken`
      throw new ProblemError('invalid_request', { errors: [{ path: '/file', code: 'too_big', message }] })
    }
    const held = await deps.files.hold(tenant, id, [], [file])
    if (held.outcome !== 'held') throw new ProblemError('file_not_found')
    const { key, size, sha256 } = kept
    return { source: { key, size, sha256 }, file, total: null, rows: null, retryOf: null, status: 'validating' }
  })
}

/** A batch of the rows of another one that did not succeed. It is the same, however often it is asked for. */
export async function beginRetry(
  deps: BeginDeps,
  asking: Omit<Asking, 'idempotencyKey' | 'bodyHash'>,
  batch: KeptBatch,
) {
  const { state } = batch
  const wish: BatchWish = {
    ...{ format: state.format, model: state.model, expiresInSeconds: state.expiresInSeconds },
    ...{ webhook: state.webhook, metadata: state.metadata, extra: state.extra },
  }
  const once = { ...asking, idempotencyKey: `retry of ${batch.id}`, bodyHash: batch.id }
  return begin(deps, once, wish, async (id) => {
    const { tenant } = batch
    const kept = await deps.files.adopt(tenant, id, state.source)
    if (!kept) throw new ProblemError('batch_not_found')
    const total = new RowBits(state.unsuccessful).count
    const source = { ...state.source, key: kept.key }
    return { source, file: state.file, total, rows: state.unsuccessful, retryOf: batch.id, status: 'running' }
  })
}

async function begin(
  deps: BeginDeps,
  asking: Asking,
  wish: BatchWish,
  makeSource: (id: string) => Promise<Source>,
): Promise<{ batch: KeptBatch; replayed: boolean }> {
  const { principal, idempotencyKey, bodyHash } = asking
  const { tenant } = principal
  const id = idempotencyKey === undefined ? newBatchId() : batchIdFrom(`${tenant}\n${idempotencyKey}`)
  const before = idempotencyKey === undefined ? undefined : await deps.batches.get(id, tenant)
  if (before) return { batch: sameOrRefuse(before, bodyHash), replayed: true }
  if (deps.memoryPressure()) throw new ProblemError('storage_pressure', { retryAfter: 5 })
  const { retention_seconds: most } = await deps.limits(tenant)
  if (wish.webhook !== null) checkWebhookUrl(deps.webhookGuard, wish.webhook)
  const made = await makeSource(id).catch(async (error: unknown) => {
    if (idempotencyKey === undefined) await letGo(deps, tenant, id)
    throw error
  })
  const state = newState({ ...asking, ...wish, ...made, keptSeconds: most ?? deps.config.retentionSeconds })
  const outcome = await deps.batches.begin(id, tenant, state)
  // The same request may be on its way twice, and what is held is held for both. The sweeper finds what is left over.
  if (idempotencyKey === undefined && outcome !== 'begun') await letGo(deps, tenant, id)
  if (outcome === 'barred') throw new ProblemError('tenant_erased')
  if (outcome === 'limited') throw new ProblemError('too_many_batches', { retryAfter: RETRY_AFTER_OPEN })
  const batch = await deps.batches.get(id, tenant)
  if (!batch) throw new ProblemError('tenant_erased')
  return { batch: sameOrRefuse(batch, bodyHash), replayed: outcome === 'exists' }
}

/** Seconds after which some may have ended. */
const RETRY_AFTER_OPEN = 5

function sameOrRefuse(batch: KeptBatch, bodyHash: string): KeptBatch {
  if (batch.state.bodyHash !== bodyHash) throw new ProblemError('idempotency_mismatch')
  return batch
}

const letGo = (deps: BeginDeps, tenant: string, id: string): Promise<void> =>
  dropHold(deps, tenant, id).catch(() => undefined)

/** Writes bytes that the batch holds. */
export async function storeHeld(
  { objects, files }: { objects: BeginDeps['objects']; files: Pick<FileStore, 'keep' | 'deleted'> },
  tenant: string,
  id: string,
  body: Buffer | Readable,
): Promise<BatchState['source']> {
  const register = {
    tenant,
    keep: (blob: Parameters<FileStore['keep']>[2]) => files.keep(tenant, id, blob),
    deleted: (keys: readonly string[]) => files.deleted(tenant, keys),
  }
  const { key, size, sha256 } = await storeBlob(objects, register, {
    object: newObjectName(),
    body,
    rules: { contentType: 'application/x-ndjson', maxPixels: Infinity },
    signal: AbortSignal.timeout(STORE_MS),
  })
  return { key, size, sha256 }
}

/** If it takes longer, the store counts as away. Milliseconds. */
const STORE_MS = 60_000

function newState({
  principal,
  base,
  bodyHash,
  keptSeconds,
  ...given
}: BatchWish & Source & Asking & { keptSeconds: number }): BatchState {
  const { idempotencyKey: _, ...rest } = given
  return {
    ...rest,
    ...{ bodyHash, base, keptSeconds, key: principal.key, scopes: [...principal.scopes] },
    models: principal.models && [...principal.models.names],
    ...{
      salt: newObjectName(),
      at: START,
      left: null,
      submitted: 0,
      refused: 0,
      slices: [],
      parts: [],
      canceled: 0,
      letGo: [],
    },
    ...{ waitsFor: null, errors: [], results: null, faults: null, unsuccessful: null, counts: null, times: {} },
  }
}

const tooLong = (row: number): ProblemError =>
  new ProblemError('invalid_request', {
    errors: [{ path: `/jobs/${row}`, code: 'too_big', message: `is longer than ${LINE_BYTES} bytes` }],
  })
