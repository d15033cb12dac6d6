/** The calls about all jobs that are meant. Part of the client. */
import type { Failures, Job, JobCounts } from '@millrace/contracts'
import type { CallOptions, JobConditions, ListOptions } from '../call-options.ts'
import { pagesOf, queryText } from '../http/pages-of.ts'
import type { Sender } from '../http/sender.ts'
import { filterQuery } from './filter-query.ts'

/** `cursor`: the `next_cursor` of an answer that did not see all. */
export interface SearchOptions extends CallOptions {
  cursor?: string
}

export interface SearchCalls {
  /** Jobs, newest first. Pages are read while the loop goes on. */
  list(options?: ListOptions): AsyncIterable<Job>
  /** How many jobs there are with each status. */
  count(filter?: JobConditions, options?: SearchOptions): Promise<JobCounts>
  /** Failed jobs, by how and where they failed. */
  failures(filter?: Omit<JobConditions, 'status'>, options?: SearchOptions): Promise<Failures>
}

const WITHIN = 30_000

export function searchCalls(sender: Sender): SearchCalls {
  const ask = <Answer>(path: string, filter: JobConditions, { cursor, signal, retries }: SearchOptions) => {
    const asked = queryText({ ...filterQuery(filter), cursor })
    return sender.json<Answer>({ path: `${path}${asked && '?'}${asked}`, signal, retries, withinMs: WITHIN })
  }
  return {
    list: ({ limit, signal, retries, ...filter } = {}) =>
      pagesOf(sender, { path: '/v1/jobs', query: filterQuery(filter), limit }, { signal, retries }),
    count: (filter = {}, options = {}) => ask('/v1/jobs/counts', filter, options),
    failures: (filter = {}, options = {}) => ask('/v1/failures', filter, options),
  }
}
