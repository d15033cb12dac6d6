/** GET /v1/jobs/{id}, with long-poll and entity tag, and GET /v1/jobs. */
import { JOB_STATUSES, jobSchema, modelNameSchema, ProblemError } from '@millrace/contracts'
import { StorageError } from '@millrace/storage'
import { z } from 'zod'
import { matchesTag } from '../http/text/matches-tag.ts'
import { jobTag, jobText } from '../views/job-view.ts'
import { linkBase } from '../http/links.ts'
import { pageQuery } from '../http/page-query.ts'
import { parseWait, WAIT } from '../http/parse-wait.ts'
import { parseRequest } from '../http/request-faults.ts'
import { isAway } from '../http/store-time.ts'
import { waitForJob } from './wait-for-job.ts'
import { answerJob, found, jobAnswer, jobIdOf, jobParams, type JobRouteDeps } from './job-context.ts'
import { json, principalOf, type Route, type Router, tenantOf } from '../http/router.ts'

const readRoute: Route = {
  method: 'get',
  path: '/v1/jobs/{id}',
  operation: 'getJob',
  summary: 'Read a job',
  description: 'With `wait` the answer comes when the job has ended, or as it stands when the time is over.',
  tag: 'Jobs',
  scope: 'jobs:read',
  request: {
    params: jobParams,
    query: z.object({ wait: z.string().regex(WAIT).optional().describe('Seconds to wait for the end, cut to 60.') }),
    headers: z.object({ 'if-none-match': z.string().optional().describe('An ETag from before.') }),
  },
  responses: {
    200: jobAnswer('The job.', { ETag: 'Changes whenever the job does.' }),
    304: { description: 'It has not changed.' },
  },
  problems: ['job_not_found', 'job_purged'],
}

const listQuery = z.strictObject({
  model: modelNameSchema.optional(),
  status: z.enum(JOB_STATUSES).optional(),
  ...pageQuery,
})

const listRoute: Route = {
  method: 'get',
  path: '/v1/jobs',
  operation: 'listJobs',
  summary: 'List jobs, newest first',
  tag: 'Jobs',
  scope: 'jobs:read',
  request: { query: listQuery },
  responses: {
    200: json(
      'One page.',
      z
        .object({ object: z.literal('list'), data: z.array(jobSchema), next_cursor: z.string().nullable() })
        .meta({ id: 'JobList' }),
    ),
  },
  problems: ['model_not_allowed'],
}

export function readJobRoutes(router: Router, deps: JobRouteDeps): void {
  const { jobs, changes, signer, objects, config, logger, hangUps } = deps

  router.add(readRoute, async (c) => {
    const id = jobIdOf(c)
    const seconds = parseWait(c.req.query('wait'))
    const tenant = tenantOf(c)
    const { record } = found(
      seconds > 0
        ? await waitForJob(id, { jobs, changes, tenant, seconds, onHangUp: (tell) => hangUps.listen(c, tell) })
        : await jobs.get(id, { tenant }),
    )
    const place = record.status === 'queued' ? await jobs.place(record) : undefined
    const tag = jobTag(record, place, signer)
    if (matchesTag(c.req.header('if-none-match'), tag)) return c.body(null, 304, { etag: tag })
    return answerJob(c, deps, record, { status: 200, place, headers: { etag: tag } })
  })

  router.add(listRoute, async (c) => {
    const query = parseRequest(listQuery, c.req.query())
    const { tenant, models } = principalOf(c)
    if (models && query.model && !models.names.has(query.model)) throw new ProblemError('model_not_allowed')
    const { records, unreadable, nextCursor } = await jobs.list({ ...query, tenant, models: models?.names })
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
    const data = (await Promise.all(texts)).flat()
    for (const job of unreadable) logger.error({ job }, 'a record is not understood; its job is left out of the list')
    c.header('content-type', 'application/json')
    return c.body(`{"object":"list","data":[${data.join(',')}],"next_cursor":${JSON.stringify(nextCursor)}}`)
  })
}
