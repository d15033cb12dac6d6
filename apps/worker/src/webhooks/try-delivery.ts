/** One try of a leased delivery, and what it means for it. Called by the dispatcher. */
import type { DeliveryTry } from '@millrace/contracts'
import type { LeasedDelivery, LeaseEnd } from '@millrace/queue'
import {
  type Deliverer,
  type DeliveryResult,
  nextTryDelayMs,
  renderTestWebhookBody,
  renderWebhookBody,
} from '@millrace/webhooks'
import type { EndpointNews, WebhookReceivers } from './webhook-receivers.ts'

export interface TryDeps {
  deliverer: Pick<Deliverer, 'deliver'>
  receivers: WebhookReceivers
  now: () => number
  timeScale: number
  random?: () => number
}

/** Rejects when `signal` aborts, when Redis is away, and when a secret cannot be used; then it is as if it never was. */
export async function tryDelivery(deps: TryDeps, delivery: LeasedDelivery, signal: AbortSignal): Promise<LeaseEnd> {
  const body = bodyOf(delivery)
  const receiver = body === undefined ? undefined : await deps.receivers.receiver(delivery)
  if (body === undefined || !receiver) return { outcome: 'skipped' }
  const at = new Date(deps.now()).toISOString()
  const startedMs = performance.now()
  const result = await deps.deliverer.deliver({ ...receiver, id: delivery.webhookId, body, signal })
  if (result.outcome === 'deferred') {
    // All that waits for an endpoint has one address; of a host only this address is known to fail.
    const isLane = delivery.endpointId !== null || result.reason === 'host_busy'
    return { outcome: isLane ? 'lane' : 'later', delayMs: result.retryInMs }
  }
  const made = tryOf(result, at, performance.now() - startedMs)
  return { ...endOf(deps, delivery, result, made), host: new URL(receiver.url).host }
}

/** What it says of the endpoint; undefined when nothing. */
export function newsOf(end: LeaseEnd): EndpointNews | undefined {
  if (!('try' in end) || !end.try) return undefined
  if (end.outcome === 'delivered') return 'arrived'
  return end.try.status === 410 ? 'gone' : 'failed'
}

/** Undefined when the job was erased: there is nothing to tell of it any more. */
function bodyOf({ facts, record, publicUrl, createdAt, endpointId }: LeasedDelivery): string | undefined {
  if (facts === null) return renderTestWebhookBody({ at: createdAt, endpointId })
  return record === null ? undefined : renderWebhookBody(facts, record, publicUrl)
}

type TriedEnd = Exclude<LeaseEnd, { outcome: 'later' | 'lane' }>
type Verdict = Exclude<DeliveryResult, { outcome: 'deferred' }>

function tryOf(result: Verdict, at: string, durationMs: number): DeliveryTry {
  const error = result.outcome === 'delivered' ? null : result.outcome === 'gone' ? 'bad_status' : result.error
  return { at, status: result.status, error, duration_ms: Math.round(durationMs) }
}

function endOf(deps: TryDeps, { made, facts }: LeasedDelivery, result: Verdict, last: DeliveryTry): TriedEnd {
  if (result.outcome !== 'failed') return { outcome: result.outcome === 'gone' ? 'failed' : 'delivered', try: last }
  // A test is looked at by whoever asked for it: one try.
  const { retryAfterSeconds } = result
  const { timeScale, random } = deps
  const delayMs = facts === null ? null : nextTryDelayMs({ tries: made + 1, retryAfterSeconds, timeScale, random })
  return delayMs === null ? { outcome: 'failed', try: last } : { outcome: 'again', try: last, delayMs }
}
