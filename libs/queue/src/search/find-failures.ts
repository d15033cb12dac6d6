/**
 * The failed jobs that a filter means, by how they failed and by where: the newest ones, as many as one request may read. Called by
 * RedisJobStore.
 */
import { type JobId, LIMITS, statusesOf } from '@millrace/contracts'
import type { FailedJobs, FailureKind, FailurePlace, FoundFailures, SearchQuery } from '../ports/job-reader.ts'
import type { Searched } from '../record/record-fields.ts'
import { encodeCursor, type Entry } from '../redis/newest-entries.ts'
import { type Failure, failureOf } from './failure-of.ts'
import { JobSearch, type SearchParts } from './job-search.ts'
import { submittedAt } from './job-walk.ts'

/** Ids that are told of one group. */
const NEWEST = 5

export async function findFailures(parts: SearchParts, query: SearchQuery): Promise<FoundFailures> {
  const { filter = {} } = query
  const failed = statusesOf(filter).filter((status) => status === 'failed')
  const search = await JobSearch.open(parts, { ...query, filter: { ...filter, status: failed } }, [
    'error',
    'end',
    'attempts',
  ])
  const groups = new FailureGroups()
  let last: Entry | undefined
  let isEnd = false
  let searched = 0
  while (!isEnd && searched < LIMITS.searchedJobs) {
    const step = await search.step(LIMITS.searchedJobs)
    for (const { job } of step.found) if (job) groups.add(job)
    last = step.at ?? last
    isEnd = step.isEnd
    searched += step.searched
  }
  const more = isEnd ? undefined : last
  return {
    ...groups.told(),
    ...{ searched, searchedTo: more ? submittedAt(more) : null, nextCursor: more ? encodeCursor(more) : null },
  }
}

interface Place {
  worker: string | null
  device: string | null
}

interface Gathered<Of, Other> extends FailedJobs {
  of: Of
  others: Map<string, { of: Other; count: number }>
}

/** All failed jobs twice: by kind of failure, and by place. */
class FailureGroups {
  readonly #kinds = new Map<string, Gathered<Failure, Place>>()
  readonly #places = new Map<string, Gathered<Place, string>>()
  #matched = 0

  /** The newest first. */
  add(job: Searched): void {
    const failure = failureOf(job)
    if (!failure) return
    this.#matched++
    const place = placeOf(job)
    const name = JSON.stringify(place)
    gather(this.#kinds, { name: failure.id, of: failure, other: [name, place], job })
    gather(this.#places, { name, of: place, other: [failure.id, failure.id], job })
  }

  told(): Pick<FoundFailures, 'kinds' | 'places' | 'matched'> {
    const kinds = [...this.#kinds.values()].map(({ of, others, ...jobs }): FailureKind => {
      return { ...jobs, failure: of, places: frequent(others).map(({ of: place, count }) => ({ ...place, count })) }
    })
    const places = [...this.#places.values()].map(({ of, others, ...jobs }): FailurePlace => {
      return { ...jobs, ...of, failures: frequent(others).map(({ of: id, count }) => ({ id, count })) }
    })
    return { kinds: frequent(kinds), places: frequent(places), matched: this.#matched }
  }
}

/** Of the last attempt, which is the one that made the job fail. */
function placeOf({ attempts, worker }: Searched): Place {
  const last = attempts.at(-1)
  return last ? { worker: last.worker, device: last.device } : { worker, device: null }
}

interface One<Of, Other> {
  name: string
  of: Of
  other: [name: string, of: Other]
  job: Searched
}

function gather<Of, Other>(groups: Map<string, Gathered<Of, Other>>, { name, of, other, job }: One<Of, Other>): void {
  const at = job.finished_at ?? job.created_at
  const [otherName, otherOf] = other
  const fresh: Gathered<Of, Other> = { of, count: 0, firstAt: at, lastAt: at, newest: [], others: new Map() }
  const group = groups.get(name) ?? fresh
  groups.set(name, group)
  group.count++
  if (at < group.firstAt) group.firstAt = at
  if (at > group.lastAt) group.lastAt = at
  if (group.newest.length < NEWEST) group.newest.push(job.id as JobId)
  const known = group.others.get(otherName)
  if (known) known.count++
  else group.others.set(otherName, { of: otherOf, count: 1 })
}

const frequent = <T extends { count: number }>(groups: Iterable<T> | Map<string, T>): T[] =>
  [...(groups instanceof Map ? groups.values() : groups)].toSorted((a, b) => b.count - a.count)
