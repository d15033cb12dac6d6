/** One try to tell the operator's hook of the end of a job. It is owed, leased and repeated as webhooks are. Called by TriesInHand. */
import type { DeliveryTry } from '@millrace/contracts'
import { type EndedJob, type EndHook, HookError } from '@millrace/hooks'
import type { LeasedDelivery, LeaseEnd } from '@millrace/queue'
import { renderWebhookBody } from '@millrace/webhooks'
import type { FaultLog } from '../fault-log.ts'
import { endOf, type TryDeps } from './try-delivery.ts'

export interface EndHookDeps extends Pick<TryDeps, 'now' | 'timeScale' | 'random'> {
  /** Undefined: this worker has none. It leaves such deliveries to those that have it, until nobody took them for long. */
  endHook: Pick<EndHook, 'tell'> | undefined
  logFault: FaultLog
}

/** Rejects when `signal` aborts; then it is as if it never was. */
export async function tryEndHook(deps: EndHookDeps, delivery: LeasedDelivery, signal: AbortSignal): Promise<LeaseEnd> {
  const job = endedJob(delivery)
  if (!job || !deps.endHook) return { outcome: 'skipped' }
  const at = new Date(deps.now()).toISOString()
  const startedMs = performance.now()
  const tryOf = (error: DeliveryTry['error']): DeliveryTry => {
    return { at, status: null, error, duration_ms: Math.round(performance.now() - startedMs) }
  }
  try {
    await deps.endHook.tell(job, { id: delivery.webhookId, attempt: delivery.total + 1 }, signal)
    return { outcome: 'delivered', try: tryOf(null) }
  } catch (error) {
    if (!(error instanceof HookError)) throw error
    const end = endOf(deps, delivery, { outcome: 'failed' }, tryOf('unreachable'))
    const what = end.outcome === 'failed' ? 'was given up' : 'failed; it is called again'
    deps.logFault(`The hook afterEnd ${what}`, error, { job: job.id })
    return end
  }
}

/** Undefined when the job was purged. */
function endedJob({ facts, record, publicUrl }: LeasedDelivery): EndedJob | undefined {
  if (facts === null || record === null) return undefined
  const { data } = JSON.parse(renderWebhookBody(facts, record, publicUrl)) as { data: Omit<EndedJob, 'tenant'> }
  return { ...data, tenant: record.tenant }
}
