/** What is asked about all jobs that a filter means: GET /v1/jobs, GET /v1/jobs/counts and GET /v1/failures. */
import {
  type FailureGroup,
  type FailurePlace,
  type Failures,
  failuresSchema,
  type JobCounts,
  jobCountsSchema,
  type JobFilter,
  jobListSchema,
  type JobRecord,
} from '@millrace/contracts'
import type { FailedJobs, FoundFailures } from '@millrace/queue'
import { StorageError } from '@millrace/storage'
import { z } from 'zod'
import type { ApiContext } from '../http/api-deps.ts'
import { linkBase } from '../http/links.ts'
import { pageQuery } from '../http/page-query.ts'
import { parseRequest } from '../http/request-faults.ts'
import { json, type Route, type Router } from '../http/router.ts'
import { isAway } from '../http/store-time.ts'
import { jobText } from '../views/job-view.ts'
import type { JobRouteDeps } from './job-context.ts'
import { askerOf, filterQuery, searchQueryOf } from './job-filter-of.ts'

const { cursor, ...withoutCursor } = pageQuery
const goOn = cursor.describe('`next_cursor` of the answer before: go on from there.')
const listQuery = z.strictObject({ ...filterQuery, ...withoutCursor, cursor })
const countQuery = z.strictObject({ ...filterQuery, cursor: goOn })
const { status: _, ...ofFailed } = filterQuery
const failuresQuery = z.strictObject({ ...ofFailed, cursor: goOn })

const BOUNDED =
  'Model, status and time of submit are answered by an index; for other conditions jobs are read, the newest first and at most 5,000 in one request. `searched_to` says how far back that was.'

const ROUTES = {
  list: {
    method: 'get',
    path: '/v1/jobs',
    operation: 'listJobs',
    summary: 'List jobs, newest first',
    description: `Those that meet all conditions. ${BOUNDED}`,
    tag: 'Jobs',
    scope: 'jobs:read',
    request: { query: listQuery },
    responses: { 200: json('One page.', jobListSchema) },
    problems: ['model_not_allowed'],
  },
  count: {
    method: 'get',
    path: '/v1/jobs/counts',
    operation: 'countJobs',
    summary: 'Count jobs by status',
    description: `Those that meet all conditions. ${BOUNDED}`,
    tag: 'Jobs',
    scope: 'jobs:read',
    request: { query: countQuery },
    responses: { 200: json('How many there are.', jobCountsSchema) },
    problems: ['model_not_allowed'],
  },
  failures: {
    method: 'get',
    path: '/v1/failures',
    operation: 'listFailures',
    summary: 'Failed jobs, by how and where they failed',
    description:
      'Jobs of one model and version that failed with the same code and, but for numbers and ids, the same message are one group. The newest 5,000 failed jobs are looked at; `searched_to` says how far back that was, and counts are of these alone.',
    tag: 'Jobs',
    scope: 'jobs:read',
    request: { query: failuresQuery },
    responses: { 200: json('Groups, the largest first.', failuresSchema) },
    problems: ['model_not_allowed'],
  },
} as const satisfies Record<string, Route>

export function searchRoutes(router: Router, deps: JobRouteDeps): void {
  const { jobs, logger } = deps

  router.add(ROUTES.list, async (c) => {
    const { limit, cursor, ...filter } = parseRequest(listQuery, searchQueryOf(c))
    const found = await jobs.list({ ...askerOf(c, filter), filter, limit, cursor })
    for (const job of found.unreadable)
      logger.error({ job }, 'a record is not understood; its job is left out of the list')
    const data = await jobTexts(c, deps, found.records)
    const { searchedTo: searched_to, nextCursor: next_cursor } = found
    const rest = JSON.stringify({ object: 'list', searched_to, next_cursor })
    c.header('content-type', 'application/json')
    return c.body(`${rest.slice(0, -1)},"data":[${data.join(',')}]}`)
  })

  router.add(ROUTES.count, async (c) => {
    const { cursor, ...filter } = parseRequest(countQuery, searchQueryOf(c))
    const { counts, searchedTo, nextCursor } = await jobs.count({ ...askerOf(c, filter), filter, cursor })
    const answer: JobCounts = {
      ...{ object: 'job_counts', counts, total: Object.values(counts).reduce((all, one) => all + one, 0) },
      is_exact: searchedTo === null && cursor === undefined,
      ...{ searched_to: searchedTo, next_cursor: nextCursor },
    }
    return c.json(answer)
  })

  router.add(ROUTES.failures, async (c) => {
    const { cursor, ...filter } = parseRequest(failuresQuery, searchQueryOf(c))
    const found = await jobs.failures({ ...askerOf(c, filter), filter, cursor })
    return c.json(failuresView(found, filter))
  })
}

/** The jobs as text. One that cannot be shown hides no others. */
async function jobTexts(c: ApiContext, deps: JobRouteDeps, records: readonly JobRecord[]): Promise<string[]> {
  const { signer, objects, config, logger } = deps
  const base = linkBase(c, config.publicUrl)
  const texts = records.map((record) =>
    jobText(record, { signer, objects, base }).catch((error: unknown) => {
      // A store that is away is no fault of this job.
      if (isAway(error) || (error instanceof StorageError && error.fault === 'unavailable')) throw error
      // Without its message, which may repeat what the job holds.
      const why = error instanceof Error ? error.name : 'unknown'
      logger.error({ why, job: record.id }, 'a job cannot be shown; it is left out of the list')
      return []
    }),
  )
  return (await Promise.all(texts)).flat()
}

/** Groups that one answer tells, and in each of them workers or kinds of failure. */
const GROUPS = 100
const PARTS = 10

const sampleOf = ({ count, firstAt, lastAt, newest }: FailedJobs) => ({
  ...{ count, first_at: firstAt, last_at: lastAt, jobs: newest },
})

function failuresView({ kinds, places, ...found }: FoundFailures, filter: JobFilter): Failures {
  const groups = kinds.slice(0, GROUPS).map(({ failure, places: on, ...jobs }): FailureGroup => {
    const { model } = failure
    const filterOf: JobFilter = { ...filter, model, failure: failure.id }
    const where = { workers: on.slice(0, PARTS), workers_total: on.length }
    return { ...failure, ...sampleOf(jobs), ...where, filter: filterOf }
  })
  const at = places.slice(0, GROUPS).map(({ worker, device, failures, ...jobs }): FailurePlace => {
    const where = worker === null ? null : { worker, ...(device !== null && { device }) }
    const filterOf: JobFilter | null = where && { ...filter, status: ['failed'], ...where }
    return { worker, device, ...sampleOf(jobs), failures: failures.slice(0, PARTS), filter: filterOf }
  })
  return {
    ...{ object: 'failures', data: groups, groups_total: kinds.length, places: at, places_total: places.length },
    ...{ searched: found.searched, matched: found.matched },
    ...{ searched_to: found.searchedTo, next_cursor: found.nextCursor },
  }
}
