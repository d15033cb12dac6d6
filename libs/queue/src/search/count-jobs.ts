/**
 * How many of a tenant's jobs a filter means, by status. What the indexes know they count: one call for each model. Else jobs are
 * read, as many as one request may. Called by RedisJobStore.
 */
import { JOB_STATUSES, LIMITS, statusesOf } from '@millrace/contracts'
import type { CountedJobs, SearchQuery } from '../ports/job-reader.ts'
import { encodeCursor, type Entry } from '../redis/newest-entries.ts'
import { isByIndex, JobSearch, modelsOf, type SearchParts, spanOf } from './job-search.ts'
import { submittedAt } from './job-walk.ts'

type Counts = CountedJobs['counts']

export async function countJobs(parts: SearchParts, query: SearchQuery): Promise<CountedJobs> {
  const { filter = {}, cursor } = query
  const isByIndexAlone = isByIndex(filter) && cursor === undefined
  return isByIndexAlone ? countByIndex(parts, query) : countByReading(parts, query)
}

const noJobs = (): Counts => Object.fromEntries(JOB_STATUSES.map((status) => [status, 0])) as Counts

async function countByIndex({ redis, run }: SearchParts, query: SearchQuery): Promise<CountedJobs> {
  const { tenant, filter = {} } = query
  const statuses = statusesOf(filter)
  const { newest, oldest } = spanOf(filter)
  const span = { newest: String(newest ?? '+inf'), oldest: String(oldest ?? '-inf') }
  const models = statuses.length === 0 ? [] : await modelsOf(redis, query)
  const all = await Promise.all(models.map((model) => run('search/count', { model, tenant, statuses, ...span })))
  const counts = noJobs()
  for (const one of all) for (const [i, status] of statuses.entries()) counts[status] += one[i] ?? 0
  return { counts, searchedTo: null, nextCursor: null }
}

async function countByReading(parts: SearchParts, query: SearchQuery): Promise<CountedJobs> {
  const search = await JobSearch.open(parts, query, ['base'])
  const counts = noJobs()
  let last: Entry | undefined
  let isEnd = false
  for (let searched = 0; !isEnd && searched < LIMITS.searchedJobs; ) {
    const step = await search.step(LIMITS.searchedJobs)
    for (const { job } of step.found) if (job) counts[job.status]++
    last = step.at ?? last
    isEnd = step.isEnd
    searched += step.searched
  }
  const more = isEnd ? undefined : last
  return { counts, searchedTo: more ? submittedAt(more) : null, nextCursor: more ? encodeCursor(more) : null }
}
