/** A batch as the API shows it, and as its webhook tells it. Called by the routes of batches and by BatchRunner. */
import {
  type Batch,
  BATCH_EVENT,
  type BatchCounts,
  type FileView,
  isBatchOver,
  isoTime,
  type WebhookMessage,
} from '@millrace/contracts'
import type { Batches, FileStore, KeptBatch } from '@millrace/queue'
import type { FileSigner } from '@millrace/webhooks'
import { fileView } from '../views/job-view.ts'

export interface ViewDeps {
  batches: Pick<Batches, 'counts'>
  files: Pick<FileStore, 'get'>
  signer: FileSigner
}

/** `base`: how addresses begin. */
export async function batchView(deps: ViewDeps, batch: KeptBatch, base: string): Promise<Batch> {
  const { id, createdMs, state } = batch
  const finishedMs = finishedOf(batch)
  return {
    object: 'batch',
    id,
    status: state.status,
    model: state.model,
    file: state.file,
    counts: await countsOf(deps, batch),
    waits_for: state.status === 'running' ? (state.waitsFor?.code ?? null) : null,
    errors: [...state.errors],
    results: await resultsOf(deps, batch, base),
    retry_of: state.retryOf,
    webhook: state.webhook === null ? null : { host: new URL(state.webhook).host },
    metadata: { ...state.metadata },
    created_at: isoTime(createdMs),
    expires_at: isoTime(deadlineOf(batch)),
    finished_at: finishedMs === undefined ? null : isoTime(finishedMs),
    kept_until: finishedMs === undefined ? null : isoTime(finishedMs + state.keptSeconds * 1000),
  }
}

/** As far as is known now: of one that has ended, by its results. */
export async function countsOf({ batches }: Pick<ViewDeps, 'batches'>, batch: KeptBatch): Promise<BatchCounts> {
  const { counts, total, submitted, refused } = batch.state
  if (counts) return counts
  const { succeeded, failed, canceled, purged } = await batches.counts(batch)
  return { total, submitted, succeeded, failed, canceled, refused, purged }
}

export const deadlineOf = ({ createdMs, state }: KeptBatch): number =>
  Math.round(createdMs + state.expiresInSeconds * 1000)

export const finishedOf = ({ state }: KeptBatch): number | undefined =>
  isBatchOver(state.status) ? state.times[state.status] : undefined

async function resultsOf(
  { files, signer }: ViewDeps,
  { tenant, state }: KeptBatch,
  base: string,
): Promise<FileView | null> {
  if (state.results === null) return null
  const file = await files.get(state.results, { tenant })
  if (file?.status !== 'ready') return null
  return fileView({ ...file, content_type: file.contentType }, { signer, base })
}

/** The same text whenever it is made. */
export function batchMessage(batch: KeptBatch, counts: BatchCounts): string {
  const { id, createdMs, state } = batch
  const finished_at = isoTime(finishedOf(batch) ?? createdMs)
  const message: WebhookMessage = {
    type: BATCH_EVENT,
    timestamp: finished_at,
    data: {
      ...{ id, object: 'batch', status: state.status, counts, metadata: { ...state.metadata } },
      ...{ created_at: isoTime(createdMs), finished_at, urls: { self: `${state.base}/v1/batches/${id}` } },
    },
  }
  return JSON.stringify(message)
}
