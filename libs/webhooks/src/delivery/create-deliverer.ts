/**
 * Sends one try of a webhook, with limits on time, size and number. It follows no redirect and reaches no address of
 * the own network. Called by the dispatcher, which keeps the deliveries and decides what to do next.
 */
import { createBulkhead, startDeadline } from '@millrace/async'
import type { DeliveryError } from '@millrace/contracts'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { AddressGuard } from '../guard/address-guard.ts'
import { AddressNotAllowedError } from '../guard/address-not-allowed-error.ts'
import { type CircuitPass, createDeliveryCircuits } from './create-delivery-circuits.ts'
import { createExchanges, type Exchanges } from '../requests/exchange.ts'
import { exchangeFaultOf } from '../requests/exchange-fault.ts'
import { parseRetryAfter } from './parse-retry-after.ts'
import { signWebhook } from './sign-webhook.ts'

/** Times in milliseconds, sizes in bytes. */
export const DELIVERY_LIMITS = {
  /** One try, from the name lookup to the status. */
  totalMs: 15_000,
  connectMs: 5_000,
  /** The most that the headers of an answer may have. */
  headerBytes: 16 * 1024,
  /** So much of the answer's body is read, so that the connection can be used again. Nothing of it is kept. */
  answerBytes: 64 * 1024,
  /** How long to wait for the body. The status has already decided the result. */
  answerMs: 1_000,
  /** The most tries in flight: of one tenant to one host, and in all. See createBulkhead. */
  perHost: 4,
  inAll: 128,
  /** See CircuitOptions. */
  failures: 5,
  openMs: 10_000,
  longestOpenMs: 600_000,
  endpoints: 10_000,
  /** About how long to wait when a host is busy. */
  busyMs: 1_000,
} as const
export type DeliveryLimits = { [Name in keyof typeof DELIVERY_LIMITS]: number }

export interface DelivererOptions {
  guard: AddressGuard
  /** Values that replace those of DELIVERY_LIMITS. */
  limits?: Partial<DeliveryLimits>
  /** Milliseconds since 1970. Used to sign the tries and to time the circuits. Default: Date.now. */
  now?: () => number
  random?: () => number
}

export interface Delivery {
  /** The owner of the delivery. When a receiver fails for one tenant, another tenant with the same receiver is not affected. */
  tenant: string
  url: string
  /** The `webhook-id`: the same on every try. */
  id: string
  /** JSON text. It is sent exactly as it is. */
  body: string
  /** One or several secrets of the form `whsec_…`. */
  secrets: readonly string[]
  /** More headers, for receivers that check the signature of another platform: made for each try, by its time in seconds since 1970. */
  sign?: (timestampSeconds: number) => Promise<Record<string, string>>
  /** True: send even when the circuit is open, because somebody wants the result now. */
  insist?: boolean
  signal?: AbortSignal
}

export type DeliveryResult =
  /** The receiver has it. */
  | { outcome: 'delivered'; status: number }
  /** A try that failed. `status` is null when there was no answer. */
  | { outcome: 'failed'; status: number | null; error: DeliveryError; retryAfterSeconds?: number }
  /** The receiver wants no more webhooks: disable the endpoint. */
  | { outcome: 'gone'; status: 410 }
  /** Nothing was sent, and this does not count as a try. */
  | { outcome: 'deferred'; reason: 'host_busy' | 'circuit_open'; retryInMs: number }

export interface Deliverer {
  /**
   * Makes one try. Rejects only when `signal` aborts, with TypeError when a secret cannot be used, or as `sign` does. After an
   * abort it is not known whether the receiver has the webhook.
   */
  deliver(delivery: Delivery): Promise<DeliveryResult>
  /** Resolves when no try is in flight any more. */
  close(): Promise<void>
}

