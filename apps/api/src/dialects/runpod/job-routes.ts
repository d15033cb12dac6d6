/** Jobs as RunPod's clients make, read, cancel and retry them. */
import { ProblemError } from '@millrace/contracts'
import { readRunpodRequest } from '@millrace/dialects'
import type { ApiContext } from '../../http/api-deps.ts'
import { type UnlistedRoute, tenantOf } from '../../http/router.ts'
import { found } from '../../jobs/job-context.ts'
import type { DialectDeps, DialectRouter } from '../dialect.ts'
import { type DialectJob, MOST_WAIT } from '../intake.ts'
import { answerRunpodJob, runpodJobOf } from './runpod-job.ts'

const BASE = '/runpod/v2/{endpoint}'
const write = { method: 'post', audit: 'none', scope: 'jobs:write' } as const
const read = { method: 'get', scope: 'jobs:read' } as const

const runRoute: UnlistedRoute = { ...write, path: `${BASE}/run`, operation: 'runpodRun' }
const runSyncRoute: UnlistedRoute = { ...write, path: `${BASE}/runsync`, operation: 'runpodRunSync' }
const statusRoute: UnlistedRoute = { ...read, path: `${BASE}/status/{id}`, operation: 'runpodStatus' }
const statusSyncRoute: UnlistedRoute = { ...read, path: `${BASE}/status-sync/{id}`, operation: 'runpodStatusSync' }
const retryRoute: UnlistedRoute = { ...write, path: `${BASE}/retry/{id}`, operation: 'runpodRetry' }
const cancelRoute: UnlistedRoute = {
  ...{ method: 'post', path: `${BASE}/cancel/{id}`, operation: 'runpodCancel' },
  ...{ audit: 'none', scope: 'jobs:cancel' },
}

export function runpodJobRoutes(router: DialectRouter, deps: DialectDeps): void {
  const { doorway, jobs } = deps
  const submit = async (c: ApiContext, seconds: number): Promise<Response> =>
    answerRunpodJob(c, deps, await doorway.json(c, (body) => jobOf(c.req.param('endpoint') ?? '', body), { seconds }))

  router.addUnlisted(runRoute, (c) => submit(c, 0))
  router.addUnlisted(runSyncRoute, (c) => submit(c, waitOf(c)))
  router.addUnlisted(statusRoute, async (c) => answerRunpodJob(c, deps, await runpodJobOf(c, deps)))
  router.addUnlisted(statusSyncRoute, async (c) =>
    answerRunpodJob(c, deps, await doorway.ended(c, await runpodJobOf(c, deps), waitOf(c))),
  )
  router.addUnlisted(cancelRoute, async (c) => {
    const { id } = await runpodJobOf(c, deps)
    const { record } = found(await jobs.cancel(id, tenantOf(c)))
    // One that runs was told to stop, and RunPod's clients know no word for that.
    const shown =
      record.cancel_requested && record.status === 'running' ? { ...record, status: 'canceled' as const } : record
    return answerRunpodJob(c, deps, shown)
  })
  router.addUnlisted(retryRoute, async (c) => {
    const { id } = await runpodJobOf(c, deps)
    const result = found(await jobs.rerun(id, tenantOf(c)))
    if (result.outcome === 'refused') throw new ProblemError('job_not_retryable')
    if (result.outcome === 'full') throw new ProblemError('storage_pressure', { retryAfter: 5 })
    return answerRunpodJob(c, deps, result.record)
  })
}

/** Clients ask for milliseconds, and poll on when they are answered earlier. One that does not ask waits as long as it may. */
function waitOf(c: ApiContext): number {
  const asked = c.req.query('wait')
  const ms = asked !== undefined && /^\d{1,9}(\.\d+)?$/.test(asked) ? Number(asked) : Number.POSITIVE_INFINITY
  return Math.min(ms / 1000, MOST_WAIT)
}

function jobOf(model: string, body: Record<string, unknown>): DialectJob {
  const asked = readRunpodRequest(body)
  if (!('input' in asked)) throw new ProblemError('invalid_request', { errors: [{ ...asked, code: 'type' }] })
  const { input, ...fields } = asked
  return { model, input, fields, webhookFormat: 'runpod' }
}
