/** /v1/webhook-endpoints and /v1/webhook-secret: who is told of all jobs of a tenant, and what signs it. */
import { randomBytes } from 'node:crypto'
import {
  base32,
  ProblemError,
  type WebhookEndpoint,
  webhookEndpointChangeSchema,
  webhookEndpointCreatedSchema,
  webhookEndpointIdSchema,
  webhookEndpointRequestSchema,
  webhookEndpointSchema,
  webhookSecretSchema,
} from '@millrace/contracts'
import { type StoredEndpoint, type TenantWebhooks, turnSecret, type WebhookStore } from '@millrace/queue'
import { createWebhookSecret } from '@millrace/webhooks'
import { z } from 'zod'
import type { ApiContext, WebhookGuard } from '../http/api-deps.ts'
import { readBody } from '../http/body/read-body.ts'
import { readJson } from '../http/body/read-json.ts'
import { parseRequest } from '../http/request-faults.ts'
import { storeBudget } from '../http/store-budget.ts'
import { checkWebhookUrl } from './webhook-address.ts'
import { json, type Route, type Router, tenantOf } from '../http/router.ts'

export interface WebhookRouteDeps {
  webhooks: Pick<WebhookStore, 'settings' | 'deliveries'>
  webhookGuard: WebhookGuard
}

/** Each is told of every job, so each costs. */
const MOST_ENDPOINTS = 20
const BODY_BYTES = 16 * 1024

const endpointParams = z.object({ id: webhookEndpointIdSchema })
const path = '/v1/webhook-endpoints'
const tag = 'Webhooks'
const base = { tag, request: { params: endpointParams }, problems: ['webhook_endpoint_not_found'] } as const
const one = { 200: json('The endpoint.', webhookEndpointSchema) }
const shown = (description: string) => json(description, webhookEndpointCreatedSchema)
const body = (schema: z.ZodType) => ({ required: true, content: { 'application/json': { schema } } })

const ROUTES = {
  add: {
    ...{ method: 'post', path, tag, summary: 'Add a webhook endpoint' },
    description: 'Once it is answered, every job of yours that ends is told of there.',
    request: { body: body(webhookEndpointRequestSchema) },
    responses: { 201: shown('It is kept. Its secret is shown this once.') },
    problems: ['webhook_not_allowed', 'webhook_endpoint_limit'],
  },
  list: {
    ...{ method: 'get', path, tag, summary: 'List webhook endpoints' },
    responses: {
      200: json(
        'All of them, oldest first.',
        z
          .object({ object: z.literal('list'), data: z.array(webhookEndpointSchema) })
          .meta({ id: 'WebhookEndpointList' }),
      ),
    },
  },
  read: { ...base, method: 'get', path: `${path}/{id}`, summary: 'Read a webhook endpoint', responses: one },
  change: {
    ...{ tag, method: 'patch', path: `${path}/{id}`, summary: 'Change a webhook endpoint', responses: one },
    description: 'What waits for it goes to its new address.',
    request: { params: endpointParams, body: body(webhookEndpointChangeSchema) },
    problems: ['webhook_endpoint_not_found', 'webhook_not_allowed'],
  },
  remove: {
    ...{ ...base, method: 'delete', path: `${path}/{id}`, summary: 'Remove a webhook endpoint' },
    description: 'What waits for it is not sent.',
    responses: { 204: { description: 'It is gone, or was before.' } },
  },
  enable: {
    ...{ ...base, method: 'post', path: `${path}/{id}/enable`, summary: 'Send webhooks to it again', responses: one },
    description: 'What was skipped while it was disabled is not sent by this: see `redeliver-failed`.',
  },
  disable: {
    ...{ ...base, method: 'post', path: `${path}/{id}/disable`, summary: 'Send nothing to it any more' },
    description: 'What waits for it, and what happens meanwhile, is skipped.',
    responses: one,
  },
  rotate: {
    ...{ ...base, method: 'post', path: `${path}/{id}/rotate-secret`, summary: 'Turn its secret' },
    description: 'For 24 hours webhooks carry a signature for the old and one for the new secret.',
    responses: { 200: shown('Its new secret, shown this once.') },
  },
  readSecret: {
    ...{ method: 'get', path: '/v1/webhook-secret', tag, summary: 'Read the secret of the jobs’ own webhooks' },
    description: 'Signs what is sent to an address that came with a job. Made when it is first needed.',
    responses: { 200: json('The secret.', webhookSecretSchema) },
  },
  rotateSecret: {
    ...{ method: 'post', path: '/v1/webhook-secret/rotate', tag, summary: 'Turn the secret of the jobs’ own webhooks' },
    description: 'For 24 hours webhooks carry a signature for the old and one for the new secret.',
    responses: { 200: json('The new secret.', webhookSecretSchema) },
  },
} as const satisfies Record<string, Route>

