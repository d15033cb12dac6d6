/** The line of an endpoint as RunPod's clients see and empty it. What they see are the jobs of their own tenant. */
import { pause } from '@millrace/async'
import { LIMITS } from '@millrace/contracts'
import type { ApiContext } from '../../http/api-deps.ts'
import { noteAudit } from '../../http/audit/auditor.ts'
import { type UnlistedRoute, tenantOf } from '../../http/router.ts'
import { findNamed } from '../../models/find-model.ts'
import { principalOf } from '../../http/router.ts'
import type { ModelState } from '@millrace/queue'
import type { DialectDeps, DialectRouter } from '../dialect.ts'

const healthRoute: UnlistedRoute = {
  ...{ method: 'get', path: '/runpod/v2/{endpoint}/health', operation: 'runpodHealth' },
  scope: 'models:read',
}
const purgeRoute: UnlistedRoute = {
  ...{ method: 'post', path: '/runpod/v2/{endpoint}/purge-queue', operation: 'runpodPurgeQueue' },
  ...{ audit: 'jobs.cancel', scope: 'jobs:cancel' },
}

/** From one page to the next. Milliseconds. */
const PAGE_MS = 5

type QueueDeps = Pick<DialectDeps, 'models' | 'jobs' | 'queues' | 'usage' | 'cancellations' | 'closing'>

export function runpodQueueRoutes(router: DialectRouter, deps: QueueDeps): void {
  const modelOf = (c: ApiContext): Promise<ModelState> =>
    findNamed(deps.models, principalOf(c), c.req.param('endpoint'))
  router.addUnlisted(healthRoute, async (c) => c.json(await healthOf(c, deps, await modelOf(c))))
  router.addUnlisted(purgeRoute, async (c) => {
    const { manifest } = await modelOf(c)
    return c.json({ removed: await emptyLine(c, deps, manifest.name), status: 'completed' })
  })
}

async function healthOf(c: ApiContext, deps: QueueDeps, state: ModelState): Promise<Record<string, unknown>> {
  const { manifest, pauses, running, workers } = state
  const model = manifest.name
  const [{ counts }, { slots }, retried] = await Promise.all([
    deps.jobs.count({ tenant: tenantOf(c), models: new Set([model]), filter: { model } }),
    deps.queues.look(model, { pauses, running }),
    retriesOf(deps.usage, model, tenantOf(c)),
  ])
  const busy = slots === 0 ? 0 : Math.min(workers, Math.ceil((running / slots) * workers))
  return {
    jobs: {
      ...{ completed: counts.succeeded, failed: counts.failed },
      ...{ inProgress: counts.running, inQueue: counts.queued, retried },
    },
    workers: { idle: workers - busy, initializing: 0, ready: workers, running: busy, throttled: 0, unhealthy: 0 },
  }
}

/** How often jobs of the tenant came back into the line, by themselves or because a client asked, as long as that is known. */
async function retriesOf(usage: QueueDeps['usage'], model: string, tenant: string): Promise<number> {
  const to = await usage.today()
  let sum = 0
  for (let from: number | undefined = to - LIMITS.usageDays; from !== undefined && from <= to; ) {
    const { buckets, next } = await usage.read(model, tenant, { from, to })
    for (const { counts } of buckets) sum += counts.retried + counts.reran
    from = next
  }
  return sum
}

/** Cancels what waits, and answers how many these were. What runs goes on. */
async function emptyLine(c: ApiContext, { cancellations, closing }: QueueDeps, model: string): Promise<number> {
  const tenant = tenantOf(c)
  const { id } = await cancellations.begin(tenant, { model, status: 'queued' }, new Set([model]))
  noteAudit(c, { subject: id, after: { model, status: 'queued' } })
  // If this process ends meanwhile, upkeep goes on.
  while (!closing?.aborted && (await cancellations.page(model))) await pause(PAGE_MS)
  return (await cancellations.get(id, tenant))?.canceled ?? 0
}
