/** What the API is made of, with a limit on how long a request waits for it. Called by createApp. */
import type { ApiDeps } from './api-deps.ts'
import { inStoreTime, limitCalls } from './store-time.ts'

/** Every call of a port that leads to Redis is answered in time or given up. */
export function limitDeps(deps: ApiDeps): ApiDeps {
  const { fileSecret, webhooks } = deps
  return {
    ...deps,
    jobs: limitCalls(deps.jobs),
    models: limitCalls(deps.models),
    workers: limitCalls(deps.workers),
    cancellations: limitCalls(deps.cancellations),
    relocations: limitCalls(deps.relocations),
    erasures: limitCalls(deps.erasures),
    jobActions: limitCalls(deps.jobActions),
    batches: limitCalls(deps.batches),
    ...(deps.repeats && { repeats: limitCalls(deps.repeats) }),
    steering: limitCalls(deps.steering),
    files: limitCalls(deps.files),
    keys: limitCalls(deps.keys),
    tenants: limitCalls(deps.tenants),
    audit: limitCalls(deps.audit),
    usage: limitCalls(deps.usage),
    minutes: limitCalls(deps.minutes),
    queues: limitCalls(deps.queues),
    scaling: limitCalls(deps.scaling),
    webhooks: { settings: limitCalls(webhooks.settings), deliveries: limitCalls(webhooks.deliveries) },
    fileSecret: typeof fileSecret === 'string' ? fileSecret : () => inStoreTime(fileSecret()),
    ready: () => inStoreTime(deps.ready()),
  }
}
