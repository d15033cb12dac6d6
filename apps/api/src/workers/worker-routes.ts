/** GET /v1/workers, GET /v1/workers/{id}, POST /v1/workers/{id}/drain and /resume: who is there, and may this host be rebooted. */
import { ProblemError, type WorkerView, workerListSchema, workerViewSchema } from '@millrace/contracts'
import { ownVersion } from '@millrace/process'
import type { KnownWorker, WorkerControl, WorkerReader } from '@millrace/queue'
import { z } from 'zod'
import { pageQuery } from '../http/page-query.ts'
import { parseRequest } from '../http/request-faults.ts'
import { json, type Route, type Router } from '../http/router.ts'

const params = z.object({ id: z.string().min(1).max(64) })
const [tag, scope] = ['Workers', 'admin'] as const
const one = { 200: json('The worker.', workerViewSchema) }
const listQuery = z.strictObject(pageQuery)

const ROUTES = {
  list: {
    method: 'get',
    path: '/v1/workers',
    operation: 'listWorkers',
    ...{ tag, scope },
    summary: 'List workers, newest first',
    description: 'One that ended as it was asked to is gone; one that was lost is shown as `lost` for ten minutes.',
    request: { query: listQuery },
    responses: { 200: json('One page.', workerListSchema) },
  },
  read: {
    method: 'get',
    path: '/v1/workers/{id}',
    operation: 'getWorker',
    ...{ tag, scope },
    summary: 'Read about a worker',
    request: { params },
    responses: one,
    problems: ['worker_not_found'],
  },
  drain: {
    method: 'post',
    path: '/v1/workers/{id}/drain',
    operation: 'drainWorker',
    audit: 'worker.drain',
    ...{ tag, scope },
    summary: 'Let a worker take no more jobs',
    description:
      'It ends what runs, gives back what has not begun, and is `drained` when nothing is in hand. It hears of that within two seconds. This holds until `resume` or the end of its process: a worker that is started again takes jobs.',
    request: { params },
    responses: one,
    problems: ['worker_not_found'],
  },
  resume: {
    method: 'post',
    path: '/v1/workers/{id}/resume',
    operation: 'resumeWorker',
    audit: 'worker.resume',
    ...{ tag, scope },
    summary: 'Let a worker take jobs again',
    request: { params },
    responses: one,
    problems: ['worker_not_found'],
  },
} as const satisfies Record<string, Route>

export function workerRoutes(router: Router, { workers }: { workers: WorkerReader & WorkerControl }): void {
  const read = async (id: string): Promise<WorkerView> => {
    const known = await workers.get(id)
    if (!known) throw new ProblemError('worker_not_found')
    return workerView(known)
  }
  const wish = async (id: string, drain: boolean): Promise<WorkerView> => {
    if (!(await workers.wish(id, drain))) throw new ProblemError('worker_not_found')
    return read(id)
  }

  const version = ownVersion()
  router.add(ROUTES.list, async (c) => {
    const { workers: found, nextCursor } = await workers.list(parseRequest(listQuery, c.req.query()))
    const data = found.map(workerView)
    return c.json({ object: 'list', data, next_cursor: nextCursor, api_version: version })
  })
  router.add(ROUTES.read, async (c) => c.json(await read(c.req.param('id') ?? '')))
  router.add(ROUTES.drain, async (c) => c.json(await wish(c.req.param('id') ?? '', true)))
  router.add(ROUTES.resume, async (c) => c.json(await wish(c.req.param('id') ?? '', false)))
}

/** A wish shows at once; that it is fulfilled, only when the worker says so. */
function workerView({ id, startedAt, lastBeatAt, lost, drainWished, entry }: KnownWorker): WorkerView {
  const told = drainWished && entry.state === 'up' ? 'draining' : entry.state
  return {
    ...{ object: 'worker', id, ...entry, state: lost ? 'lost' : told },
    ...{ started_at: startedAt, last_beat_at: lastBeatAt },
  }
}
