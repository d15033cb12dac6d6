/**
 * Who is told, where, and signed with what: the settings of tenants as the dispatcher needs them, and what it learns of
 * endpoints. Each fan-out and each try goes by the newest; what is told of running jobs may be a moment late.
 */
import type { JobWebhook, WebhookEvent } from '@millrace/contracts'
import {
  type DeliveryTarget,
  type LeasedDelivery,
  secretsAt,
  type StoredEndpoint,
  type TenantWebhooks,
  type WebhookSettings,
} from '@millrace/queue'
import { createWebhookSecret } from '@millrace/webhooks'

const FRESH_MS = 250
const MOST_KEPT = 10_000

export interface Receiver {
  url: string
  secrets: readonly string[]
}

/** What a try said about an endpoint. */
export type EndpointNews = 'arrived' | 'failed' | 'gone'

export interface WebhookReceivers {
  /** Those of an event, by the newest settings when `newest`. */
  targets(
    about: { tenant: string; own: JobWebhook | null; event: WebhookEvent },
    newest: boolean,
  ): Promise<DeliveryTarget[]>
  /** Where a delivery goes; undefined when its endpoint is gone or disabled (a test goes there all the same). */
  receiver(delivery: Pick<LeasedDelivery, 'tenant' | 'endpointId' | 'url' | 'facts'>): Promise<Receiver | undefined>
  /** Keeps what a try said of an endpoint. True when it is disabled because of it. */
  learn(delivery: Pick<LeasedDelivery, 'tenant' | 'endpointId' | 'facts'>, news: EndpointNews): Promise<boolean>
}

export interface WebhookReceiversOptions {
  settings: WebhookSettings
  /** By Redis' clock. */
  now: () => number
  /** How long an endpoint may fail before it is disabled. Milliseconds. */
  failingMs: number
}

export function createWebhookReceivers({ settings, now, failingMs }: WebhookReceiversOptions): WebhookReceivers {
  const known = new Map<string, { readMs: number; value: Promise<TenantWebhooks> }>()

  const read = (tenant: string, newest = false): Promise<TenantWebhooks> => {
    const kept = known.get(tenant)
    if (kept && !newest && performance.now() - kept.readMs < FRESH_MS) return kept.value
    if (known.size >= MOST_KEPT) known.clear()
    const value = settings.get(tenant)
    known.set(tenant, { readMs: performance.now(), value })
    value.catch(() => known.delete(tenant))
    return value
  }

  const change = async (tenant: string, update: Parameters<WebhookSettings['change']>[1]) => {
    const value = settings.change(tenant, update)
    await value
    known.set(tenant, { readMs: performance.now(), value })
    return value
  }

  /** Made when it is first needed: most tenants never ask for one. */
  const ownSecret = async (tenant: string) => {
    const { secret } = await read(tenant)
    if (secret) return secret
    const fresh = { current: createWebhookSecret(), previous: [] }
    const changed = await change(tenant, (before) => (before.secret ? undefined : { ...before, secret: fresh }))
    return changed.secret ?? fresh
  }

  return {
    async targets({ tenant, own, event }, newest) {
      const { endpoints } = await read(tenant, newest)
      const told = endpoints.filter(({ events }) => events.includes(event))
      return [
        ...(own?.events.includes(event) ? [{ endpointId: null, url: own.url, skipped: false }] : []),
        ...told.map(({ id, url, disabled }) => ({ endpointId: id, url, skipped: disabled !== null })),
      ]
    },

    async receiver({ tenant, endpointId, url, facts }) {
      const all = await read(tenant, true)
      if (endpointId === null)
        return { url: url ?? '', secrets: secretsAt(all.secret ?? (await ownSecret(tenant)), now()) }
      const endpoint = find(all, endpointId)
      if (!endpoint || (endpoint.disabled && facts !== null)) return undefined
      return { url: endpoint.url, secrets: secretsAt(endpoint.secret, now()) }
    },

    async learn({ tenant, endpointId, facts }, news) {
      if (endpointId === null) return false
      const before = find(await read(tenant), endpointId)
      // The owner looks at the answer to a test; it decides nothing.
      if (!before || before.disabled || facts === null) return false
      if (!changeOf(before, news, now(), failingMs)) return false
      const after = await change(tenant, (all, nowMs) => {
        const endpoint = find(all, endpointId)
        const changed = endpoint && !endpoint.disabled && changeOf(endpoint, news, nowMs, failingMs)
        if (!changed) return undefined
        return { ...all, endpoints: all.endpoints.map((one) => (one === endpoint ? { ...one, ...changed } : one)) }
      })
      const found = find(after, endpointId)
      return found !== undefined && found.disabled !== null
    },
  }
}

const find = ({ endpoints }: TenantWebhooks, id: string): StoredEndpoint | undefined =>
  endpoints.find((one) => one.id === id)

/** What news change of an endpoint; undefined when nothing, as almost always. */
function changeOf(
  { failing_since }: StoredEndpoint,
  news: EndpointNews,
  nowMs: number,
  failingMs: number,
): Partial<StoredEndpoint> | undefined {
  const at = new Date(nowMs).toISOString()
  if (news === 'gone') return { disabled: { at, reason: 'gone' } }
  if (news === 'arrived') return failing_since === null ? undefined : { failing_since: null }
  if (failing_since === null) return { failing_since: at }
  return nowMs - Date.parse(failing_since) < failingMs ? undefined : { disabled: { at, reason: 'failing' } }
}
