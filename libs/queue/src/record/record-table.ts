/**
 * The codec of the record: one row for each of its parts, which says where Redis keeps it, how it is read and written, what it
 * is in a job that was just submitted, and which moves bring it back to nothing. All else about these fields follows from here:
 * record-fields.ts for TypeScript, and the resets in script-constants.ts for Lua. To add a part, add a row, and its type in
 * `jobRecordSchema`.
 */
import { isoTime, type JobRecord, jobRecordSchema } from '@millrace/contracts'
import type { NewJob } from '../ports/job-intake.ts'
import { readCheckpoint } from './checkpoint-text.ts'

/** Moves that bring fields back to nothing: the start of an attempt, its end without an end of the job, a new life. */
export type ResettingMove = 'claim' | 'requeue' | 'rerun'

interface Kind<V> {
  /** Undefined: Redis does not have the field. */
  read(text: string | undefined): V
  /** Undefined: it reads the same when it is absent, so it is not written. */
  write(value: V): string | number | undefined
  /** What a reset leaves. Scripts reckon with numbers, so these are 0. */
  nothing: '' | 0
}

interface Row<V> extends Kind<V> {
  /** In the hash of the job. */
  field: string
  /** In a job that was just submitted. Default: what an absent field reads as. */
  fresh?(job: NewJob, createdMs: number): V
  /**
   * Whether the submitter sends it; all other fields are written by the scripts alone. `packed`: it lies in the one field that
   * holds all that is fixed at the submit and that no move reads. A field of its own, where there is one, goes before it: a
   * move has written it, or the record is of layout 2.
   */
  sent: 'no' | 'alone' | 'packed'
  /** The moves tell it, where there are some: so it is not read on its own. Records of layout 2 have the field alone. */
  inMoves?: true
  resets: readonly ResettingMove[]
}

const text: Kind<string> = { read: (text) => text ?? '', write: (value) => value, nothing: '' }
const name: Kind<string | null> = { read: (text) => text ?? null, write: (value) => value ?? undefined, nothing: '' }
const number: Kind<number> = { read: (text) => Number(text ?? 0), write: (value) => value, nothing: 0 }
/** Milliseconds in Redis, seconds here. */
const seconds: Kind<number | null> = {
  read: (text) => (text ? Number(text) / 1000 : null),
  write: (value) => (value === null ? undefined : Math.round(value * 1000)),
  nothing: '',
}
/** Milliseconds in Redis, ISO 8601 here. */
const time: Kind<string | null> = {
  read: (text) => (text ? isoTime(Number(text)) : null),
  write: (value) => (value === null ? undefined : Date.parse(value)),
  nothing: '',
}
/** Microseconds in Redis. */
const createdTime: Kind<string> = {
  read: (text) => (text ? isoTime(Math.floor(Number(text) / 1000)) : ''),
  write: () => undefined,
  nothing: '',
}
/** A time whose presence says that something was asked. */
const presence: Kind<boolean> = { read: Boolean, write: () => undefined, nothing: '' }
const mark: Kind<boolean> = { read: Boolean, write: (value) => (value ? 1 : undefined), nothing: '' }
/** `absent` makes what is not worth a field: each record gets one of its own. */
const json = <V>(absent: () => V): Kind<V> => ({
  read: (text) => (text ? (JSON.parse(text) as V) : absent()),
  write: (value) => (isEmpty(value) ? undefined : JSON.stringify(value)),
  nothing: '',
})
const word = <V extends string>(schema: { parse(text: unknown): V }): Kind<V> => ({
  read: (text) => schema.parse(text),
  write: (value) => value,
  nothing: '',
})

/** Only scripts write it, and only as a whole. */
const checkpoint: Kind<JobRecord['checkpoint']> = { read: readCheckpoint, write: () => undefined, nothing: '' }

const isEmpty = (value: unknown): boolean =>
  value === null || (typeof value === 'object' && Object.keys(value as object).length === 0)

/** Sent by whoever submits, and packed. */
const packed = <V>(field: string, kind: Kind<V>, fresh: (job: NewJob) => V): Row<V> => ({
  ...{ ...kind, field, fresh, sent: 'packed', resets: [] },
})
/** Sent by whoever submits, and a field of its own, since scripts read or change it. */
const sent = <V>(field: string, kind: Kind<V>, fresh: (job: NewJob) => V): Row<V> => ({
  ...{ ...kind, field, fresh, sent: 'alone', resets: [] },
})
/** Written by scripts. */
const kept = <V>(
  field: string,
  kind: Kind<V>,
  { resets = [], ...more }: Partial<Pick<Row<V>, 'fresh' | 'inMoves' | 'resets'>> = {},
): Row<V> => ({ ...kind, ...more, field, sent: 'no', resets })

