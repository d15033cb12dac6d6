/** POST /v1/jobs/{id}/retry: a failed job runs again as it is, or the input of one that has ended as a new job on a named version. */
import { idempotencyKeySchema, jobRequestSchema, ProblemError } from '@millrace/contracts'
import type { JobControl, ModelReader } from '@millrace/queue'
import { z } from 'zod'
import type { ApiContext } from '../http/api-deps.ts'
import { smallJsonOrNothing } from '../http/body/small-json.ts'
import { rateLimitHeaders } from '../http/limits/rate-limit-headers.ts'
import { parseRequest } from '../http/request-faults.ts'
import { principalOf, type Route, type Router, tenantOf } from '../http/router.ts'
import { answerJob, found, jobAnswer, jobIdOf, jobParams, type JobRouteDeps } from '../jobs/job-context.ts'
import { rerunJob } from './rerun-job.ts'
import type { SubmitDeps } from '../submit/submit-job.ts'

const requestSchema = z
  .strictObject({
    version: jobRequestSchema.shape.version.describe(
      'The version of the model to run on. The input is checked by its schema, and a new job is made on the terms of this one, with `rerun_of`. Default: the job itself runs again, if it has failed.',
    ),
  })
  .meta({ id: 'RetryRequest' })

const route: Route = {
  method: 'post',
  path: '/v1/jobs/{id}/retry',
  operation: 'retryJob',
  audit: 'none',
  summary: 'Run a job again',
  description:
    'Without a version: a failed job goes back to the line, with its id and fresh attempts. With one: the input of a job that has ended is submitted as a new job. The same request gives the same new job for 24 hours; to make another, send an idempotency key.',
  tag: 'Jobs',
  scope: 'jobs:write',
  request: {
    params: jobParams,
    headers: z.object({ 'idempotency-key': idempotencyKeySchema.optional() }),
    body: { required: false, content: { 'application/json': { schema: requestSchema } } },
  },
  responses: {
    202: jobAnswer('It waits again, with fresh attempts; or the new job, which is kept.', {
      'Idempotency-Replayed': '`true` when the new job was made before.',
    }),
  },
  problems: [
    'job_not_found',
    'job_purged',
    'tenant_erased',
    'job_not_retryable',
    'model_not_found',
    'version_not_available',
    'kind_not_supported',
    'invalid_input',
    'input_too_costly',
    'webhook_not_allowed',
    'idempotency_mismatch',
    'submit_refused',
    'hook_failed',
    'tenant_limit',
    'too_many_submits',
    'too_many_checks',
    'checks_full',
    'queue_full',
    'storage_pressure',
    'store_full',
    'device_seconds_limit',
    'stored_bytes_limit',
  ],
}

const BODY_BYTES = 4096

type RerunDeps = JobRouteDeps & Omit<SubmitDeps, 'models' | 'config'> & { jobs: JobControl; models: ModelReader }

export function rerunRoutes(router: Router, deps: RerunDeps): void {
  router.add(route, async (c) => {
    const id = jobIdOf(c)
    const { version } = parseRequest(requestSchema, await smallJsonOrNothing(c, BODY_BYTES))
    if (version !== undefined) return answerRerun(c, deps, version)
    const result = found(await deps.jobs.rerun(id, tenantOf(c)))
    if (result.outcome === 'refused') throw new ProblemError('job_not_retryable')
    if (result.outcome === 'full') throw new ProblemError('storage_pressure', { retryAfter: 5 })
    return answerJob(c, deps, result.record, { status: 202 })
  })
}

async function answerRerun(c: ApiContext, deps: RerunDeps, version: string): Promise<Response> {
  const { record: old } = found(await deps.jobs.get(jobIdOf(c), { tenant: tenantOf(c) }))
  const state = await deps.models.get(old.model)
  if (!state) throw new ProblemError('model_not_found')
  const model = state.manifest
  const idempotencyKey = c.req.header('idempotency-key')
  const principal = principalOf(c)
  const { record, replayed, rateLimit } = await rerunJob(deps, old, { principal, model, version, idempotencyKey })
  c.set('jobId', record.id)
  return answerJob(c, deps, record, {
    status: 202,
    headers: { ...(replayed && { 'idempotency-replayed': 'true' }), ...rateLimitHeaders(rateLimit) },
  })
}
