/**
 * What a page of jobs becomes when it is asked for again: rows change where they stand, and none moves under a finger that is about to
 * press. New jobs are counted, to be shown when somebody asks for them. Called by job-pages.ts.
 */
import type { Job } from '@millrace/contracts'

export interface JobRow {
  job: Job
  /** It does not match the search any more: it changed since it came. `gone`: it was purged. */
  state: 'matches' | 'changed' | 'gone'
}

export interface Merged {
  rows: JobRow[]
  /** Jobs that came since, as far as this page tells. */
  fresh: number
  /** Rows that the page does not tell of any more, and that can still change: they are to be read one by one. */
  unseen: string[]
}

/** `isFirst`: the page has the newest jobs. */
export function mergePage(shown: readonly JobRow[], answer: readonly Job[], isFirst: boolean): Merged {
  const told = new Map(answer.map((job) => [job.id, job]))
  const known = new Set(shown.map(({ job }) => job.id))
  const newest = shown[0]?.job.created_at ?? ''
  const fresh = isFirst ? answer.filter(({ id, created_at }) => !known.has(id) && created_at >= newest).length : 0
  const rows = shown.map((row): JobRow => {
    const job = told.get(row.job.id)
    if (!job) return row
    return isSame(row, job) ? row : { job, state: 'matches' }
  })
  const unseen = rows.filter(({ job, state }) => !told.has(job.id) && state !== 'gone' && mayChange(job))
  return { rows, fresh, unseen: unseen.map(({ job }) => job.id) }
}

const mayChange = ({ status }: Job): boolean => status === 'queued' || status === 'running'

/** Rows that are the same are not drawn again. */
const isSame = ({ job: before, state }: JobRow, after: Job): boolean =>
  state === 'matches' &&
  before.status === after.status &&
  before.attempt === after.attempt &&
  before.cancel_requested === after.cancel_requested &&
  before.progress?.fraction === after.progress?.fraction &&
  before.started_at === after.started_at &&
  before.finished_at === after.finished_at &&
  before.error?.code === after.error?.code

/** A row after its job was read by itself; undefined when there is no such job any more. */
export const rowRead = (row: JobRow, job: Job | undefined): JobRow =>
  job === undefined
    ? { ...row, state: 'gone' }
    : isSame({ ...row, state: 'matches' }, job)
      ? row
      : { job, state: 'changed' }