export function endpointRoutes(router: Router, { webhooks, webhookGuard: guard }: WebhookRouteDeps): void {
  const { settings } = webhooks

  const changeOne = async (c: ApiContext, change: (endpoint: StoredEndpoint, nowMs: number) => StoredEndpoint) => {
    const id = endpointIdOf(c)
    const after = await storeBudget()(
      settings.change(tenantOf(c), (all, nowMs) => {
        const before = foundEndpoint(all, id)
        return { ...all, endpoints: all.endpoints.map((one) => (one === before ? change(one, nowMs) : one)) }
      }),
    )
    return foundEndpoint(after, id)
  }

  router.add(ROUTES.add, async (c) => {
    const request = parseRequest(webhookEndpointRequestSchema, await jsonOf(c))
    const url = checkWebhookUrl(guard, request.url)
    const id = `whe_${randomId()}`
    const secret = { current: createWebhookSecret(), previous: [] }
    const after = await storeBudget()(
      settings.change(tenantOf(c), (all, nowMs) => {
        if (all.endpoints.length >= MOST_ENDPOINTS) {
          throw new ProblemError('webhook_endpoint_limit', { detail: `There may be ${MOST_ENDPOINTS}.` })
        }
        const created_at = new Date(nowMs).toISOString()
        const events = [...new Set(request.events)]
        const { description } = request
        const added = { id, url, events, description, disabled: null, created_at, secret, failing_since: null }
        return { ...all, endpoints: [...all.endpoints, added] }
      }),
    )
    c.header('location', `${path}/${id}`)
    return c.json({ ...viewOf(foundEndpoint(after, id)), secret: secret.current }, 201)
  })

  router.add(ROUTES.list, async (c) => {
    const { endpoints } = await storeBudget()(settings.get(tenantOf(c)))
    return c.json({ object: 'list', data: endpoints.map(viewOf) })
  })

  router.add(ROUTES.read, async (c) => {
    const id = endpointIdOf(c)
    return c.json(viewOf(foundEndpoint(await storeBudget()(settings.get(tenantOf(c))), id)))
  })

  router.add(ROUTES.change, async (c) => {
    const change = parseRequest(webhookEndpointChangeSchema, await jsonOf(c))
    const url = change.url === undefined ? undefined : checkWebhookUrl(guard, change.url)
    const events = change.events && [...new Set(change.events)]
    const after = await changeOne(c, (one) => ({
      ...one,
      url: url ?? one.url,
      events: events ?? one.events,
      description: change.description ?? one.description,
    }))
    return c.json(viewOf(after))
  })

  router.add(ROUTES.remove, async (c) => {
    const id = endpointIdOf(c)
    const without = (all: TenantWebhooks) =>
      all.endpoints.some((one) => one.id === id)
        ? { ...all, endpoints: all.endpoints.filter((one) => one.id !== id) }
        : undefined
    await storeBudget()(settings.change(tenantOf(c), without))
    return c.body(null, 204)
  })

  router.add(ROUTES.enable, async (c) =>
    c.json(viewOf(await changeOne(c, (one) => ({ ...one, disabled: null, failing_since: null })))),
  )

  router.add(ROUTES.disable, async (c) => {
    const disabled = (nowMs: number) => ({ at: new Date(nowMs).toISOString(), reason: 'manual' as const })
    return c.json(viewOf(await changeOne(c, (one, nowMs) => ({ ...one, disabled: one.disabled ?? disabled(nowMs) }))))
  })

  router.add(ROUTES.rotate, async (c) => {
    const fresh = createWebhookSecret()
    const after = await changeOne(c, (one, nowMs) => ({ ...one, secret: turnSecret(one.secret, fresh, nowMs) }))
    return c.json({ ...viewOf(after), secret: after.secret.current })
  })

  const secretOf = async (c: ApiContext, turn: boolean) => {
    const fresh = createWebhookSecret()
    const { secret } = await storeBudget()(
      settings.change(tenantOf(c), (all, nowMs) => {
        if (all.secret && !turn) return undefined
        return { ...all, secret: all.secret ? turnSecret(all.secret, fresh, nowMs) : { current: fresh, previous: [] } }
      }),
    )
    return c.json({ object: 'webhook_secret', secret: secret?.current })
  }
  router.add(ROUTES.readSecret, (c) => secretOf(c, false))
  router.add(ROUTES.rotateSecret, (c) => secretOf(c, true))
}

/** The id in the path. Throws ProblemError `webhook_endpoint_not_found`. */
export function endpointIdOf(c: ApiContext): string {
  const id = webhookEndpointIdSchema.safeParse(c.req.param('id'))
  if (!id.success) throw new ProblemError('webhook_endpoint_not_found')
  return id.data
}

export function foundEndpoint({ endpoints }: TenantWebhooks, id: string): StoredEndpoint {
  const endpoint = endpoints.find((one) => one.id === id)
  if (!endpoint) throw new ProblemError('webhook_endpoint_not_found')
  return endpoint
}

/** A JSON body of a few hundred bytes. */
export const jsonOf = async (c: ApiContext): Promise<unknown> => readJson(await readBody(c.req.raw, BODY_BYTES)).value

/** Named one by one: the stored endpoint has its secret. */
const viewOf = ({ id, url, events, description, disabled, created_at }: StoredEndpoint): WebhookEndpoint => ({
  ...{ id, object: 'webhook_endpoint', url, events, description, disabled, created_at },
})

/** 26 characters, 130 bits. */
const randomId = (): string => base32(randomBytes(26))
