/** /v1/webhook-deliveries, and what is sent again or as a test. Nothing is sent from here: the workers do it. */
import {
  DELIVERY_STATUSES,
  jobIdSchema,
  ProblemError,
  redeliverFailedSchema,
  webhookDeliveryIdSchema,
  webhookDeliverySchema,
  webhookEndpointIdSchema,
  type WebhookDelivery,
} from '@millrace/contracts'
import { z } from 'zod'
import type { ApiContext } from '../http/api-deps.ts'
import { noteAudit } from '../http/audit/auditor.ts'
import { sendJson } from '../http/middleware/standard-headers.ts'
import { pageQuery } from '../http/page-query.ts'
import { parseRequest } from '../http/request-faults.ts'
import { json, type Route, type Router, tenantOf } from '../http/router.ts'
import { type BodyDeps, deliveryBody } from './delivery-body.ts'
import { EndpointBook } from './endpoint-book.ts'
import { endpointIdOf, endpointParams, type WebhookRouteDeps } from './endpoint-id-of.ts'
import { smallBody, smallJsonOf } from '../http/body/small-json.ts'

const deliveryParams = z.object({ id: webhookDeliveryIdSchema })
const tag = 'Webhooks'
const one = { 200: json('The delivery.', webhookDeliverySchema) }
const accepted = { 202: json('It is due now.', webhookDeliverySchema) }

const listQuery = z.strictObject({
  job: jobIdSchema.optional(),
  endpoint: webhookEndpointIdSchema.optional(),
  status: z.enum(DELIVERY_STATUSES).optional(),
  ...pageQuery,
})

/** In the document of the API a message of any type; generators of clients take no union of all, see webhookMessageSchema. */
const bodySchema = z
  .object({
    type: z.string().describe('Such as `job.succeeded`.'),
    timestamp: z.iso.datetime(),
    data: z.looseObject({}).describe('By `type`: see docs/webhooks.md.'),
  })
  .meta({ id: 'WebhookBody' })

const ROUTES = {
  list: {
    method: 'get',
    path: '/v1/webhook-deliveries',
    operation: 'listWebhookDeliveries',
    tag,
    scope: 'webhooks',
    summary: 'List webhook deliveries, newest first',
    description:
      'Kept for 7 days after their end, unless their job is purged by its client: then they go with it. A page may be ' +
      'short, or empty: it is the last without `next_cursor`.',
    request: { query: listQuery },
    responses: {
      200: json(
        'One page.',
        z
          .object({
            object: z.literal('list'),
            data: z.array(webhookDeliverySchema),
            next_cursor: z.string().nullable(),
          })
          .meta({ id: 'WebhookDeliveryList' }),
      ),
    },
  },
  read: {
    method: 'get',
    path: '/v1/webhook-deliveries/{id}',
    operation: 'getWebhookDelivery',
    tag,
    scope: 'webhooks',
    summary: 'Read a webhook delivery',
    request: { params: deliveryParams },
    responses: one,
    problems: ['webhook_delivery_not_found'],
  },
  body: {
    method: 'get',
    path: '/v1/webhook-deliveries/{id}/body',
    operation: 'getWebhookDeliveryBody',
    tag,
    scope: 'webhooks',
    summary: 'Read what a webhook delivery sends',
    description: 'Byte for byte the body of each of its tries. What the receiver answered is not kept.',
    request: { params: deliveryParams },
    responses: { 200: json('The body.', bodySchema) },
    problems: ['webhook_delivery_not_found', 'job_purged'],
  },
  redeliver: {
    method: 'post',
    path: '/v1/webhook-deliveries/{id}/redeliver',
    operation: 'redeliverWebhook',
    audit: 'webhook_delivery.redeliver',
    tag,
    scope: 'webhooks',
    summary: 'Send a webhook again',
    description: 'At once, with the same id and body, and with all its tries before it.',
    request: { params: deliveryParams },
    responses: accepted,
    problems: ['webhook_delivery_not_found', 'webhook_endpoint_disabled', 'job_purged'],
  },
  redeliverFailed: {
    method: 'post',
    path: '/v1/webhook-endpoints/{id}/redeliver-failed',
    operation: 'redeliverFailedWebhooks',
    audit: 'webhook_endpoint.redeliver',
    tag,
    scope: 'webhooks',
    summary: 'Send again what an endpoint did not get',
    description: 'What failed or was skipped since then; at most 1,000 at a time: `more` says whether to ask again.',
    request: { params: endpointParams, body: smallBody(redeliverFailedSchema) },
    responses: {
      202: json(
        'They are due now.',
        z.object({ object: z.literal('redelivered'), count: z.number().int(), more: z.boolean() }),
      ),
    },
    problems: ['webhook_endpoint_not_found', 'webhook_endpoint_disabled'],
  },
  test: {
    method: 'post',
    path: '/v1/webhook-endpoints/{id}/test',
    operation: 'testWebhookEndpoint',
    audit: 'webhook_endpoint.test',
    tag,
    scope: 'webhooks',
    summary: 'Send a test event to an endpoint',
    description: 'One try is made, also while it is disabled. Read the delivery to see how it went.',
    request: { params: endpointParams },
    responses: accepted,
    problems: ['webhook_endpoint_not_found'],
  },
} as const satisfies Record<string, Route>

