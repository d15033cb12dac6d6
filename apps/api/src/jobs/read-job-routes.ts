/** GET /v1/jobs/{id}, with long-poll and entity tag. */
import { z } from 'zod'
import { matchesTag } from '../http/text/matches-tag.ts'
import { jobTag } from '../views/job-view.ts'
import { parseWait, WAIT } from '../http/parse-wait.ts'
import { waitForJob } from './wait-for-job.ts'
import { answerJob, found, jobAnswer, jobIdOf, jobParams, type JobRouteDeps } from './job-context.ts'
import { type Route, type Router, tenantOf } from '../http/router.ts'

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

export function readJobRoutes(router: Router, deps: JobRouteDeps): void {
  const { jobs, changes, signer, hangUps } = deps

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
}
