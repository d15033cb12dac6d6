/** GET /v1/jobs/{id}/output: the output alone, of any size, streamed when it is large. A signed address of it needs no key. */
import { isTerminal, type JobRecord, type JsonValue, ProblemError } from '@millrace/contracts'
import { z } from 'zod'
import type { Authenticate } from '../http/access/authenticate.ts'
import type { ApiContext } from '../http/api-deps.ts'
import { fileViews } from '../views/job-view.ts'
import { linkBase } from '../http/links.ts'
import { JsonSplicer, spliceJson } from '../views/splice-json.ts'
import { found, jobIdOf, jobParams, type JobRouteDeps } from './job-context.ts'
import { json, type Route, type Router } from '../http/router.ts'
import { assertThere, bodyOf, openObject } from '../http/send-object.ts'

const route = {
  method: 'get',
  path: '/v1/jobs/{id}/output',
  operation: 'getJobOutput',
  summary: "Read a job's output",
  description:
    'Without `signature` the key is needed. Other platforms, whose clients are answered here too, are told a signed address of an output that is too large to stand in an answer.',
  tag: 'Jobs',
  scope: 'jobs:read',
  auth: 'signed',
  request: { params: jobParams, query: z.object({ expires: z.string().optional(), signature: z.string().optional() }) },
  responses: {
    200: json(
      "What the model gave, or had given before the job failed or was canceled; each file as in the job's `output`.",
      z.unknown(),
    ),
  },
  problems: ['job_not_found', 'job_purged', 'job_not_finished', 'job_has_no_output', 'object_damaged', 'forbidden'],
} as const satisfies Route

type OutputDeps = JobRouteDeps & { authenticate: Authenticate }

export function jobOutputRoutes(router: Router, deps: OutputDeps): void {
  router.add(route, async (c) => {
    const { record, expires } = await read(c, deps)
    const output = outputOf(record)
    const views = await fileViews(record.output_files, {
      signer: deps.signer,
      base: linkBase(c, deps.config.publicUrl),
      expires,
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

/** The job, for its tenant or for who holds a signed address of its output. `expires`: of that address, in seconds since 1970. */
async function read(c: ApiContext, deps: OutputDeps): Promise<{ record: JobRecord; expires: number | undefined }> {
  const signature = c.req.query('signature')
  if (signature === undefined) {
    const principal = await deps.authenticate(c, route.scope)
    c.set('principal', principal)
    const { record } = found(await deps.jobs.get(jobIdOf(c), { tenant: principal.tenant }))
    return { record, expires: undefined }
  }
  const expires = c.req.query('expires') ?? ''
  const id = jobIdOf(c)
  if (!(await deps.signer.verifyOutput(id, expires, signature))) throw new ProblemError('forbidden')
  const { record } = found(await deps.jobs.get(id, 'signed'))
  c.set('tenant', record.tenant)
  return { record, expires: Number(expires) }
}

function outputOf({ status, output }: JobRecord): JsonValue {
  if (!isTerminal(status)) throw new ProblemError('job_not_finished')
  if (output === null) throw new ProblemError('job_has_no_output')
  return output
}
