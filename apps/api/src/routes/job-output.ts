/** GET /v1/jobs/{id}/output: the output alone, of any size, streamed when it is large. */
import { Readable } from 'node:stream'
import { isTerminal, type JobRecord, type JsonValue, ProblemError } from '@millrace/contracts'
import { z } from 'zod'
import { fileViews } from '../job-view.ts'
import { linkBase } from '../links.ts'
import { JsonSplicer, spliceJson } from '../splice-json.ts'
import { storeBudget } from '../store-budget.ts'
import { found, jobIdOf, jobParams, type JobRouteDeps } from './job-context.ts'
import { json, type Route, type Router, tenantOf } from './route.ts'
import { readObject } from './send-object.ts'

const route: Route = {
  method: 'get',
  path: '/v1/jobs/{id}/output',
  summary: "Read a job's output",
  tag: 'Jobs',
  request: { params: jobParams },
  responses: {
    200: json(
      "What the model gave, or had given before the job failed or was canceled; each file as in the job's `output`.",
      z.unknown(),
    ),
  },
  problems: ['job_not_found', 'job_purged', 'job_not_finished', 'job_has_no_output'],
}

export function addJobOutput(router: Router, deps: JobRouteDeps): void {
  router.add(route, async (c) => {
    const record = found(await storeBudget()(deps.jobs.get(jobIdOf(c), tenantOf(c))))
    const output = outputOf(record)
    const views = await fileViews(record.output_files, deps.signer, linkBase(c, deps.config.publicUrl))
    c.header('content-type', 'application/json')
    if ('inline' in output) return c.body(new JsonSplicer(views).push(output.inline))
    const { key, size } = output.stored
    if (views.size === 0) c.header('content-length', String(size))
    // A HEAD would leave the stream open: nobody reads it.
    if (c.req.method === 'HEAD') return c.body(null)
    const stream = await readObject(deps.objects, key)
    const text =
      views.size === 0 ? stream : Readable.from(spliceJson(stream.setEncoding('utf8'), views), { objectMode: false })
    return c.body(Readable.toWeb(text) as ReadableStream)
  })
}

function outputOf({ status, output }: JobRecord): JsonValue {
  if (!isTerminal(status)) throw new ProblemError('job_not_finished')
  if (output === null) throw new ProblemError('job_has_no_output')
  return output
}
