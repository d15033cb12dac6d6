/**
 * The webhook endpoints of a tenant and the secret of its jobs' own webhooks, as they are changed. Knows nothing of HTTP.
 * Called by the routes of webhooks.
 */
import { randomBytes } from 'node:crypto'
import { base32, ProblemError, type WebhookEndpointRequest } from '@millrace/contracts'
import { type StoredEndpoint, turnSecret, type WebhookStore } from '@millrace/queue'
import { createWebhookSecret } from '@millrace/webhooks'

/** Each endpoint is told of every job, so each costs. */
const MOST_ENDPOINTS = 20

export class EndpointBook {
  readonly #settings: WebhookStore['settings']

  constructor(settings: WebhookStore['settings']) {
    this.#settings = settings
  }

  /** Oldest first. */
  async list(tenant: string): Promise<readonly StoredEndpoint[]> {
    const { endpoints } = await this.#settings.get(tenant)
    return endpoints
  }

  /** Throws ProblemError `webhook_endpoint_not_found`. */
  async get(tenant: string, id: string): Promise<StoredEndpoint> {
    return foundEndpoint(await this.list(tenant), id)
  }

  /** Throws ProblemError `webhook_endpoint_limit`. The address has been judged before. */
  async add(tenant: string, { url, description, ...request }: WebhookEndpointRequest): Promise<StoredEndpoint> {
    const id = `whe_${randomId()}`
    const events = [...new Set(request.events)]
    const secret = { current: createWebhookSecret(), previous: [] }
    const after = await this.#settings.change(tenant, (all, nowMs) => {
      if (all.endpoints.length >= MOST_ENDPOINTS) {
        throw new ProblemError('webhook_endpoint_limit', { detail: `There may be ${MOST_ENDPOINTS}.` })
      }
      const created_at = new Date(nowMs).toISOString()
      const added = { id, url, events, description, disabled: null, created_at, secret, failing_since: null }
      return { ...all, endpoints: [...all.endpoints, added] }
    })
    return foundEndpoint(after.endpoints, id)
  }

  /** Answers the changed endpoint. Throws ProblemError `webhook_endpoint_not_found`. */
  async change(
    tenant: string,
    id: string,
    change: (endpoint: StoredEndpoint, nowMs: number) => StoredEndpoint,
  ): Promise<StoredEndpoint> {
    const after = await this.#settings.change(tenant, (all, nowMs) => {
      const before = foundEndpoint(all.endpoints, id)
      return { ...all, endpoints: all.endpoints.map((one) => (one === before ? change(one, nowMs) : one)) }
    })
    return foundEndpoint(after.endpoints, id)
  }

  /** May be repeated. */
  async remove(tenant: string, id: string): Promise<void> {
    await this.#settings.change(tenant, (all) =>
      all.endpoints.some((one) => one.id === id)
        ? { ...all, endpoints: all.endpoints.filter((one) => one.id !== id) }
        : undefined,
    )
  }

  /** For a while webhooks are signed with the old secret too. */
  turnSecret(tenant: string, id: string): Promise<StoredEndpoint> {
    const fresh = createWebhookSecret()
    return this.change(tenant, id, (one, nowMs) => ({ ...one, secret: turnSecret(one.secret, fresh, nowMs) }))
  }

  /** The secret of the jobs' own webhooks, made when it is first asked for. `turn`: make a new one in any case. */
  async jobSecret(tenant: string, { turn }: { turn: boolean }): Promise<string | undefined> {
    const fresh = createWebhookSecret()
    const { secret } = await this.#settings.change(tenant, (all, nowMs) => {
      if (all.secret && !turn) return undefined
      return { ...all, secret: all.secret ? turnSecret(all.secret, fresh, nowMs) : { current: fresh, previous: [] } }
    })
    return secret?.current
  }
}

function foundEndpoint(endpoints: readonly StoredEndpoint[], id: string): StoredEndpoint {
  const endpoint = endpoints.find((one) => one.id === id)
  if (!endpoint) throw new ProblemError('webhook_endpoint_not_found')
  return endpoint
}

/** 26 characters, 130 bits. */
const randomId = (): string => base32(randomBytes(26))
