/** Which jobs of a model an action is about: how many, and the next of them. Called by RedisJobActions. */
import { isoTime, isTerminal, JOB_STATUSES, type JobFilter, type JobId, statusesOf } from '@millrace/contracts'
import type { ActionPart, ActionTurn, OpenJobAction } from '../ports/bulk/job-actions.ts'
import { encodeCursor } from '../redis/newest-entries.ts'
import type { Searched } from '../record/record-fields.ts'
import { countJobs } from '../search/count-jobs.ts'
import { isByIndex, JobSearch, type SearchParts } from '../search/job-search.ts'

export async function countByIndex(
  parts: SearchParts,
  action: OpenJobAction,
  part: ActionPart,
): Promise<number | undefined> {
  const filter = filterIn(action, part)
  if (!isByIndex(filter)) return undefined
  const { counts } = await countJobs(parts, { tenant: action.tenant, filter })
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

export async function findTurn(
  parts: SearchParts,
  action: OpenJobAction,
  part: ActionPart,
  after: string,
): Promise<ActionTurn> {
  const filter = filterIn(action, part)
  const query = { tenant: action.tenant, filter, ...(after !== '' && { cursor: after }) }
  const search = await JobSearch.open(parts, query, ['end', 'attempts'])
  const { found, at, isEnd, unreadable } = await search.step(0)
  return {
    jobs: found.flatMap(({ job, ...entry }) =>
      job && wasOne(job, filter, part.untilMs)
        ? [{ id: entry.id as JobId, status: job.status, fence: job.fence, place: encodeCursor(entry) }]
        : [],
    ),
    next: at ? encodeCursor(at) : after,
    isLast: isEnd,
    unread: isByIndex(filter) ? unreadable.length : 0,
  }
}

/** In that model, and of jobs that were there when the part was made. */
function filterIn({ filter }: OpenJobAction, { model, untilMs }: ActionPart): JobFilter {
  const before = filter.created_before === undefined ? untilMs : Math.min(untilMs, Date.parse(filter.created_before))
  return { ...filter, model, created_before: isoTime(before) }
}

/**
 * Whether the job was one that the filter means when the part was made, and did not become one since: what comes to match while an
 * action goes on is none of it. Between waiting and running jobs go to and fro, so where both are meant that is no change.
 */
function wasOne(job: Searched, filter: JobFilter, untilMs: number): boolean {
  const statuses = statusesOf(filter)
  if (statuses.length === JOB_STATUSES.length) return true
  const isOpen = !isTerminal(job.status)
  if (isOpen && statuses.includes('queued') && statuses.includes('running')) return true
  const since = sinceOf(job)
  return since === null || Date.parse(since) <= untilMs
}

/** Since when it has its status, as far as its record tells; null: since its submit. */
function sinceOf({ status, attempts, finished_at }: Searched): string | null {
  const last = attempts.at(-1)
  if (isTerminal(status)) return finished_at
  return (status === 'running' ? last?.claimed_at : last?.ended_at) ?? null
}
