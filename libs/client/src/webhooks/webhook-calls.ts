/** The calls about webhooks: endpoints, deliveries, and sending again. Part of the client as `client.webhooks`. */
import type {
  WebhookDelivery,
  WebhookEndpoint,
  WebhookEndpointChange,
  WebhookEndpointCreated,
  WebhookEndpointRequest,
} from '@millrace/contracts'
import type { CallOptions } from '../call-options.ts'
import { pagesOf } from '../http/pages-of.ts'
import { jsonBody } from '../http/request-body.ts'
import type { Send, Sender } from '../http/sender.ts'

export interface DeliveriesOptions extends CallOptions {
  job?: string
  endpoint?: string
  status?: WebhookDelivery['status']
  /** Most deliveries to return. Default: all that are kept. */
  limit?: number
}

export interface WebhookCalls {
  endpoints(options?: CallOptions): Promise<WebhookEndpoint[]>
  endpoint(id: string, options?: CallOptions): Promise<WebhookEndpoint>
  /**
   * Adds an endpoint. Only this answer shows the secret. The request is sent once: if the answer is lost, look in
   * `endpoints`.
   */
  add(
    endpoint: Pick<WebhookEndpointRequest, 'url'> & Partial<WebhookEndpointRequest>,
    options?: CallOptions,
  ): Promise<WebhookEndpointCreated>
  change(id: string, change: WebhookEndpointChange, options?: CallOptions): Promise<WebhookEndpoint>
  remove(id: string, options?: CallOptions): Promise<void>
  /** Enables an endpoint that was disabled, by you or because of its answers. */
  enable(id: string, options?: CallOptions): Promise<WebhookEndpoint>
  disable(id: string, options?: CallOptions): Promise<WebhookEndpoint>
  /** Makes a new secret. The old one also signs for 24 hours. The request is sent once. */
  rotate(id: string, options?: CallOptions): Promise<WebhookEndpointCreated>
  /** Sends a `webhook.test`. Read the delivery to see how it went. */
  test(id: string, options?: CallOptions): Promise<WebhookDelivery>
  /** The secret that signs webhooks to addresses that came with a job. */
  secret(options?: CallOptions): Promise<string>
  rotateSecret(options?: CallOptions): Promise<string>
  /** Deliveries, newest first. Pages are read while the loop goes on. */
  deliveries(options?: DeliveriesOptions): AsyncIterable<WebhookDelivery>
  delivery(id: string, options?: CallOptions): Promise<WebhookDelivery>
  /** What each try of it sends, byte for byte. */
  body(id: string, options?: CallOptions): Promise<string>
  redeliver(id: string, options?: CallOptions): Promise<WebhookDelivery>
  /** Sends again what an endpoint did not get since that time (ISO 8601). Returns the number of deliveries. */
  redeliverFailed(id: string, since: string, options?: CallOptions): Promise<number>
}

const ENDPOINTS = '/v1/webhook-endpoints'
const DELIVERIES = '/v1/webhook-deliveries'
const WITHIN = 30_000

export function webhookCalls(sender: Sender): WebhookCalls {
  const call = (path: string, { signal, retries }: CallOptions = {}, more: Partial<Send> = {}): Send => ({
    ...{ path, signal, retries, withinMs: WITHIN },
    ...more,
  })
  const endpoint = (id: string, verb = '') => `${ENDPOINTS}/${encodeURIComponent(id)}${verb}`
  const delivery = (id: string, verb = '') => `${DELIVERIES}/${encodeURIComponent(id)}${verb}`
  const post: Partial<Send> = { method: 'POST' }
  /** Not repeated by the client: a second request would do more than the first. */
  const once: Partial<Send> = { method: 'POST', retries: 0 }

  return {
    endpoints: async (options) => (await sender.json<{ data: WebhookEndpoint[] }>(call(ENDPOINTS, options))).data,
    endpoint: (id, options) => sender.json(call(endpoint(id), options)),
    add: (request, options) => sender.json(call(ENDPOINTS, options, { ...once, body: jsonBody(request) })),
    change: (id, change, options) =>
      sender.json(call(endpoint(id), options, { method: 'PATCH', body: jsonBody(change) })),
    remove: (id, options) => sender.send(call(endpoint(id), options, { method: 'DELETE' }), async () => undefined),
    enable: (id, options) => sender.json(call(endpoint(id, '/enable'), options, post)),
    disable: (id, options) => sender.json(call(endpoint(id, '/disable'), options, post)),
    rotate: (id, options) => sender.json(call(endpoint(id, '/rotate-secret'), options, once)),
    test: (id, options) => sender.json(call(endpoint(id, '/test'), options, once)),
    secret: async (options) => (await sender.json<{ secret: string }>(call('/v1/webhook-secret', options))).secret,
    rotateSecret: async (options) =>
      (await sender.json<{ secret: string }>(call('/v1/webhook-secret/rotate', options, once))).secret,
    deliveries: ({ job, endpoint, status, limit, ...options } = {}) =>
      pagesOf<WebhookDelivery>(sender, { path: DELIVERIES, query: { job, endpoint, status }, limit }, options),
    delivery: (id, options) => sender.json(call(delivery(id), options)),
    body: (id, options) => sender.send(call(delivery(id, '/body'), options), (response) => response.text()),
    redeliver: (id, options) => sender.json(call(delivery(id, '/redeliver'), options, post)),
    async redeliverFailed(id, since, options) {
      let count = 0
      for (let more = true; more; ) {
        const send = call(endpoint(id, '/redeliver-failed'), options, { ...post, body: jsonBody({ since }) })
        const answer = await sender.json<{ count: number; more: boolean }>(send)
        count += answer.count
        more = answer.more
      }
      return count
    },
  }
}
