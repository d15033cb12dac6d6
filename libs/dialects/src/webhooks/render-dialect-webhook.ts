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
import { falFile } from '../fal/fal-output.ts'
import { toFalMessage } from '../fal/to-fal-message.ts'
import { toPredictionMessage } from '../replicate/to-prediction-message.ts'
import { toRunpodJob } from '../runpod/to-runpod-job.ts'
import type { DialectEvent } from '../values/dialect-event.ts'
import { type ShownFile, showValue, WHOLE_OUTPUT } from '../values/show-value.ts'

interface Shape {
  body(event: DialectEvent): unknown
  /** Whether it tells what the job has printed. */
  tellsLogs?: boolean
  /** What stands in the place of a file. Default: its address. */
  file?(file: ShownFile): unknown
}

/** How each platform tells its webhooks. A new one is a row here. */
const SHAPES: Record<WebhookFormat, Shape> = {
  replicate: { body: toPredictionMessage, tellsLogs: true },
  cog: { body: toCogMessage, tellsLogs: true },
  runpod: { body: ({ record, output }) => toRunpodJob(record, output) },
  fal: { body: toFalMessage, file: falFile },
}

/** Where the record and its values come from. */
export interface WebhookSources {
  /** Undefined: it was purged. */
  record(id: JobId): Promise<JobRecord | undefined>
  /** The text of a value that lies in the object store; undefined: it is gone. */
  read(stored: StoredValue): Promise<string | undefined>
  /** The address of a file that opens without a key: path and query. Always the same for the same times. */
  sign(fileId: string, expires: number): Promise<string>
  /** The same for the output of a job. */
  signOutput(id: JobId, expires: number): Promise<string>
  /** What the job has printed, as far as it is told: see logsOf. */
  logs(record: JobRecord): Promise<string>
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
  /** What it has printed so far. Default: it is read. */
  logs?: string
}

/** A larger value is left out: of an output, the address is told. Bytes. */
const MOST_BYTES = 1024 * 1024
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
  const { body, tellsLogs, file = ({ url }: ShownFile): unknown => url } = SHAPES[format]
  const value = (json: JsonValue | null, files: readonly InputFile[], whole?: (size: number) => Promise<unknown>) =>
    showValue(json, files, {
      most: MOST_BYTES,
      read: (stored) => sources.read(stored),
      show: async (stored) => file({ ...stored, url: `${base}${await sources.sign(stored.id, expires)}` }),
      whole,
    })
  const whole = async (size: number) =>
    file({ ...WHOLE_OUTPUT, size, url: `${base}${await sources.signOutput(jobId, expires)}` })
  const input = await value(record.input, record.input_files)
  const output = pieces ?? (await value(record.output, record.output_files, whole))
  const logs = tellsLogs ? (message.logs ?? (await sources.logs(record))) : ''
  return JSON.stringify(body({ facts, record, input, output, logs, base, owner: sources.owner }))
}

/** The job may have moved on since. */
function recordAt(record: JobRecord, facts: WebhookFacts): JobRecord {
  const { event, attempt, version, started_at, finished_at, run_seconds, error, progress } = facts
  const told = { attempt, version, started_at, finished_at, run_seconds, progress: progress ?? record.progress }
  return { ...record, ...told, error: error && { ...error, details: undefined }, status: STATUS_AT[event] }
}
