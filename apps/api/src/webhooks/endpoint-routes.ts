/** /v1/webhook-endpoints: who is told of all jobs of a tenant. */
import {
  type WebhookEndpoint,
  webhookEndpointChangeSchema,
  webhookEndpointCreatedSchema,
  webhookEndpointRequestSchema,
  webhookEndpointSchema,
} from '@millrace/contracts'
import type { StoredEndpoint } from '@millrace/queue'
import { z } from 'zod'
import { parseRequest } from '../http/request-faults.ts'
import { json, type Route, type Router, tenantOf } from '../http/router.ts'
import { noteAudit } from '../http/audit/auditor.ts'
import { EndpointBook } from './endpoint-book.ts'
import { checkWebhookUrl } from './webhook-address.ts'
import { endpointIdOf, endpointParams, type WebhookRouteDeps } from './endpoint-id-of.ts'
import { smallBody, smallJsonOf } from '../http/body/small-json.ts'

const path = '/v1/webhook-endpoints'
const tag = 'Webhooks'
const base = {
  tag,
  scope: 'webhooks',
  request: { params: endpointParams },
  problems: ['webhook_endpoint_not_found'],
} as const
const one = { 200: json('The endpoint.', webhookEndpointSchema) }
const shown = (description: string) => json(description, webhookEndpointCreatedSchema)

const ROUTES = {
  add: {
    method: 'post',
    path,
    operation: 'addWebhookEndpoint',
    audit: 'webhook_endpoint.create',
    tag,
    scope: 'webhooks',
    summary: 'Add a webhook endpoint',
    description: 'Once it is answered, every job of yours that ends is told of there.',
    request: { body: smallBody(webhookEndpointRequestSchema) },
    responses: { 201: shown('It is kept. Its secret is shown this once.') },
    problems: ['webhook_not_allowed', 'webhook_endpoint_limit'],
  },
  list: {
    method: 'get',
    path,
    operation: 'listWebhookEndpoints',
    tag,
    scope: 'webhooks',
    summary: 'List webhook endpoints',
    responses: {
      200: json(
        'All of them, oldest first.',
        z
          .object({ object: z.literal('list'), data: z.array(webhookEndpointSchema) })
          .meta({ id: 'WebhookEndpointList' }),
      ),
    },
  },
  read: {
    ...base,
    method: 'get',
    path: `${path}/{id}`,
    operation: 'getWebhookEndpoint',
    summary: 'Read a webhook endpoint',
    responses: one,
  },
  change: {
    method: 'patch',
    path: `${path}/{id}`,
    operation: 'changeWebhookEndpoint',
    audit: 'webhook_endpoint.change',
    tag,
    scope: 'webhooks',
    summary: 'Change a webhook endpoint',
    description: 'What waits for it goes to its new address.',
    request: { params: endpointParams, body: smallBody(webhookEndpointChangeSchema) },
    responses: one,
    problems: ['webhook_endpoint_not_found', 'webhook_not_allowed'],
  },
  remove: {
    ...base,
    method: 'delete',
    path: `${path}/{id}`,
    operation: 'removeWebhookEndpoint',
    audit: 'webhook_endpoint.remove',
    summary: 'Remove a webhook endpoint',
    description: 'What waits for it is not sent.',
    responses: { 204: { description: 'It is gone, or was before.' } },
  },
  enable: {
    ...base,
    method: 'post',
    path: `${path}/{id}/enable`,
    operation: 'enableWebhookEndpoint',
    audit: 'webhook_endpoint.enable',
    summary: 'Send webhooks to it again',
    description: 'What was skipped while it was disabled is not sent by this: see `redeliver-failed`.',
    responses: one,
  },
  disable: {
    ...base,
    method: 'post',
    path: `${path}/{id}/disable`,
    operation: 'disableWebhookEndpoint',
    audit: 'webhook_endpoint.disable',
    summary: 'Send nothing to it any more',
    description: 'What waits for it, and what happens meanwhile, is skipped.',
    responses: one,
  },
  rotate: {
    ...base,
    method: 'post',
    path: `${path}/{id}/rotate-secret`,
    operation: 'rotateWebhookEndpointSecret',
    audit: 'webhook_endpoint.rotate_secret',
    summary: 'Turn its secret',
    description: 'For 24 hours webhooks carry a signature for the old and one for the new secret.',
    responses: { 200: shown('Its new secret, shown this once.') },
  },
} as const satisfies Record<string, Route>

export function endpointRoutes(router: Router, { webhooks, webhookGuard: guard }: WebhookRouteDeps): void {
  const book = new EndpointBook(webhooks.settings)

  router.add(ROUTES.add, async (c) => {
    const request = parseRequest(webhookEndpointRequestSchema, await smallJsonOf(c))
    const url = checkWebhookUrl(guard, request.url)
    const added = await book.add(tenantOf(c), { ...request, url })
    noteAudit(c, { subject: added.id, after: told(added) })
    c.header('location', `${path}/${added.id}`)
    return c.json(viewWithSecret(added), 201)
  })

  router.add(ROUTES.list, async (c) => {
    const endpoints = await book.list(tenantOf(c))
    return c.json({ object: 'list', data: endpoints.map(viewOf) })
  })

  router.add(ROUTES.read, async (c) => c.json(viewOf(await book.get(tenantOf(c), endpointIdOf(c)))))

  router.add(ROUTES.change, async (c) => {
    const change = parseRequest(webhookEndpointChangeSchema, await smallJsonOf(c))
    const url = change.url === undefined ? undefined : checkWebhookUrl(guard, change.url)
    const events = change.events && [...new Set(change.events)]
    const after = await book.change(tenantOf(c), endpointIdOf(c), (before) => {
      noteAudit(c, { before: told(before) })
      return {
        ...before,
        url: url ?? before.url,
        events: events ?? before.events,
        description: change.description ?? before.description,
      }
    })
    noteAudit(c, { after: { ...told(after), given: Object.keys(change) } })
    return c.json(viewOf(after))
  })

  router.add(ROUTES.remove, async (c) => {
    await book.remove(tenantOf(c), endpointIdOf(c))
    return c.body(null, 204)
  })

  router.add(ROUTES.enable, async (c) => {
    const enable = (before: StoredEndpoint) => ({ ...before, disabled: null, failing_since: null })
    return c.json(viewOf(await book.change(tenantOf(c), endpointIdOf(c), enable)))
  })

  router.add(ROUTES.disable, async (c) => {
    const disable = (before: StoredEndpoint, nowMs: number): StoredEndpoint => {
      const now = { at: new Date(nowMs).toISOString(), reason: 'manual' as const }
      return { ...before, disabled: before.disabled ?? now }
    }
    return c.json(viewOf(await book.change(tenantOf(c), endpointIdOf(c), disable)))
  })

  router.add(ROUTES.rotate, async (c) => c.json(viewWithSecret(await book.turnSecret(tenantOf(c), endpointIdOf(c)))))
}

/** Field by field, for the stored endpoint has its secret. */
const viewOf = ({ id, url, events, description, disabled, created_at }: StoredEndpoint): WebhookEndpoint => {
  return { id, object: 'webhook_endpoint', url, events, description, disabled, created_at }
}

/** For the audit: neither the address, which may have a secret in it, nor the description. */
const told = ({ events, disabled }: StoredEndpoint) => ({ events, disabled: disabled !== null })

const viewWithSecret = (endpoint: StoredEndpoint) => ({ ...viewOf(endpoint), secret: endpoint.secret.current })
