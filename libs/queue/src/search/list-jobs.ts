/**
 * A page of a tenant's jobs that a filter means, newest first. It is never silent about a gap: where the search ends early, the page
 * says how far it went and where to go on. Called by RedisJobStore.
 */
import { type JobId, type JobRecord, LIMITS } from '@millrace/contracts'
import type { JobPage, ListQuery } from '../ports/job-reader.ts'
import { toRecord } from '../record/record-fields.ts'
import { prefixOfJob } from '../redis/keys.ts'
import { encodeCursor, type Entry } from '../redis/newest-entries.ts'
import type { Ask, RedisClient } from '../redis/redis-client.ts'
import { answersOf } from '../redis/replies-of.ts'
import { type Found, JobSearch, type SearchParts } from './job-search.ts'
import { submittedAt } from './job-walk.ts'
import { matchesFilter } from './matches-filter.ts'

export async function listJobs(parts: SearchParts, query: ListQuery): Promise<JobPage> {
  const { limit, filter = {} } = query
  const { found, unreadable, at, isEnd } = await findSome(parts, query)
  const page = found.slice(0, limit)
  const read = await readAll(parts.redis, page)
  // A job may have changed since it was found.
  const records = read.records.filter((record) => matchesFilter(record, filter))
  // Beyond a full page nothing was looked at, as far as the next page is concerned.
  const isFull = found.length > limit
  const last = isFull ? page.at(-1) : isEnd ? undefined : at
  return {
    records,
    unreadable: [...unreadable, ...read.unreadable],
    searchedTo: last && !isFull ? submittedAt(last) : null,
    nextCursor: last ? encodeCursor(last) : null,
  }
}

interface Some {
  found: Found[]
  unreadable: string[]
  at: Entry | undefined
  isEnd: boolean
}

/** One more than the page takes, if there are so many. */
async function findSome(parts: SearchParts, query: ListQuery): Promise<Some> {
  const search = await JobSearch.open(parts, query)
  const some: Some = { found: [], unreadable: [], at: undefined, isEnd: false }
  for (let searched = 0; !some.isEnd && some.found.length <= query.limit && searched < LIMITS.searchedJobs; ) {
    const step = await search.step(query.limit + 1)
    some.found.push(...step.found)
    some.unreadable.push(...step.unreadable)
    some.at = step.at ?? some.at
    some.isEnd = step.isEnd
    searched += step.searched
  }
  return some
}

async function readAll(redis: RedisClient, page: readonly Entry[]): Promise<Pick<JobPage, 'records' | 'unreadable'>> {
  const asks = page.map(
    ({ id }): Ask =>
      (to) =>
        to.hgetall(`${prefixOfJob(id as JobId)}job:${id}`),
  )
  const records: JobRecord[] = []
  const unreadable: string[] = []
  for (const [i, reply] of (await answersOf(redis, asks)).entries()) {
    const { id } = page[i] as Entry
    const hash = reply as Record<string, string>
    // Purged between the two reads.
    if (!hash.status || hash.status === 'purged') continue
    try {
      records.push(toRecord(id, hash))
    } catch {
      unreadable.push(id)
    }
  }
  return { records, unreadable }
}
