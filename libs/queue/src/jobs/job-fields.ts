import { type JobRecord, type JsonValue, jobRecordSchema } from '@millrace/contracts'
import type { NewJob } from '../ports/ports.ts'
import type { Fields } from '../scripts/contract/argument-kinds.ts'

/** The record as Redis keeps it, a hash of strings, and back. Times are milliseconds there, ISO 8601 here. */

/** The fields that only the submitter knows; the submit script adds the rest. What reads the same when absent is left out. */
export function fieldsOf(job: NewJob, retentionSeconds: number): Fields {
  const { metadata, inputFiles } = job
  return {
    kind: job.kind,
    model: job.model,
    version: job.version,
    input: JSON.stringify(job.input),
    priority: job.priority,
    max_attempts: job.maxAttempts,
    timeout: job.timeoutSeconds,
    retention: retentionSeconds,
    input_files: inputFiles.length > 0 ? JSON.stringify(inputFiles) : undefined,
    metadata: Object.keys(metadata).length > 0 ? JSON.stringify(metadata) : undefined,
    run_at: job.runAt ?? undefined,
    webhook: job.webhook ? JSON.stringify(job.webhook) : undefined,
  }
}

const iso = (ms: string | undefined): string | null => (ms ? new Date(Number(ms)).toISOString() : null)
const json = <T>(text: string | undefined, otherwise: T): T => (text ? (JSON.parse(text) as T) : otherwise)
const number = (text: string | undefined): number => Number(text ?? 0)

/** The fields that `toRecord` reads. */
export const RECORD_FIELDS = [
  ...['kind', 'tenant', 'model', 'version', 'status', 'input', 'input_files', 'output', 'output_files', 'error'],
  ...['progress', 'priority', 'metadata', 'fence', 'failures', 'crashes', 'max_attempts', 'timeout', 'cancel_at'],
  ...['worker', 'revision', 'created_at', 'run_at', 'expires_at', 'started_at', 'finished_at', 'purge_at', 'run_ms'],
  ...['model_metrics', 'webhook'],
] as const
type RecordField = (typeof RECORD_FIELDS)[number]

/** Reads a record. Fields it does not know are left alone, so that a newer process may add some. */
export function toRecord(id: string, hash: Partial<Record<RecordField, string>>): JobRecord {
  return {
    id,
    kind: jobRecordSchema.shape.kind.parse(hash.kind),
    tenant: hash.tenant ?? '',
    model: hash.model ?? '',
    version: hash.version ?? '',
    status: jobRecordSchema.shape.status.parse(hash.status),
    input: json<JsonValue>(hash.input, { inline: 'null' }),
    input_files: json(hash.input_files, []),
    output: json<JsonValue | null>(hash.output, null),
    output_files: json(hash.output_files, []),
    error: json(hash.error, null),
    progress: json(hash.progress, null),
    priority: jobRecordSchema.shape.priority.parse(hash.priority),
    metadata: json(hash.metadata, {}),
    fence: number(hash.fence),
    failures: number(hash.failures),
    crashes: number(hash.crashes),
    max_attempts: number(hash.max_attempts),
    timeout_seconds: number(hash.timeout),
    cancel_requested: Boolean(hash.cancel_at),
    worker: hash.worker ?? null,
    revision: number(hash.revision),
    created_at: iso(hash.created_at) ?? '',
    run_at: iso(hash.run_at),
    expires_at: iso(hash.expires_at),
    started_at: iso(hash.started_at),
    finished_at: iso(hash.finished_at),
    purge_at: iso(hash.purge_at),
    run_seconds: hash.run_ms ? Number(hash.run_ms) / 1000 : null,
    model_metrics: json(hash.model_metrics, null),
    webhook: json(hash.webhook, null),
  }
}

/** The record of a job that was just created, without reading it back. */
export function freshRecord(job: NewJob, createdMs: number): JobRecord {
  const start = Math.max(createdMs, job.runAt ?? 0)
  return {
    id: job.id,
    kind: job.kind,
    tenant: job.tenant,
    model: job.model,
    version: job.version,
    status: 'queued',
    input: job.input,
    input_files: job.inputFiles,
    output: null,
    output_files: [],
    error: null,
    progress: null,
    priority: job.priority,
    metadata: job.metadata,
    fence: 0,
    failures: 0,
    crashes: 0,
    max_attempts: job.maxAttempts,
    timeout_seconds: job.timeoutSeconds,
    cancel_requested: false,
    worker: null,
    revision: 1,
    created_at: new Date(createdMs).toISOString(),
    run_at: job.runAt === null ? null : new Date(job.runAt).toISOString(),
    expires_at: new Date(start + Math.round(job.expiresInSeconds * 1000)).toISOString(),
    started_at: null,
    finished_at: null,
    purge_at: null,
    run_seconds: null,
    model_metrics: null,
    webhook: job.webhook ?? null,
  }
}
