/**
 * Turns a record into the hash of texts that Redis keeps, and back. What each field is stands in record-table.ts. Used by the
 * stores in libs/queue/src/jobs.
 */
import { isStored, type JobRecord } from '@millrace/contracts'
import type { NewJob } from '../ports/job-intake.ts'
import { RECORD } from './record-table.ts'

/** Rows whose values are as unlike as the parts of a record: each is only ever given what it has read or made itself. */
interface AnyRow {
  field: string
  isSent: boolean
  read(text: string | undefined): unknown
  write(value: unknown): string | number | undefined
  fresh?(job: NewJob, createdMs: number): unknown
}
const ROWS = Object.entries(RECORD) as [name: string, row: AnyRow][]
const SENT = ROWS.map(([, row]) => row).filter(({ isSent }) => isSent)
/** A record with nothing in it. To set what is there costs half of what it costs to add it. */
const BLANK: Record<string, unknown> = Object.fromEntries(['id', ...Object.keys(RECORD)].map((name) => [name, null]))

/** The fields that `toRecord` reads. */
export const RECORD_FIELDS: readonly string[] = ROWS.map(([, { field }]) => field)

/** The fields that only the submitter knows; the submit script adds the rest. What reads the same when absent is left out. */
export function fieldsOf(job: NewJob, retentionSeconds: number): { [field: string]: string | number | undefined } {
  // Of a suspect: its files are to be fetched before it has to run alone.
  const links = job.input.files.every(isStored) ? undefined : 1
  const fields: ReturnType<typeof fieldsOf> = { retention: retentionSeconds, links }
  for (const row of SENT) fields[row.field] = row.write(row.fresh?.(job, 0))
  return fields
}

/** Reads a record. Fields it does not know are left alone, so that a newer process may add some. */
export function toRecord(id: string, hash: { readonly [field: string]: string | undefined }): JobRecord {
  const record: Record<string, unknown> = { ...BLANK, id }
  for (const [name, row] of ROWS) record[name] = row.read(hash[row.field])
  return record as JobRecord
}

/** The record of a job that was just created, without reading it back. */
export function freshRecord(job: NewJob, createdMs: number): JobRecord {
  const record: Record<string, unknown> = { ...BLANK, id: job.id }
  for (const [name, row] of ROWS) record[name] = row.fresh ? row.fresh(job, createdMs) : row.read(undefined)
  return record as JobRecord
}
