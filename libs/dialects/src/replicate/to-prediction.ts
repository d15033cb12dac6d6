/** A job as a prediction of Replicate's. Called by the API and by the dispatcher of webhooks. */
import type { JobRecord, JobStatus } from '@millrace/contracts'
import { canonicalVersion } from './version-name.ts'

export interface PredictionLinks {
  /** How addresses of the dialect begin, such as `https://ml.example.com/replicate/v1`. */
  base: string
  /** An event stream that needs no key. Absent where there is none. */
  stream?: string
}

export interface PredictionParts {
  record: JobRecord
  owner: string
  input: unknown
  output: unknown
  logs: string
  links: PredictionLinks
}

/** Clients stop at a status that they do not know as one of a prediction that goes on: so nothing else is told of a job that waits. */
const STATUS: Record<JobStatus, string> = {
  queued: 'starting',
  running: 'processing',
  succeeded: 'succeeded',
  failed: 'failed',
  canceled: 'canceled',
}

export function toPrediction({ record, owner, input, output, logs, links }: PredictionParts): Record<string, unknown> {
  const { id, model, version, status, webhook } = record
  const self = `${links.base}/predictions/${id}`
  return {
    id,
    model: `${owner}/${model}`,
    version: canonicalVersion(model, version),
    status: STATUS[status],
    input,
    output,
    error: record.error && status === 'failed' ? record.error.message : null,
    logs,
    data_removed: false,
    metrics: metricsOf(record),
    source: 'api',
    ...(webhook && { webhook: webhook.url }),
    created_at: record.created_at,
    started_at: record.started_at,
    completed_at: record.finished_at,
    urls: { get: self, cancel: `${self}/cancel`, ...(links.stream !== undefined && { stream: links.stream }) },
  }
}

function metricsOf({ run_seconds, created_at, finished_at, model_metrics }: JobRecord): Record<string, unknown> {
  const total = finished_at === null ? null : (Date.parse(finished_at) - Date.parse(created_at)) / 1000
  return {
    ...model_metrics,
    ...(run_seconds !== null && { predict_time: run_seconds }),
    ...(total !== null && { total_time: total }),
  }
}