const { kind, status, priority } = jobRecordSchema.shape

/** Parts that follow from others or from the moves of the job: see record-fields.ts. */
export type ToldPart = 'attempt' | 'attempts' | 'purge_at'

export const RECORD: { readonly [Name in keyof Omit<JobRecord, 'id' | ToldPart>]: Row<JobRecord[Name]> } = {
  kind: packed('kind', word(kind), (job) => job.kind),
  tenant: kept('tenant', text, { fresh: (job) => job.tenant }),
  key: kept('key', name, { fresh: (job) => job.key ?? null }),
  model: packed('model', text, (job) => job.model),
  version: packed('version', text, (job) => job.version),
  line: kept('line', text, { fresh: (job) => job.line }),
  status: kept('status', word(status), { fresh: () => 'queued' }),
  input: sent(
    'input',
    json<JobRecord['input']>(() => ({ inline: 'null' })),
    (job) => job.input.value,
  ),
  input_files: sent(
    'input_files',
    json<JobRecord['input_files']>(() => []),
    (job) => job.input.files,
  ),
  output: kept(
    'output',
    json<JobRecord['output']>(() => null),
    { resets: ['rerun'] },
  ),
  output_files: kept(
    'output_files',
    json<JobRecord['output_files']>(() => []),
    { resets: ['rerun'] },
  ),
  error: kept(
    'error',
    json<JobRecord['error']>(() => null),
    { resets: ['rerun'] },
  ),
  progress: kept(
    'progress',
    json<JobRecord['progress']>(() => null),
    { resets: ['claim', 'requeue', 'rerun'] },
  ),
  checkpoint: kept('checkpoint', checkpoint),
  priority: packed('priority', word(priority), (job) => job.priority),
  metadata: packed(
    'metadata',
    json<JobRecord['metadata']>(() => ({})),
    (job) => job.metadata,
  ),
  fence: kept('fence', number),
  failures: kept('failures', number, { resets: ['rerun'] }),
  crashes: kept('crashes', number, { resets: ['rerun'] }),
  lost: kept('lost', number, { resets: ['rerun'] }),
  max_attempts: packed('max_attempts', number, (job) => job.maxAttempts),
  timeout_seconds: packed('timeout', number, (job) => job.timeoutSeconds),
  cancel_requested: kept('cancel_at', presence, { resets: ['rerun'] }),
  worker: kept('worker', name, { inMoves: true }),
  revision: kept('revision', number),
  created_at: kept('created_us', createdTime, { fresh: (_, createdMs) => isoTime(createdMs) }),
  run_at: packed('run_at', time, ({ runAt }) => (runAt === null ? null : isoTime(runAt))),
  expires_at: kept('expires_at', time, {
    fresh: (job, createdMs) => isoTime(Math.max(createdMs, job.runAt ?? 0) + Math.round(job.expiresInSeconds * 1000)),
  }),
  started_at: kept('started_at', time, { inMoves: true, resets: ['rerun'] }),
  finished_at: kept('finished_at', time, { resets: ['rerun'] }),
  run_seconds: kept('run_ms', seconds, { inMoves: true, resets: ['rerun'] }),
  model_metrics: kept(
    'model_metrics',
    json<JobRecord['model_metrics']>(() => null),
  ),
  webhook: sent(
    'webhook',
    json<JobRecord['webhook']>(() => null),
    (job) => job.webhook ?? null,
  ),
  routed: sent('routed', mark, (job) => job.routed ?? false),
  after_end: sent('after_end', mark, (job) => job.afterEnd ?? false),
  rerun_of: sent('rerun_of', name, (job) => job.rerunOf ?? null),
  // The last of those that are sent: submit.lua looks for it there.
  batch: sent('batch', name, (job) => job.batch ?? null),
}

/** Counters that only scripts know, and that a new life brings back to nothing. */
const OWN_COUNTERS = ['house_faults', 'source_faults'] as const

/** The fields that a move brings back to nothing. */
export function resetsOf(move: ResettingMove): { readonly [field: string]: '' | 0 } {
  const rows = Object.values<Row<unknown>>(RECORD as never).filter(({ resets }) => resets.includes(move))
  const own = move === 'rerun' ? OWN_COUNTERS.map((field) => [field, 0] as const) : []
  return Object.fromEntries([...rows.map(({ field, nothing }) => [field, nothing] as const), ...own])
}
