/** POST /v1/jobs/{id}/cancel, DELETE /v1/jobs/{id}. Each may be sent again without harm. */
import { isTerminal, type JobRecord, ProblemError } from '@millrace/contracts'
import type { JobControl, JobFound } from '@millrace/queue'
import { finishPurge, purgeJob } from '@millrace/storage'
import type { ApiDeps } from '../http/api-deps.ts'
import { answerJob, found, jobAnswer, jobIdOf, jobParams, type JobRouteDeps } from './job-context.ts'
import { type Route, type Router, tenantOf } from '../http/router.ts'

const cancelRoute: Route = {
  method: 'post',
  path: '/v1/jobs/{id}/cancel',
  operation: 'cancelJob',
  audit: 'none',
  summary: 'Cancel a job',
  description:
    'A job that waits is canceled at once, one that runs is told to stop, one that has ended stays as it is.',
  tag: 'Jobs',
  scope: 'jobs:cancel',
  request: { params: jobParams },
  responses: { 200: jobAnswer('It has ended.'), 202: jobAnswer('It was told to stop.') },
  problems: ['job_not_found', 'job_purged'],
}

const deleteRoute: Route = {
  method: 'delete',
  path: '/v1/jobs/{id}',
  operation: 'purgeJob',
  audit: 'none',
  summary: 'Purge a job and its files',
  description: 'A job that waits is canceled first; one that runs is not purged. Afterwards the job answers 410.',
  tag: 'Jobs',
  scope: 'jobs:cancel',
  request: { params: jobParams },
  responses: { 204: { description: 'It is purged, or was before.' } },
  problems: ['job_not_found', 'job_running'],
}

type ChangeDeps = JobRouteDeps & Pick<ApiDeps, 'files'> & { jobs: JobControl }

export function changeJobRoutes(router: Router, deps: ChangeDeps): void {
  const { jobs } = deps

  router.add(cancelRoute, async (c) => {
    const { record } = found(await jobs.cancel(jobIdOf(c), tenantOf(c)))
    return answerJob(c, deps, record, { status: isTerminal(record.status) ? 200 : 202 })
  })

  router.add(deleteRoute, async (c) => {
    const id = jobIdOf(c)
    const tenant = tenantOf(c)
    const answer = await jobs.get(id, { tenant })
    if (answer.outcome === 'purged') await finishPurge(deps, { id, tenant })
    else await purge(deps, found(answer).record)
    return c.body(null, 204)
  })
}

/** If this is interrupted, the reconciler or another DELETE finishes it. */
async function purge(deps: ChangeDeps, record: JobRecord): Promise<void> {
  const { id, tenant } = record
  // Once canceled, no worker can claim it.
  const last: JobFound = record.status === 'queued' ? await deps.jobs.cancel(id, tenant) : { outcome: 'found', record }
  if (last.outcome === 'found' && !isTerminal(last.record.status)) throw new ProblemError('job_running')
  const { outcome } = await purgeJob(deps, { id, tenant })
  if (outcome === 'running') throw new ProblemError('job_running')
}
