/** The words about webhooks that a request, a record and a message share; the rest is in webhook.ts. */
import { z } from 'zod'

/** What a webhook can tell of a job. A client picks some of them; see FINAL_WEBHOOK_EVENTS for the default. */
export const WEBHOOK_EVENTS = [
  'job.started',
  'job.progress',
  'job.output',
  'job.succeeded',
  'job.failed',
  'job.canceled',
] as const
export const webhookEventSchema = z.enum(WEBHOOK_EVENTS).describe('What happened to the job.')
export type WebhookEvent = z.infer<typeof webhookEventSchema>

/** The events that end a job: what is sent when a client names none. */
export const FINAL_WEBHOOK_EVENTS = ['job.succeeded', 'job.failed', 'job.canceled'] as const satisfies WebhookEvent[]

/** Sent on request only, to try an endpoint; nobody subscribes to it. */
export const WEBHOOK_TEST_EVENT = 'webhook.test'

export const WEBHOOK_LIMITS = {
  /** Characters of an address. */
  urlChars: 2048,
  /** Bytes of the JSON text of a chunk in `job.output`; a larger one is left out and must be read from the job. */
  chunkBytes: 4096,
  /** Tries of a delivery that are kept, the last ones. */
  triesKept: 10,
} as const

export const webhookUrlSchema = z
  .url({ protocol: /^https?$/ })
  .max(WEBHOOK_LIMITS.urlChars)
  .describe('Where to send webhooks: an https address that the public internet reaches.')

export const webhookEventsSchema = z
  .array(webhookEventSchema)
  .min(1)
  .max(WEBHOOK_EVENTS.length)
  .describe('Which events to send, each at most once per thing that happened.')

/** Where a job's own webhooks go, as its record keeps it. The address may hold a secret of its owner. */
export const jobWebhookSchema = z.object({ url: webhookUrlSchema, events: webhookEventsSchema })
export type JobWebhook = z.infer<typeof jobWebhookSchema>
