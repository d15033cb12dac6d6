/** POST /v1/cancellations and GET /v1/cancellations/{id}: canceling all jobs that match, and how far that is. */
import { pause } from '@millrace/async'
import { type Cancellation, cancellationRequestSchema, cancellationSchema, ProblemError } from '@millrace/contracts'
import type { Cancellations } from '@millrace/queue'
import { z } from 'zod'
import type { ApiDeps } from '../http/api-deps.ts'
import { noteAudit } from '../http/audit/auditor.ts'
import { smallJsonOrNothing } from '../http/body/small-json.ts'
import { linkBase } from '../http/links.ts'
import { parseRequest } from '../http/request-faults.ts'
import { json, principalOf, type Route, type Router, tenantOf } from '../http/router.ts'

const beginRoute: Route = {
  method: 'post',
  path: '/v1/cancellations',
  operation: 'cancelJobs',
  audit: 'jobs.cancel',
  summary: 'Cancel all jobs that match',
  description:
    'Jobs that wait are canceled, jobs that run are told to stop, jobs that were submitted later are not touched. It is done page by page and survives the end of any process. Sent twice, it is a second cancellation, which finds what has come since.',
  tag: 'Jobs',
  scope: 'jobs:cancel',
  request: { body: { required: true, content: { 'application/json': { schema: cancellationRequestSchema } } } },
  problems: ['model_not_allowed'],
  responses: { 202: json('It goes on; read it again to see how far it is.', cancellationSchema) },
}

const readRoute: Route = {
  method: 'get',
  path: '/v1/cancellations/{id}',
  operation: 'getCancellation',
  summary: 'Read how far a cancellation of many jobs is',
  tag: 'Jobs',
  scope: 'jobs:read',
  request: { params: z.object({ id: z.string().max(64) }) },
  responses: { 200: json('What it has done. It is known for 7 days.', cancellationSchema) },
  problems: ['cancellation_not_found'],
}

type CancellationDeps = Pick<ApiDeps, 'cancellations' | 'config' | 'closing'>

/** From one page to the next. Milliseconds. */
const PAGE_MS = 5

export function cancellationRoutes(router: Router, { cancellations, config, closing }: CancellationDeps): void {
  const read = async (id: string, tenant: string): Promise<Cancellation> => {
    const found = await cancellations.get(id, tenant)
    if (!found) throw new ProblemError('cancellation_not_found')
    return found
  }

  router.add(beginRoute, async (c) => {
    const filter = parseRequest(cancellationRequestSchema, await smallJsonOrNothing(c))
    const { tenant, models: own } = principalOf(c)
    if (own && filter.model && !own.names.has(filter.model)) throw new ProblemError('model_not_allowed')
    const { id, models } = await cancellations.begin(tenant, filter, own?.names)
    noteAudit(c, { subject: id, after: { ...filter } })
    // Few jobs are done at once. More of them, or what fails here, is upkeep, which does the same.
    const rest = await firstPages(cancellations, models)
    void goOn(cancellations, rest, closing).catch(() => undefined)
    return c.json(await read(id, tenant), 202, { location: `${linkBase(c, config.publicUrl)}/v1/cancellations/${id}` })
  })

  router.add(readRoute, async (c) => c.json(await read(c.req.param('id') ?? '', tenantOf(c))))
}

/** Answers in which models there is more to do. */
async function firstPages(cancellations: Cancellations, models: readonly string[]): Promise<string[]> {
  const left: string[] = []
  for (const model of models) if (await cancellations.page(model).catch(() => true)) left.push(model)
  return left
}

/** Upkeep lives in workers, and a line is often emptied because none is there: so this process goes on by itself. */
async function goOn(cancellations: Cancellations, models: readonly string[], closing?: AbortSignal): Promise<void> {
  for (const model of models) {
    while (!closing?.aborted && (await cancellations.page(model))) await pause(PAGE_MS)
  }
}
