/** What the routes of webhooks have in common. */
import { ProblemError, webhookEndpointIdSchema } from '@millrace/contracts'
import type { WebhookStore } from '@millrace/queue'
import { z } from 'zod'
import type { ApiContext, WebhookGuard } from '../http/api-deps.ts'
import { readBody } from '../http/body/read-body.ts'
import { readJson } from '../http/body/read-json.ts'

export interface WebhookRouteDeps {
  webhooks: Pick<WebhookStore, 'settings' | 'deliveries'>
  webhookGuard: WebhookGuard
}

const BODY_BYTES = 16 * 1024

export const endpointParams = z.object({ id: webhookEndpointIdSchema })

/** The id in the path. Throws ProblemError `webhook_endpoint_not_found`. */
export function endpointIdOf(c: ApiContext): string {
  const id = webhookEndpointIdSchema.safeParse(c.req.param('id'))
  if (!id.success) throw new ProblemError('webhook_endpoint_not_found')
  return id.data
}

/** The body that a route about webhooks takes, for `request`. */
export const webhookBody = (schema: z.ZodType) => ({ required: true, content: { 'application/json': { schema } } })

/** A JSON body of a few hundred bytes. */
export const webhookJsonOf = async (c: ApiContext): Promise<unknown> =>
  readJson(await readBody(c.req.raw, BODY_BYTES)).value
