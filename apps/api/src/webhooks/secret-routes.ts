/** /v1/webhook-secret: what signs the webhooks that are sent to the jobs' own addresses. */
import { webhookSecretSchema } from '@millrace/contracts'
import type { ApiContext } from '../http/api-deps.ts'
import { json, type Route, type Router, tenantOf } from '../http/router.ts'
import { EndpointBook } from './endpoint-book.ts'
import type { WebhookRouteDeps } from './endpoint-id-of.ts'

const readRoute: Route = {
  method: 'get',
  path: '/v1/webhook-secret',
  operation: 'getWebhookSecret',
  audit: 'webhook_secret.read',
  tag: 'Webhooks',
  scope: 'webhooks',
  summary: 'Read the secret of the jobs’ own webhooks',
  description: 'Signs what is sent to an address that came with a job. Made when it is first needed.',
  responses: { 200: json('The secret.', webhookSecretSchema) },
}

const rotateRoute: Route = {
  method: 'post',
  path: '/v1/webhook-secret/rotate',
  operation: 'rotateWebhookSecret',
  audit: 'webhook_secret.rotate',
  tag: 'Webhooks',
  scope: 'webhooks',
  summary: 'Turn the secret of the jobs’ own webhooks',
  description: 'For 24 hours webhooks carry a signature for the old and one for the new secret.',
  responses: { 200: json('The new secret.', webhookSecretSchema) },
}

export function secretRoutes(router: Router, { webhooks }: WebhookRouteDeps): void {
  const book = new EndpointBook(webhooks.settings)
  const answer = async (c: ApiContext, turn: boolean) =>
    c.json({ object: 'webhook_secret', secret: await book.jobSecret(tenantOf(c), { turn }) })
  router.add(readRoute, (c) => answer(c, false))
  router.add(rotateRoute, (c) => answer(c, true))
}
