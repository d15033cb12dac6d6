/** /fal/queue: submit, status and its stream, result, cancel. */
import type { JobRecord } from '@millrace/contracts'
import { falDetail, falFailure, falFile, falOutput, falStatusOf, toQueueStatus } from '@millrace/dialects'
import { streamJob } from '../../events/event-routes.ts'
import type { Wire } from '../../events/event-wire.ts'
import type { ApiContext } from '../../http/api-deps.ts'
import { linkBase } from '../../http/links.ts'
import { tenantOf } from '../../http/router.ts'
import { found, jobIdOf } from '../../jobs/job-context.ts'
import type { DialectDeps, DialectRouter } from '../dialect.ts'
import { JobLog } from '../job-log.ts'
import { falJob } from './fal-job.ts'

const APP = '/fal/queue/{owner}/{app}'
const REQUEST = `${APP}/requests/{id}`

export function queueRoutes(router: DialectRouter, deps: DialectDeps): void {
  const { doorway } = deps
  const read = { method: 'get', scope: 'jobs:read' } as const
  const one = (c: ApiContext) => doorway.read(c, jobIdOf(c))

  router.addUnlisted({ ...read, path: `${REQUEST}/status`, operation: 'falStatus' }, async (c) => {
    const record = await one(c)
    return c.json(await statusOf(c, deps, record), falStatusOf(record) === 'COMPLETED' ? 200 : 202)
  })
  router.addUnlisted({ ...read, path: `${REQUEST}/status/stream`, operation: 'falStatusStream' }, async (c) => {
    const record = await one(c)
    const place = await deps.streams.enter(tenantOf(c))
    const describe = async (last: JobRecord) => JSON.stringify(await statusOf(c, deps, last))
    const told = { format: 'sse', wire: statusWire(record, requestsOf(c, deps, record), hasLogs(c)), describe } as const
    return streamJob(c, deps, place, {
      record,
      reader: { tenant: record.tenant },
      ...told,
      after: '',
      showJob: undefined,
    })
  })
  router.addUnlisted({ ...read, path: REQUEST, operation: 'falResult' }, async (c) => resultOf(c, deps, await one(c)))
  const cancel = { method: 'put', audit: 'none', scope: 'jobs:cancel' } as const
  router.addUnlisted({ ...cancel, path: `${REQUEST}/cancel`, operation: 'falCancel' }, async (c) => {
    const before = await one(c)
    if (before.finished_at !== null) return c.json({ status: 'ALREADY_COMPLETED' }, 400, { 'x-should-retry': 'false' })
    found(await deps.jobs.cancel(before.id, before.tenant))
    return c.json({ status: 'CANCELLATION_REQUESTED' }, 202)
  })

  const submit = { method: 'post', audit: 'none', scope: 'jobs:write' } as const
  const take = async (c: ApiContext) => {
    const record = await doorway.json(c, (input) => falJob(c, deps, input))
    return c.json(await statusOf(c, deps, record))
  }
  router.addUnlisted({ ...submit, path: APP, operation: 'falSubmit' }, take)
  router.addUnlisted({ ...submit, path: `${APP}/*`, operation: 'falSubmitBelow' }, take)
}

/** A result that is there: the output, or why there is none. */
export async function resultOf(c: ApiContext, deps: DialectDeps, record: JobRecord): Promise<Response> {
  c.header('x-fal-request-id', record.id)
  if (record.finished_at === null) return c.json({ detail: 'Request is still in progress' }, 400)
  if (record.status === 'succeeded') {
    const base = linkBase(c, deps.config.publicUrl)
    return c.json(falOutput(await deps.values.output(record, base, falFile, falFile)))
  }
  const failure = falFailure(record)
  const headers = {
    ...{ 'content-type': 'application/json', 'x-fal-error-type': failure.type, 'x-should-retry': 'false' },
    // Says to both clients that asking again changes nothing.
    ...(failure.status === 504 && { 'x-fal-request-timeout-type': 'user' }),
  }
  return c.newResponse(JSON.stringify(falDetail(failure)), failure.status as 422, headers)
}

const hasLogs = (c: ApiContext): boolean => ['1', 'true'].includes(c.req.query('logs') ?? '')

const requestsOf = (c: ApiContext, { config }: DialectDeps, { model }: JobRecord): string =>
  `${linkBase(c, config.publicUrl)}/fal/queue/${c.req.param('owner')}/${c.req.param('app') ?? model}/requests`

export async function statusOf(c: ApiContext, deps: DialectDeps, record: JobRecord): Promise<Record<string, unknown>> {
  const isAsked = hasLogs(c)
  const place = record.status === 'queued' ? await deps.jobs.place(record) : undefined
  const said = isAsked ? await new JobLog(deps).read(record) : undefined
  const lines = said?.logs.split('\n').filter((line) => line !== '') ?? []
  const logs = lines.map((message) => logLine(message, record.started_at ?? record.created_at))
  const ahead = place?.ahead ?? null
  return toQueueStatus({ record, ahead, logs: isAsked ? logs : undefined, requests: requestsOf(c, deps, record) })
}

const logLine = (message: string, timestamp: string) => ({ message, timestamp, level: 'INFO', source: 'USER' }) as const

/** The client of Python takes each block for an event with JSON, unless it is a comment alone. */
export const QUIET = { opening: ':\n\n', heartbeat: ':\n\n' } as const

/** Every change of its status, and each line of its log as it comes. */
function statusWire(record: JobRecord, requests: string, tellsLogs: boolean): Wire {
  let status: JobRecord['status'] = 'queued'
  const say = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`
  const now = (logs?: ReturnType<typeof logLine>[]) =>
    toQueueStatus({ record: { ...record, status }, ahead: null, logs, requests })
  return {
    ...QUIET,
    note: () => '',
    event: ({ event, at }) => {
      if (event.type === 'log' && tellsLogs) return say(now([logLine(event.message, at)]))
      if (event.type !== 'status') return ''
      status = event.status
      // The end is told by what follows: with its figures.
      return falStatusOf({ status }) === 'COMPLETED' ? '' : say(now())
    },
    done: (_, json) => `data: ${json}\n\n`,
  }
}
