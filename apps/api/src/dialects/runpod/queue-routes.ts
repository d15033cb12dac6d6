/** The line of an endpoint as RunPod's clients see and empty it. What they see are the jobs of their own tenant. */
import { pause } from '@millrace/async'
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

type QueueDeps = Pick<DialectDeps, 'models' | 'jobs' | 'queues' | 'cancellations' | 'closing'>

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
  const [{ counts }, { slots }] = await Promise.all([
    deps.jobs.count({ tenant: tenantOf(c), models: new Set([model]), filter: { model } }),
    deps.queues.look(model, { pauses, running }),
  ])
  const busy = slots === 0 ? 0 : Math.min(workers, Math.ceil((running / slots) * workers))
  return {
    jobs: {
      ...{ completed: counts.succeeded, failed: counts.failed },
      ...{ inProgress: counts.running, inQueue: counts.queued, retried: 0 },
    },
    workers: { idle: workers - busy, initializing: 0, ready: workers, running: busy, throttled: 0, unhealthy: 0 },
  }
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
