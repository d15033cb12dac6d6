/**
 * The body of a webhook in the shape of another platform, from the facts of the event and the record of the job. Called by the
 * dispatcher before each try, by the live messages of a running job, and by the API, which shows it.
 */
import {
  type InputFile,
  type JobId,
  type JobRecord,
  type JsonValue,
  STATUS_AT,
  type StoredValue,
  type WebhookFacts,
  type WebhookFormat,
} from '@millrace/contracts'
import { toCogMessage } from '../cog/to-cog-message.ts'
import { toPredictionMessage } from '../replicate/to-prediction-message.ts'
import { toRunpodJob } from '../runpod/to-runpod-job.ts'
import type { DialectEvent } from '../values/dialect-event.ts'
import { showValue } from '../values/show-value.ts'

/** The dialects that have webhooks. A new one is a row here. */
const SHAPES: Partial<Record<WebhookFormat, (event: DialectEvent) => unknown>> = {
  replicate: toPredictionMessage,
  cog: toCogMessage,
  runpod: ({ record, output }) => toRunpodJob(record, output),
}

/** Where the record and its values come from. */
export interface WebhookSources {
  /** Undefined: it was purged. */
  record(id: JobId): Promise<JobRecord | undefined>
  /** The text of a value that lies in the object store; undefined: it is gone, or too large to be sent. */
  read(stored: StoredValue): Promise<string | undefined>
  /** The address of a file that opens without a key: path and query. Always the same for the same times. */
  sign(fileId: string, expires: number): Promise<string>
  /** Whom models belong to, where a platform wants an owner. */
  owner: string
}

export interface DialectMessage {
  format: WebhookFormat
  jobId: JobId
  facts: WebhookFacts
  publicUrl: string
  /** Of a job that runs: the pieces so far. */
  pieces?: readonly unknown[]
}

const HOUR = 3600
const DAY = 24 * HOUR

/** JSON text. Undefined when the job was purged: there is nothing to tell of it any more. */
export async function renderDialectWebhook(
  message: DialectMessage,
  sources: WebhookSources,
): Promise<string | undefined> {
  const { format, jobId, facts, publicUrl, pieces } = message
  const known = await sources.record(jobId)
  if (!known) return undefined
  const record = recordAt(known, facts)
  const base = publicUrl.replace(/\/+$/, '')
  // From the time of the event, so that every try sends the same bytes.
  const expires = Math.ceil((Date.parse(facts.at) / 1000 + DAY) / HOUR) * HOUR
  const show = async ({ id }: { id: string }) => `${base}${await sources.sign(id, expires)}`
  const value = (json: JsonValue | null, files: readonly InputFile[]) =>
    showValue(json, files, { read: (stored) => sources.read(stored), show })
  const input = await value(record.input, record.input_files)
  const output = pieces ?? (await value(record.output, record.output_files))
  return JSON.stringify(SHAPES[format]?.({ facts, record, input, output, base, owner: sources.owner }) ?? null)
}

/** The job may have moved on since. */
function recordAt(record: JobRecord, facts: WebhookFacts): JobRecord {
  const { event, attempt, version, started_at, finished_at, run_seconds, error, progress } = facts
  const told = { attempt, version, started_at, finished_at, run_seconds, progress: progress ?? record.progress }
  return { ...record, ...told, error: error && { ...error, details: undefined }, status: STATUS_AT[event] }
}
