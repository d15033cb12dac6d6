/**
 * Turns a record into the hash of texts that Redis keeps, and back. What each field is stands in record-table.ts. Used by the
 * stores in libs/queue/src/jobs.
 */
import { isoTime, isStored, type JobRecord } from '@millrace/contracts'
import type { NewJob } from '../ports/job-intake.ts'
import { readMoves } from './moves.ts'
import { RECORD } from './record-table.ts'

/** Rows whose values are as unlike as the parts of a record: each is only ever given what it has read or made itself. */
interface AnyRow {
  field: string
  sent: 'no' | 'alone' | 'packed'
  inMoves?: true
  read(text: string | undefined): unknown
  write(value: unknown): string | number | undefined
  fresh?(job: NewJob, createdMs: number): unknown
}
const ROWS = Object.entries(RECORD) as [name: string, row: AnyRow][]
const rowsSent = (how: AnyRow['sent']): AnyRow[] => ROWS.map(([, row]) => row).filter(({ sent }) => sent === how)
const ALONE = rowsSent('alone')
const PACKED = rowsSent('packed')
/** The one field of all that is packed: JSON, by the names that the fields would have. */
const GIVEN = 'given'
/** What the attempts are read from: the moves, how many claims were no starts, and how long the last waited in its worker. */
const MOVES = ['moves', 'unbegun', 'began'] as const
/** Seconds for which the job is kept after its end. */
const RETENTION = 'retention'
/** A record with nothing in it. To set what is there costs half of what it costs to add it. */
const BLANK: Record<string, unknown> = Object.fromEntries(
  ['id', ...Object.keys(RECORD), 'attempt', 'attempts', 'purge_at'].map((name) => [name, null]),
)

/** The fields that `toRecord` reads. A move may have written the version anew. */
export const RECORD_FIELDS: readonly string[] = [
  GIVEN,
  ...MOVES,
  RETENTION,
  ...ROWS.filter(([name, row]) => (row.sent !== 'packed' && !row.inMoves) || name === 'version').map(
    ([, { field }]) => field,
  ),
]
/** Of a record of layout 2, which has a field for each part, it reads these too. */
export const FORMER_FIELDS: readonly string[] = PACKED.map(({ field }) => field)

/**
 * What is read of many jobs, to see which ones a filter means: as little as it needs. `base` always, and without more it tells
 * model, kind, metadata, status and time of submit.
 */
export const SEARCHED_FIELDS = {
  base: [GIVEN, RECORD.status.field, RECORD.created_at.field],
  error: [RECORD.error.field],
  end: [RECORD.finished_at.field, RETENTION],
  attempts: [...MOVES, RECORD.fence.field, RECORD.version.field, RECORD.worker.field],
} as const satisfies Record<string, readonly string[]>
/** The parts of a record that these tell. The others are as if nothing had happened yet. */
export type Searched = Pick<
  JobRecord,
  | 'id'
  | 'model'
  | 'kind'
  | 'version'
  | 'status'
  | 'error'
  | 'metadata'
  | 'worker'
  | 'fence'
  | 'attempts'
  | 'created_at'
  | 'finished_at'
>

type Hash = { readonly [field: string]: string | undefined }
type Written = { [field: string]: string | number | undefined }

/** Whether the RECORD_FIELDS of a record are not all that there is of it. */
export const isFormer = (hash: Hash): boolean => !hash[GIVEN] && Boolean(hash.status) && hash.status !== 'purged'

/** The fields that only the submitter knows; the submit script adds the rest. What reads the same when absent is left out. */
export function fieldsOf(job: NewJob, retentionSeconds: number): Written {
  // Of a suspect: its files are to be fetched before it has to run alone.
  const links = job.input.files.every(isStored) ? undefined : 1
  // How long a new life waits for its start; see rerun.lua.
  const given: Written = { expires_in: Math.round(job.expiresInSeconds * 1000) }
  for (const row of PACKED) given[row.field] = row.write(row.fresh?.(job, 0))
  const fields: Written = { [RETENTION]: retentionSeconds, links, [GIVEN]: JSON.stringify(given) }
  for (const row of ALONE) fields[row.field] = row.write(row.fresh?.(job, 0))
  return fields
}

/** Reads a record. Fields it does not know are left alone, so that a newer process may add some. */
export function toRecord(id: string, hash: Hash): JobRecord {
  const record: Record<string, unknown> = { ...BLANK, id }
  const given = hash[GIVEN] ? (JSON.parse(hash[GIVEN]) as Hash) : {}
  for (const [name, row] of ROWS)
    record[name] = row.read(hash[row.field] ?? (row.sent === 'packed' ? given[row.field] : undefined))
  record.purge_at = purgeTime(record as JobRecord, hash)
  return Object.assign(record as JobRecord, toldBy(record as JobRecord, hash))
}

const purgeTime = ({ finished_at }: JobRecord, hash: Hash): string | null =>
  finished_at === null ? null : isoTime(Date.parse(finished_at) + Number(hash[RETENTION]) * 1000)

/** What the moves of a job tell of it. */
function toldBy(record: JobRecord, { moves, unbegun, began }: Hash): Partial<JobRecord> {
  const attempt = record.fence - Number(unbegun ?? 0)
  if (!moves) return { attempt, attempts: [] }
  const dueMs = Math.max(Date.parse(record.created_at), record.run_at === null ? 0 : Date.parse(record.run_at))
  const { attempts, isAnew } = readMoves(moves, dueMs, began ? Number(began) : undefined)
  const last = attempts.at(-1)
  if (!last) return { attempt, attempts }
  return {
    ...{ attempt, attempts, worker: last.worker, version: last.version ?? record.version },
    started_at: isAnew ? null : (last.started_at ?? last.claimed_at),
    run_seconds: isAnew ? null : last.run_seconds,
  }
}

/** The record of a job that was just created, without reading it back. */
export function freshRecord(job: NewJob, createdMs: number): JobRecord {
  const record: Record<string, unknown> = { ...BLANK, id: job.id }
  for (const [name, row] of ROWS) record[name] = row.fresh ? row.fresh(job, createdMs) : row.read(undefined)
  record.attempt = 0
  record.attempts = []
  return record as JobRecord
}
