/** How the rows of a batch are written, and its results: ours here, others with their dialects. Looked up by BatchRunner. */
import {
  type BatchResult,
  batchRowSchema,
  type Fault,
  type JobError,
  type JobRecord,
  LIMITS,
  type Manifest,
  ProblemError,
} from '@millrace/contracts'
import type { BatchFormat } from '@millrace/queue'
import { readJson } from '../../http/body/read-json.ts'
import { parseRequest } from '../../http/request-faults.ts'
import type { GivenFields } from '../../submit/submit-body.ts'

/** A row as it was read. */
export interface ReadRow {
  customId: string | null
  /** Null: that of the batch. */
  model: string | null
  key: string | null
  /** Of a format that knows it only with the model: what makes it. It throws ProblemError. */
  input: Record<string, unknown> | ((model: Manifest) => Record<string, unknown>)
  fields: GivenFields
  /** What the format wants to know again when it writes the result. Default: nothing. */
  told?: string
}

/** Why there is no job. */
export interface RowRefusal {
  code: string
  message: string
  errors?: readonly Fault[]
}

/** What became of a row. */
export interface RowEnd {
  row: number
  customId: string | null
  jobId: string | null
  status: BatchResult['status']
  /** JSON text. */
  output: string
  outputUrl: string | null
  error: RowRefusal | JobError | null
  record: JobRecord | undefined
  /** Why the batch was stopped. */
  stopped: 'canceling' | 'expiring' | undefined
  /** As the row was read. */
  told: string | undefined
}

export interface RowFormat {
  /** Throws ProblemError for a line that is no row. */
  read(line: Buffer): ReadRow
  /** A line of the results. */
  write(end: RowEnd): string
  /** Rows that did not succeed are in a file of their own. */
  partsFaults: boolean
}

/** Ours: each line is a BatchRow, and each line of the results a BatchResult. */
export const NATIVE_ROWS: RowFormat = {
  read: (line) => rowOf(readJson(line, '', LIMITS.jsonNodes).value),
  write: ({ row, customId, jobId, status, output, outputUrl, error }) => {
    const head = JSON.stringify({ row, custom_id: customId, job_id: jobId, status })
    const tail = JSON.stringify({ output_url: outputUrl, error })
    return `${head.slice(0, -1)},"output":${output},${tail.slice(1)}`
  },
  partsFaults: false,
}

/** The row that a JSON value is. Throws ProblemError. */
export function rowOf(value: unknown): ReadRow {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  const given: unknown = isObject ? (value as { input?: unknown }).input : undefined
  const hasInput = typeof given === 'object' && given !== null && !Array.isArray(given)
  // The check makes a copy; the input is left out of it, for the schema of its model checks that.
  const checked = parseRequest(batchRowSchema, hasInput ? { ...(value as object), input: {} } : value)
  const { model = null, custom_id: customId = null, idempotency_key: key = null, input: _, ...fields } = checked
  return { customId, model, key, input: given as Record<string, unknown>, fields }
}

/** By what the state of a batch names. */
export type RowFormats = Readonly<Record<BatchFormat, RowFormat>>

/** As the results say it. */
export function refusalOf(problem: ProblemError): RowRefusal {
  const { code, message, options } = problem
  return { code, message: message.slice(0, LIMITS.messageChars), ...(options.errors && { errors: options.errors }) }
}
