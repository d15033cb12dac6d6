/** /fal/run: a request that is answered with its output, and `/stream` below it. */
import { isTerminal, type JobRecord } from '@millrace/contracts'
import { streamJob } from '../../events/event-routes.ts'
import type { Wire } from '../../events/event-wire.ts'
import type { ApiContext } from '../../http/api-deps.ts'
import { tenantOf } from '../../http/router.ts'
import type { DialectDeps, DialectRouter } from '../dialect.ts'
import { MOST_WAIT } from '../intake.ts'
import { falJob } from './fal-job.ts'
import { QUIET, resultOf } from './queue-routes.ts'

const APP = '/fal/run/{owner}/{app}'

export function runRoutes(router: DialectRouter, deps: DialectDeps): void {
  const route = { method: 'post', audit: 'none', scope: 'jobs:write' } as const
  const run = async (c: ApiContext): Promise<Response> => {
    const record = await deps.doorway.json(c, (input) => falJob(c, deps, input), { seconds: MOST_WAIT })
    if (isTerminal(record.status)) return resultOf(c, deps, record)
    // It goes on, and the queue knows it by this id. Neither client sends it again for this status.
    const headers = { 'x-fal-request-id': record.id, 'x-fal-request-timeout-type': 'user', 'x-should-retry': 'false' }
    const detail = `Still running: ask the queue for ${record.id}`
    return c.json({ detail, error_type: 'request_timeout', request_id: record.id }, 504, headers)
  }
  router.addUnlisted({ ...route, path: APP, operation: 'falRun' }, run)
  router.addUnlisted({ ...route, path: `${APP}/*`, operation: 'falRunBelow' }, (c) =>
    c.req.path.endsWith('/stream') ? stream(c, deps) : run(c),
  )
}

async function stream(c: ApiContext, deps: DialectDeps): Promise<Response> {
  const place = await deps.streams.enter(tenantOf(c))
  let record: JobRecord
  try {
    record = await deps.doorway.json(c, (input) => falJob(c, deps, input))
  } catch (error) {
    place.leave()
    throw error
  }
  const describe = async (last: JobRecord) => (await resultOf(c, deps, last)).text()
  const told = { format: 'sse', wire: outputWire(), describe, after: '', showJob: undefined } as const
  return streamJob(c, deps, place, { record, reader: { tenant: record.tenant }, ...told })
}

/** Each piece of the output, then the output. */
const outputWire = (): Wire => ({
  ...QUIET,
  note: () => '',
  event: ({ event }) => {
    if (event.type !== 'output') return ''
    const isObject = typeof event.chunk === 'object' && event.chunk !== null
    return `data: ${JSON.stringify(isObject ? event.chunk : { output: event.chunk })}\n\n`
  },
  done: (_, json) => `data: ${json}\n\n`,
})