export function deliveryRoutes(router: Router, deps: WebhookRouteDeps & BodyDeps): void {
  const { deliveries, settings } = deps.webhooks
  const book = new EndpointBook(settings)

  const read = async (id: string, tenant: string): Promise<WebhookDelivery> => {
    const delivery = await deliveries.get(id, tenant)
    if (!delivery) throw new ProblemError('webhook_delivery_not_found')
    return delivery
  }

  const assertEnabled = async (tenant: string, endpoint: string): Promise<void> => {
    const found = (await book.list(tenant)).find(({ id }) => id === endpoint)
    if (!found || found.disabled) throw new ProblemError('webhook_endpoint_disabled')
  }

  router.add(ROUTES.list, async (c) => {
    const query = parseRequest(listQuery, c.req.query())
    const { deliveries: data, nextCursor } = await deliveries.list({ ...query, tenant: tenantOf(c) })
    return c.json({ object: 'list', data, next_cursor: nextCursor })
  })

  router.add(ROUTES.read, async (c) => c.json(await read(deliveryIdOf(c), tenantOf(c))))

  router.add(ROUTES.body, async (c) => {
    const delivery = await deliveries.told(deliveryIdOf(c), tenantOf(c))
    if (!delivery) throw new ProblemError('webhook_delivery_not_found')
    const body = await deliveryBody(deps, delivery, tenantOf(c))
    if (body === undefined) throw new ProblemError('job_purged')
    return sendJson(c, body, 200)
  })

  router.add(ROUTES.redeliver, async (c) => {
    const id = deliveryIdOf(c)
    const tenant = tenantOf(c)
    const { endpoint_id } = await read(id, tenant)
    if (endpoint_id !== null) await assertEnabled(tenant, endpoint_id)
    const answer = await deliveries.redeliver(id, tenant)
    if (answer === 'purged') throw new ProblemError('job_purged')
    return c.json(await read(id, tenant), 202)
  })

  router.add(ROUTES.redeliverFailed, async (c) => {
    const id = endpointIdOf(c)
    const tenant = tenantOf(c)
    const { since } = parseRequest(redeliverFailedSchema, await smallJsonOf(c))
    const endpoint = await book.get(tenant, id)
    if (endpoint.disabled) throw new ProblemError('webhook_endpoint_disabled')
    const { count, more } = await deliveries.redeliverUndelivered(tenant, id, Date.parse(since))
    noteAudit(c, { after: { since, count, more } })
    return c.json({ object: 'redelivered', count, more }, 202)
  })

  router.add(ROUTES.test, async (c) => {
    const id = endpointIdOf(c)
    const tenant = tenantOf(c)
    const endpoint = await book.get(tenant, id)
    const delivery = await deliveries.test(tenant, endpoint)
    return c.json(await read(delivery, tenant), 202)
  })
}

function deliveryIdOf(c: ApiContext): string {
  const id = webhookDeliveryIdSchema.safeParse(c.req.param('id'))
  if (!id.success) throw new ProblemError('webhook_delivery_not_found')
  return id.data
}
