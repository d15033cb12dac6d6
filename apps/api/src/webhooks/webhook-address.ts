/**
 * Judges addresses of webhooks by their text alone; what a name leads to is judged on connecting. Called by submitJob and by the
 * routes of endpoints.
 */
import {
  FINAL_WEBHOOK_EVENTS,
  type JobRequest,
  type JobWebhook,
  ProblemError,
  type WebhookFormat,
} from '@millrace/contracts'
import { AddressNotAllowedError } from '@millrace/webhooks'
import type { WebhookGuard } from '../http/api-deps.ts'

/** The address as it is kept. Throws ProblemError `webhook_not_allowed`, which says the same whatever was found. */
export function checkWebhookUrl(guard: WebhookGuard, url: string): string {
  try {
    return guard.check(url, 'webhook').href
  } catch (error) {
    if (error instanceof AddressNotAllowedError) throw new ProblemError('webhook_not_allowed')
    throw error
  }
}

/** What a submit says of webhooks. Throws ProblemError. */
export function webhookOf(
  guard: WebhookGuard,
  { webhook, webhook_events }: Pick<JobRequest, 'webhook' | 'webhook_events'>,
  { format, id }: { format?: WebhookFormat | undefined; id?: string | undefined } = {},
): JobWebhook | null {
  if (webhook !== undefined) {
    const events = [...new Set(webhook_events ?? FINAL_WEBHOOK_EVENTS)]
    return { url: checkWebhookUrl(guard, webhook), events, ...(format && { format }), ...(id !== undefined && { id }) }
  }
  if (webhook_events === undefined) return null
  const fault = { path: '/webhook_events', code: 'webhook', message: 'needs `webhook`, the address to send them to' }
  throw new ProblemError('invalid_request', { errors: [fault] })
}