/** Makes a deliverer with its own connections. It holds the circuits and the counts, so a process should have only one. */
export function createDeliverer({
  guard,
  limits: given,
  now = Date.now,
  random = Math.random,
}: DelivererOptions): Deliverer {
  const limits: DeliveryLimits = { ...DELIVERY_LIMITS, ...given }
  const exchanges = createExchanges(guard.connector('webhook', { timeoutMs: limits.connectMs }), limits.headerBytes)
  const bulkhead = createBulkhead(limits)
  const circuits = createDeliveryCircuits({ ...limits, probeMs: limits.totalMs, now })
  /** Adds up to a fifth, so that deliveries that were deferred together do not come back together. */
  const spread = (ms: number) => Math.ceil(ms * (1 + 0.2 * random()))

  return {
    async deliver(delivery) {
      delivery.signal?.throwIfAborted()
      const url = checked(guard, delivery.url)
      if (!url) return { outcome: 'failed', status: null, error: 'address_not_allowed' }
      const timestampSeconds = Math.floor(now() / 1000)
      const own = signWebhook({ ...delivery, timestampSeconds })
      const release = bulkhead.enter(delivery.tenant, url.host)
      if (!release) return { outcome: 'deferred', reason: 'host_busy', retryInMs: spread(limits.busyMs) }
      try {
        const receiver = `${delivery.tenant} ${url.origin}${url.pathname}`
        const pass = circuits.enter(receiver, delivery.insist)
        if ('waitMs' in pass) return { outcome: 'deferred', reason: 'circuit_open', retryInMs: spread(pass.waitMs) }
        return await judged(pass, async () => {
          const headers = { ...own, ...(await delivery.sign?.(timestampSeconds)) }
          return post(exchanges, url, headers, delivery, limits, now)
        })
      } finally {
        release()
      }
    },
    close: () => exchanges.close(),
  }
}

function checked(guard: AddressGuard, url: string): URL | undefined {
  try {
    return guard.check(url, 'webhook')
  } catch (error) {
    if (error instanceof AddressNotAllowedError) return undefined
    throw error
  }
}

/** Tells the circuit how a try went. An endpoint that answers "gone" is alive, so it counts as a success. */
async function judged(pass: CircuitPass, run: () => Promise<DeliveryResult>): Promise<DeliveryResult> {
  let result: DeliveryResult
  try {
    result = await run()
  } catch (error) {
    pass.left()
    throw error
  }
  if (result.outcome === 'failed') pass.failed()
  else pass.succeeded()
  return result
}

async function post(
  exchanges: Exchanges,
  url: URL,
  signature: Record<string, string>,
  { body, signal }: Delivery,
  limits: DeliveryLimits,
  now: () => number,
): Promise<DeliveryResult> {
  const deadline = startDeadline(limits.totalMs, { signal })
  try {
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'Millrace-Webhooks/1',
      'accept-encoding': 'identity',
      ...signature,
    }
    const answer = await exchanges.send(url, { method: 'POST', headers, body, signal: deadline.signal })
    await readAway(answer.body, limits)
    return verdict(answer.status, answer.headers, now)
  } catch (error) {
    signal?.throwIfAborted()
    return { outcome: 'failed', status: null, error: exchangeFaultOf(error) }
  } finally {
    deadline.end()
  }
}

/**
 * Reads a small body and forgets it, and cuts a large, slow or broken one, because the status has already decided the
 * result. Nothing is inflated.
 */
async function readAway(body: IncomingMessage, limits: DeliveryLimits): Promise<void> {
  const timer = setTimeout(() => body.destroy(), limits.answerMs)
  let read = 0
  try {
    for await (const chunk of body) {
      read += (chunk as Buffer).length
      if (read >= limits.answerBytes) break
    }
  } catch {
    // A body that breaks does not change the result.
  } finally {
    clearTimeout(timer)
    body.destroy()
  }
}

function verdict(status: number, headers: IncomingHttpHeaders, now: () => number): DeliveryResult {
  if (status >= 200 && status < 300) return { outcome: 'delivered', status }
  if (status === 410) return { outcome: 'gone', status }
  const retryAfterSeconds = parseRetryAfter(headers['retry-after'], now())
  const error = status < 400 ? 'redirected' : 'bad_status'
  return { outcome: 'failed', status, error, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) }
}
