/** Whether a job is one that a filter means. It looks at the record alone, so that it can be asked anew at any time. Called by JobSearch. */
import { type JobFilter, statusesOf } from '@millrace/contracts'
import type { Searched } from '../record/record-fields.ts'
import { failureOf } from './failure-of.ts'

export function matchesFilter(job: Searched, filter: JobFilter): boolean {
  const { model, kind, version, error_code, failure } = filter
  return (
    statusesOf(filter).includes(job.status) &&
    isSame(model, job.model) &&
    isSame(kind, job.kind) &&
    isSame(version, job.version) &&
    isSame(error_code, job.error?.code) &&
    isSame(failure, failure && failureOf(job)?.id) &&
    wasOn(job, filter) &&
    isWithin(job.created_at, filter.created_after, filter.created_before) &&
    isWithin(job.finished_at, filter.ended_after, filter.ended_before) &&
    Object.entries(filter.metadata ?? {}).every(([key, value]) => job.metadata[key] === value)
  )
}

const isSame = <T>(wanted: T | undefined, given: T | undefined): boolean => wanted === undefined || wanted === given

/** A time tells milliseconds; both ends are meant, too. */
function isWithin(at: string | null, after: string | undefined, before: string | undefined): boolean {
  if (after === undefined && before === undefined) return true
  if (at === null) return false
  const ms = Date.parse(at)
  return (after === undefined || ms >= Date.parse(after)) && (before === undefined || ms <= Date.parse(before))
}

/** Some attempt was on that worker, and on that device of it. Records of layout 2 know the last worker alone. */
function wasOn({ attempts, worker: last }: Searched, { worker, device }: JobFilter): boolean {
  if (worker === undefined && device === undefined) return true
  const known = attempts.length > 0 ? attempts : [{ worker: last, device: null }]
  return known.some((one) => isSame<string | null>(worker, one.worker) && isSame<string | null>(device, one.device))
}
