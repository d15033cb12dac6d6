/**
 * The webhook settings of tenants as this process knows them: read anew, or as they were a moment ago. Used by
 * WebhookReceivers.
 */
import type { TenantWebhooks, WebhookSettings } from '@millrace/queue'

/** What was read that long ago is still good for whoever does not need the newest. */
const FRESH_MS = 250
const MOST_KEPT = 10_000

type Update = Parameters<WebhookSettings['change']>[1]

export class KnownSettings {
  readonly #settings: WebhookSettings
  readonly #known = new Map<string, { readMs: number; value: Promise<TenantWebhooks> }>()

  constructor(settings: WebhookSettings) {
    this.#settings = settings
  }

  /** Those who ask within a moment share one read, unless they need the newest. */
  get(tenant: string): Promise<TenantWebhooks> {
    const kept = this.#known.get(tenant)
    if (kept && performance.now() - kept.readMs < FRESH_MS) return kept.value
    return this.newest(tenant)
  }

  newest(tenant: string): Promise<TenantWebhooks> {
    const value = this.#settings.get(tenant)
    this.#keep(tenant, value)
    value.catch(() => this.#forget(tenant, value))
    return value
  }

  /** See WebhookSettings. */
  async change(tenant: string, update: Update): Promise<TenantWebhooks> {
    const value = this.#settings.change(tenant, update)
    const changed = await value
    this.#keep(tenant, value)
    return changed
  }

  #keep(tenant: string, value: Promise<TenantWebhooks>): void {
    if (this.#known.size >= MOST_KEPT) this.#known.clear()
    this.#known.set(tenant, { readMs: performance.now(), value })
  }

  /** Not what was read since. */
  #forget(tenant: string, value: Promise<TenantWebhooks>): void {
    if (this.#known.get(tenant)?.value === value) this.#known.delete(tenant)
  }
}
