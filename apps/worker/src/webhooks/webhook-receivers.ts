/**
 * Who is told, where, and signed with what: the settings of tenants as the dispatcher needs them, and what it learns of
 * endpoints. Each fan-out and each try goes by the newest; what is told of running jobs may be a moment late.
 */
import { type JobWebhook, WEBHOOK_TEST_EVENT, type WebhookEvent } from '@millrace/contracts'
import {
  type DeliveryTarget,
  endpointTargets,
  type LeasedDelivery,
  secretsAt,
  type StoredEndpoint,
  type TenantWebhooks,
  type WebhookSettings,
} from '@millrace/queue'
import { createWebhookSecret } from '@millrace/webhooks'
import { KnownSettings } from './known-settings.ts'

export interface Receiver {
  url: string
  secrets: readonly string[]
}

/** What a try said about an endpoint. */
export type EndpointNews = 'arrived' | 'failed' | 'gone'

export interface WebhookReceiversOptions {
  settings: WebhookSettings
  /** By Redis' clock. */
  now: () => number
  /** How long an endpoint may fail before it is disabled. Milliseconds. */
  failingMs: number
}

export class WebhookReceivers {
  readonly #settings: KnownSettings
  readonly #now: () => number
  readonly #failingMs: number

  constructor({ settings, now, failingMs }: WebhookReceiversOptions) {
    this.#settings = new KnownSettings(settings)
    this.#now = now
    this.#failingMs = failingMs
  }

  /** Those of an event, by the newest settings when `newest`. */
  async targets(
    { tenant, own, event }: { tenant: string; own: JobWebhook | null; event: WebhookEvent },
    newest: boolean,
  ): Promise<DeliveryTarget[]> {
    const settings = await (newest ? this.#settings.newest(tenant) : this.#settings.get(tenant))
    return [
      ...(own?.events.includes(event) ? [{ endpointId: null, url: own.url, skipped: false, format: own.format }] : []),
      ...endpointTargets(settings, event),
    ]
  }

  /** Where a delivery goes; undefined when its endpoint is gone or disabled (a test goes there all the same). */
  async receiver(
    delivery: Pick<LeasedDelivery, 'tenant' | 'endpointId' | 'url' | 'event'>,
  ): Promise<Receiver | undefined> {
    const { tenant, endpointId, url, event } = delivery
    const all = await this.#settings.newest(tenant)
    if (endpointId === null) {
      const secret = all.secret ?? (await this.#ownSecret(tenant))
      return { url: url ?? '', secrets: secretsAt(secret, this.#now()) }
    }
    const endpoint = find(all, endpointId)
    if (!endpoint || (endpoint.disabled && event !== WEBHOOK_TEST_EVENT)) return undefined
    return { url: endpoint.url, secrets: secretsAt(endpoint.secret, this.#now()) }
  }

  /** Keeps what a try said of an endpoint. True when it is disabled because of it. */
  async learn(
    { tenant, endpointId, event }: Pick<LeasedDelivery, 'tenant' | 'endpointId' | 'event'>,
    news: EndpointNews,
  ): Promise<boolean> {
    // The owner looks at the answer to a test; it decides nothing.
    if (endpointId === null || event === WEBHOOK_TEST_EVENT) return false
    const before = find(await this.#settings.get(tenant), endpointId)
    if (!before || !this.#changeOf(before, news, this.#now())) return false
    const after = await this.#settings.change(tenant, (all, nowMs) => {
      const endpoint = find(all, endpointId)
      const changed = endpoint && this.#changeOf(endpoint, news, nowMs)
      if (!changed) return undefined
      return { ...all, endpoints: all.endpoints.map((one) => (one === endpoint ? { ...one, ...changed } : one)) }
    })
    const found = find(after, endpointId)
    return found !== undefined && found.disabled !== null
  }

  /** Made when it is first needed: most tenants never ask for one. */
  async #ownSecret(tenant: string): Promise<StoredEndpoint['secret']> {
    const fresh = { current: createWebhookSecret(), previous: [] }
    const changed = await this.#settings.change(tenant, (all) => (all.secret ? undefined : { ...all, secret: fresh }))
    return changed.secret ?? fresh
  }

  /** What news change of an endpoint; undefined when nothing, as almost always. */
  #changeOf(
    { disabled, failing_since }: StoredEndpoint,
    news: EndpointNews,
    nowMs: number,
  ): Partial<StoredEndpoint> | undefined {
    if (disabled) return undefined
    const at = new Date(nowMs).toISOString()
    if (news === 'gone') return { disabled: { at, reason: 'gone' } }
    if (news === 'arrived') return failing_since === null ? undefined : { failing_since: null }
    if (failing_since === null) return { failing_since: at }
    return nowMs - Date.parse(failing_since) < this.#failingMs ? undefined : { disabled: { at, reason: 'failing' } }
  }
}

const find = ({ endpoints }: TenantWebhooks, id: string): StoredEndpoint | undefined =>
  endpoints.find((one) => one.id === id)
