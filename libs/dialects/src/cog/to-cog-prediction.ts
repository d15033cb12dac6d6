/**
 * A job as a prediction of Cog's HTTP server: the fields of its 0.16, null where there is nothing, which readers of its newer versions
 * take too. Called by the API and by the dispatcher of webhooks.
 */
import type { JobRecord, JobStatus } from '@millrace/contracts'

export interface CogPredictionParts {
  record: Pick<
    JobRecord,
    'version' | 'status' | 'error' | 'created_at' | 'started_at' | 'finished_at' | 'run_seconds' | 'model_metrics'
  >
  /** The one that its client chose, or that of the job. */
  id: string
  input: unknown
  /** What the model has given so far, or null. */
  output: unknown
  logs: string
}

export interface CogPrediction extends Record<string, unknown> {
  id: string
  status: string
}

const STATUS: Record<JobStatus, string> = {
  queued: 'starting',
  running: 'processing',
  succeeded: 'succeeded',
  failed: 'failed',
  canceled: 'canceled',
}

export function toCogPrediction({ record, id, input, output, logs }: CogPredictionParts): CogPrediction {
  const { version, status, error, created_at, started_at, finished_at } = record
  return {
    ...{ input, output, id, version, created_at },
    // A job that waits for another try has begun before.
    started_at: status === 'queued' ? null : started_at,
    completed_at: finished_at,
    logs,
    error: status === 'failed' && error ? error.message : null,
    status: STATUS[status],
    metrics: metricsOf(record),
  }
}

function metricsOf({ run_seconds, model_metrics }: CogPredictionParts['record']): Record<string, unknown> | null {
  if (run_seconds === null && model_metrics === null) return null
  return { ...model_metrics, ...(run_seconds !== null && { predict_time: run_seconds }) }
}
