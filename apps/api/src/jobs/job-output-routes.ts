/** GET /v1/jobs/{id}/output: the output alone, of any size, streamed when it is large. */
import { isTerminal, type JobRecord, type JsonValue, ProblemError } from '@millrace/contracts'
import { z } from 'zod'
import { fileViews } from '../views/job-view.ts'
import { linkBase } from '../http/links.ts'
import { JsonSplicer, spliceJson } from '../views/splice-json.ts'
import { found, jobIdOf, jobParams, type JobRouteDeps } from './job-context.ts'
import { json, type Route, type Router, tenantOf } from '../http/router.ts'
import { assertThere, bodyOf, openObject } from '../http/send-object.ts'

const route: Route = {
  method: 'get',
  path: '/v1/jobs/{id}/output',
  operation: 'getJobOutput',
  summary: "Read a job's output",
  tag: 'Jobs',
  scope: 'jobs:read',
  request: { params: jobParams },
  responses: {
    200: json(
      "What the model gave, or had given before the job failed or was canceled; each file as in the job's `output`.",
      z.unknown(),
    ),
  },
  problems: ['job_not_found', 'job_purged', 'job_not_finished', 'job_has_no_output', 'object_damaged'],
}

export function jobOutputRoutes(router: Router, deps: JobRouteDeps): void {
  router.add(route, async (c) => {
    const { record } = found(await deps.jobs.get(jobIdOf(c), { tenant: tenantOf(c) }))
    const output = outputOf(record)
    const views = await fileViews(record.output_files, {
      signer: deps.signer,
      base: linkBase(c, deps.config.publicUrl),
    })
    const type = { 'content-type': 'application/json' }
    if ('inline' in output) return c.body(new JsonSplicer(views).push(output.inline), 200, type)
    const stored = { ...output.stored, gone: 'job_purged' } as const
    const headers = views.size === 0 ? { ...type, 'content-length': String(stored.size) } : type
    // A HEAD would leave the stream open: nobody reads it.
    if (c.req.method === 'HEAD') {
      await assertThere(deps.objects, stored)
      return c.body(null, 200, headers)
    }
    const bytes = await openObject(deps.objects, stored)
    const body = await bodyOf(c, views.size === 0 ? bytes : spliceJson(bytes, views), deps.logger)
    return c.body(body, 200, headers)
  })
}

function outputOf({ status, output }: JobRecord): JsonValue {
  if (!isTerminal(status)) throw new ProblemError('job_not_finished')
  if (output === null) throw new ProblemError('job_has_no_output')
  return output
}
