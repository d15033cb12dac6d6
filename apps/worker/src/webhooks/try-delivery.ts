/** One try of a leased delivery, and what it means for it. Called by the dispatcher. */
import { type DeliveryTry, WEBHOOK_TEST_EVENT } from '@millrace/contracts'
import type { LeasedDelivery, LeaseEnd } from '@millrace/queue'
import { type Deliverer, type DeliveryResult, nextTryDelayMs } from '@millrace/webhooks'
import type { WebhookBodies } from './webhook-bodies.ts'
import type { EndpointNews, WebhookReceivers } from './webhook-receivers.ts'

/**
 * What nobody took for so long is given up, however few tries it had: while much waits for a receiver that is down, few are
 * made. Longer than all tries take, and as long as an endpoint may fail.
 */
const GIVE_UP_MS = 5 * 24 * 60 * 60 * 1000
/** What a deferral may add to its age: the longer it waits, the less often it is looked at. */
const DEFERRED_SHARE = 0.2

export interface TryDeps {
  deliverer: Pick<Deliverer, 'deliver'>
  bodies: Pick<WebhookBodies, 'of' | 'signer'>
  receivers: Pick<WebhookReceivers, 'receiver'>
  now: () => number
  timeScale: number
  random?: () => number
}

/** Rejects when `signal` aborts, when Redis is away, and when a secret cannot be used; then it is as if it never was. */
export async function tryDelivery(deps: TryDeps, delivery: LeasedDelivery, signal: AbortSignal): Promise<LeaseEnd> {
  const body = await deps.bodies.of(delivery)
  const receiver = body === undefined ? undefined : await deps.receivers.receiver(delivery)
  if (body === undefined || !receiver) return { outcome: 'skipped' }
  const at = new Date(deps.now()).toISOString()
  const startedMs = performance.now()
  const { tenant, webhookId: id } = delivery
  const sign = deps.bodies.signer(delivery, body)
  const result = await deps.deliverer.deliver({ ...receiver, tenant, id, body, sign, insist: isTest(delivery), signal })
  if (result.outcome === 'deferred') return whileDeferred(deps, delivery, result)
  const made = tryOf(result, at, performance.now() - startedMs)
  return { ...endOf(deps, delivery, result, made), host: new URL(receiver.url).host }
}

/** What it says of the endpoint; undefined when nothing. */
export function newsOf(end: LeaseEnd): EndpointNews | undefined {
  if (!('try' in end) || !end.try) return undefined
  if (end.outcome === 'delivered') return 'arrived'
  return end.try.status === 410 ? 'gone' : 'failed'
}

const isTest = ({ event }: Pick<LeasedDelivery, 'event'>): boolean => event === WEBHOOK_TEST_EVENT

type TriedEnd = Exclude<LeaseEnd, { outcome: 'later' | 'lane' }>
type Deferral = Extract<DeliveryResult, { outcome: 'deferred' }>
type Verdict = Exclude<DeliveryResult, Deferral>

function tryOf(result: Verdict, at: string, durationMs: number): DeliveryTry {
  const error = result.outcome === 'delivered' ? null : result.outcome === 'gone' ? 'bad_status' : result.error
  return { at, status: result.status, error, duration_ms: Math.round(durationMs) }
}

/** Milliseconds until it is given up. */
const leftMs = ({ now, timeScale }: Pick<TryDeps, 'now' | 'timeScale'>, { since }: LeasedDelivery): number =>
  Date.parse(since) + GIVE_UP_MS * timeScale - now()

function whileDeferred(deps: TryDeps, delivery: LeasedDelivery, { reason, retryInMs }: Deferral): LeaseEnd {
  if (reason === 'host_busy') return { outcome: 'lane', delayMs: retryInMs }
  const left = leftMs(deps, delivery)
  if (left <= 0) return { outcome: 'failed' }
  // All that waits for an endpoint has one address; of a host only this address is known to fail.
  if (delivery.endpointId !== null) return { outcome: 'lane', delayMs: retryInMs }
  const ageMs = deps.now() - Date.parse(delivery.since)
  return { outcome: 'later', delayMs: Math.min(Math.max(retryInMs, ageMs * DEFERRED_SHARE), left) }
}

/** What a try means for its delivery: whether it is tried again, and when. */
export function endOf(
  deps: Pick<TryDeps, 'now' | 'timeScale' | 'random'>,
  delivery: LeasedDelivery,
  result: { outcome: Verdict['outcome']; retryAfterSeconds?: number },
  last: DeliveryTry,
): TriedEnd {
  if (result.outcome !== 'failed') return { outcome: result.outcome === 'gone' ? 'failed' : 'delivered', try: last }
  // A test is looked at by whoever asked for it: one try.
  const { retryAfterSeconds } = result
  const { timeScale, random } = deps
  const isLast = isTest(delivery) || leftMs(deps, delivery) <= 0
  const next = { tries: delivery.made + 1, retryAfterSeconds, timeScale, random }
  const delayMs = isLast ? null : nextTryDelayMs(next)
  return delayMs === null ? { outcome: 'failed', try: last } : { outcome: 'again', try: last, delayMs }
}
