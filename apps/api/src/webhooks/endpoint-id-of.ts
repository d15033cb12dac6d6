/** What the routes of webhooks have in common. */
import { ProblemError, webhookEndpointIdSchema } from '@millrace/contracts'
import type { WebhookStore } from '@millrace/queue'
import { z } from 'zod'
import type { ApiContext, WebhookGuard } from '../http/api-deps.ts'

export interface WebhookRouteDeps {
  webhooks: Pick<WebhookStore, 'settings' | 'deliveries'>
  webhookGuard: WebhookGuard
}

export const endpointParams = z.object({ id: webhookEndpointIdSchema })

/** The id in the path. Throws ProblemError `webhook_endpoint_not_found`. */
export function endpointIdOf(c: ApiContext): string {
  const id = webhookEndpointIdSchema.safeParse(c.req.param('id'))
  if (!id.success) throw new ProblemError('webhook_endpoint_not_found')
  return id.data
}
