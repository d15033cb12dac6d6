/**
 * The names and limits of webhook events, shared by the submit request, the record and the message. The rest is in
 * webhook.ts.
 */
import { z } from 'zod'
import type { JobStatus } from './job-status.ts'

/** The job events that a webhook can tell. A client picks some of them; the default is FINAL_WEBHOOK_EVENTS. */
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

/** The status that an event tells, whatever became of the job since. */
export const STATUS_AT: Readonly<Record<WebhookEvent, JobStatus>> = {
  'job.started': 'running',
  'job.progress': 'running',
  'job.output': 'running',
  'job.succeeded': 'succeeded',
  'job.failed': 'failed',
  'job.canceled': 'canceled',
}

/** The events that end a job: what is sent when a client names none. */
export const FINAL_WEBHOOK_EVENTS = ['job.succeeded', 'job.failed', 'job.canceled'] as const satisfies WebhookEvent[]

/** A test message, sent only when a client asks for it. It cannot be subscribed to. */
export const WEBHOOK_TEST_EVENT = 'webhook.test'

export const WEBHOOK_LIMITS = {
  /** Characters of an address. */
  urlChars: 2048,
  /**
   * Bytes of the JSON text of a chunk in `job.output`. A larger chunk is left out; the receiver reads it from the job.
   */
  chunkBytes: 4096,
  /** How many tries of a delivery are kept: the newest ones. */
  triesKept: 10,
} as const

export const webhookUrlSchema = z
  .url({ protocol: /^https?$/ })
  .max(WEBHOOK_LIMITS.urlChars)
  .describe('Where to send webhooks: an https address that can be reached from the public internet.')

export const webhookEventsSchema = z
  .array(webhookEventSchema)
  .min(1)
  .max(WEBHOOK_EVENTS.length)
  .describe('Which events to send. One thing that happens is sent at most once.')

/** Platforms in whose shape a webhook may be told; see libs/dialects. */
export const WEBHOOK_FORMATS = ['replicate', 'cog', 'runpod', 'fal'] as const
export type WebhookFormat = (typeof WEBHOOK_FORMATS)[number]

/** Where the webhooks of one job are sent, as its record keeps it. The address may contain a secret of its owner. */
export const jobWebhookSchema = z.object({
  url: webhookUrlSchema,
  events: webhookEventsSchema,
  format: z.enum(WEBHOOK_FORMATS).optional().describe('The shape of their bodies. Absent: ours.'),
  id: z.string().max(255).optional().describe('What its client calls the job, in such a shape. Absent: as we do.'),
})
export type JobWebhook = z.infer<typeof jobWebhookSchema>
