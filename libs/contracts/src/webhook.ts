/**
 * The shapes of webhooks: what a receiver gets, and what the API shows of endpoints and deliveries. `libs/webhooks`
 * signs and sends them, `libs/client` has the check for receivers, docs/webhooks.md explains them.
 */
import { z } from 'zod'
import { jobErrorSchema } from './jobs/job-error.ts'
import { BATCH_EVENT, batchCountsSchema, batchIdSchema, batchStatusSchema } from './batches/batch.ts'
import { BASE32, type JobId, jobIdSchema } from './ids.ts'
import { jobSchema, progressSchema } from './jobs/job.ts'
import {
  FINAL_WEBHOOK_EVENTS,
  WEBHOOK_EVENTS,
  WEBHOOK_LIMITS,
  WEBHOOK_TEST_EVENT,
  type WebhookEvent,
  webhookEventSchema,
  webhookUrlSchema,
} from './jobs/webhook-event.ts'

const time = z.iso.datetime()

/**
 * `evt_` + the job's id without `job_` + the event + a number that keeps two events of the same type apart. There is no
 * dot in it, because the signed text is separated by dots.
 */
export const webhookIdSchema = z
  .string()
  .regex(/^evt_[0-9a-z_]{1,100}$/)
  .describe('Id of the message. It is the same on every try, so a receiver can ignore a message that it has seen.')

/**
 * Makes the `webhook-id` of an event. `n` keeps events of one type apart: a job that is rerun ends twice. It is, for
 * example, the `revision` of the record at the event.
 */
export const webhookIdOf = (jobId: JobId, event: WebhookEvent, n: number): string =>
  `evt_${jobId.slice(4)}_${event.slice(4)}_${n}`

/**
 * The facts of a job that may change after the event. They are kept with the event, so that every try sends the same
 * bytes.
 */
export const webhookFactsSchema = z.object({
  event: webhookEventSchema,
  at: time.describe('When it happened, by the clock of Redis.'),
  attempt: z.number().int().min(0),
  version: z.string(),
  started_at: time.nullable(),
  finished_at: time.nullable(),
  run_seconds: z.number().nullable(),
  error: jobErrorSchema.omit({ details: true }).nullable().describe('With `job.failed` only.'),
  progress: progressSchema.nullable().describe('With `job.progress` only.'),
  chunk: z
    .unknown()
    .optional()
    .describe('With `job.output` only, and only if its JSON text is at most WEBHOOK_LIMITS.chunkBytes long.'),
})
export type WebhookFacts = z.infer<typeof webhookFactsSchema>

/** The job as a webhook shows it: without input and output, and without addresses that expire. */
export const webhookJobSchema = z.object({
  id: jobIdSchema,
  object: z.literal('job'),
  kind: jobSchema.shape.kind,
  model: jobSchema.shape.model,
  version: jobSchema.shape.version,
  status: jobSchema.shape.status.describe('The status at the time of the event.'),
  error: webhookFactsSchema.shape.error,
  attempt: jobSchema.shape.attempt,
  metadata: jobSchema.shape.metadata,
  metrics: z.object({ run_seconds: jobSchema.shape.metrics.shape.run_seconds }),
  created_at: time,
  started_at: time.nullable(),
  finished_at: time.nullable(),
  urls: z.object({
    self: z.string().describe('Address of the job. Needs an API key.'),
    output: z.string().describe('Address of the output, of any size. Needs an API key.'),
  }),
})
export type WebhookJob = z.infer<typeof webhookJobSchema>

/** A batch as its webhook shows it. */
export const webhookBatchSchema = z.object({
  id: batchIdSchema,
  object: z.literal('batch'),
  status: batchStatusSchema,
  counts: batchCountsSchema,
  metadata: z.record(z.string(), z.string()),
  created_at: time,
  finished_at: time.nullable(),
  urls: z.object({ self: z.string().describe('Address of the batch. Needs an API key.') }),
})
export type WebhookBatch = z.infer<typeof webhookBatchSchema>

const head = { timestamp: time.describe('When it happened. It is the same on every try.') }

/** The body of a webhook. Branch on `type`; ignore types that you do not know. */
export const webhookMessageSchema = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('job.started'), ...head, data: webhookJobSchema }),
    z.object({
      type: z.literal('job.progress'),
      ...head,
      data: webhookJobSchema.extend({ progress: progressSchema }),
    }),
    z.object({
      type: z.literal('job.output'),
      ...head,
      data: webhookJobSchema.extend({
        chunk: z.unknown().describe('One piece of a streamed output; null when the piece is too large for a webhook.'),
        chunk_omitted: z.boolean().describe('True when the piece was too large. Read it from the job.'),
      }),
    }),
    z.object({ type: z.literal('job.succeeded'), ...head, data: webhookJobSchema }),
    z.object({ type: z.literal('job.failed'), ...head, data: webhookJobSchema }),
    z.object({ type: z.literal('job.canceled'), ...head, data: webhookJobSchema }),
    z.object({ type: z.literal(BATCH_EVENT), ...head, data: webhookBatchSchema }),
    z.object({
      type: z.literal(WEBHOOK_TEST_EVENT),
      ...head,
      data: z.object({ object: z.literal('webhook_test'), endpoint_id: z.string().nullable(), message: z.string() }),
    }),
  ])
  .meta({ id: 'WebhookMessage' })
export type WebhookMessage = z.infer<typeof webhookMessageSchema>

/**
 * Why a try of a delivery failed, as far as its owner may know. The texts tell nothing about the network that the
 * server is in.
 */
export const DELIVERY_ERRORS = {
  address_not_allowed: 'The address is not on the public internet, its host is unknown, or it is not https.',
  unreachable: 'Nothing answers at this address.',
  tls_failed: 'There is no safe connection: the certificate is wrong, or the server does not speak https.',
  timeout: 'No answer within 15 seconds.',
  connection_lost: 'The connection ended before there was an answer.',
  invalid_answer: 'The answer is not valid HTTP, or its headers are larger than 16 KB.',
  redirected: 'The receiver answered with a redirect; redirects are not followed.',
  bad_status: 'The receiver answered with a status other than 2xx.',
} as const
export type DeliveryError = keyof typeof DELIVERY_ERRORS
const deliveryErrors = Object.keys(DELIVERY_ERRORS) as [DeliveryError, ...DeliveryError[]]

export const webhookEndpointIdSchema = z
  .string()
  .regex(new RegExp(`^whe_${BASE32}{26}$`))
  .describe('Id of the endpoint.')

/** Why an endpoint gets no more webhooks. */
export const DISABLED_REASONS = ['gone', 'failing', 'manual'] as const

/** What an endpoint can hear of: the events of all jobs, and the ends of batches. */
export const ENDPOINT_EVENTS = [...WEBHOOK_EVENTS, BATCH_EVENT] as const
export type EndpointEvent = (typeof ENDPOINT_EVENTS)[number]

const endpointEventsSchema = z
  .array(
    z.enum(ENDPOINT_EVENTS).describe(`What happened to a job; or, with \`${BATCH_EVENT}\`, that a batch has ended.`),
  )
  .min(1)
  .max(ENDPOINT_EVENTS.length)
  .describe(
    `Which events to send: those of all jobs, and \`${BATCH_EVENT}\` of all batches. One thing that happens is sent at most once.`,
  )

/** Body of `POST /v1/webhook-endpoints`. */
export const webhookEndpointRequestSchema = z
  .strictObject({
    url: webhookUrlSchema,
    events: endpointEventsSchema.default([...FINAL_WEBHOOK_EVENTS]),
    description: z.string().max(256).default('').describe('Your own description. Default: empty.'),
  })
  .meta({ id: 'WebhookEndpointRequest', examples: [{ url: 'https://example.com/hooks' }] })
export type WebhookEndpointRequest = z.infer<typeof webhookEndpointRequestSchema>

/** Body of `PATCH /v1/webhook-endpoints/{id}`. Fields that are left out stay as they are. */
export const webhookEndpointChangeSchema = z
  .strictObject({
    url: webhookUrlSchema.optional(),
    events: endpointEventsSchema.optional(),
    description: webhookEndpointRequestSchema.shape.description.unwrap().optional(),
  })
  .meta({ id: 'WebhookEndpointChange', examples: [{ events: ['job.failed'] }] })
export type WebhookEndpointChange = z.infer<typeof webhookEndpointChangeSchema>

/** An address that receives the events of all jobs and batches of a tenant. */
export const webhookEndpointSchema = z
  .object({
    id: webhookEndpointIdSchema,
    object: z.literal('webhook_endpoint'),
    url: webhookUrlSchema,
    events: endpointEventsSchema,
    description: z.string(),
    disabled: z
      .object({
        at: time,
        reason: z
          .enum(DISABLED_REASONS)
          .describe('`gone`: it answered 410. `failing`: nothing arrived for 5 days. `manual`: you asked for it.'),
      })
      .nullable()
      .describe('When and why the endpoint was disabled. Null while webhooks are sent to it.'),
    created_at: time,
  })
  .meta({ id: 'WebhookEndpoint' })
export type WebhookEndpoint = z.infer<typeof webhookEndpointSchema>

/** The answer when an endpoint is created or its secret is rotated. Only these two answers show the secret. */
export const webhookEndpointCreatedSchema = webhookEndpointSchema
  .extend({ secret: z.string().describe('`whsec_…`: verifies the signatures. It is shown only this once.') })
  .meta({ id: 'WebhookEndpointCreated' })
export type WebhookEndpointCreated = z.infer<typeof webhookEndpointCreatedSchema>

/** The secret that signs webhooks of jobs that named an address of their own. */
export const webhookSecretSchema = z
  .object({ object: z.literal('webhook_secret'), secret: z.string().describe('`whsec_…`: verifies the signatures.') })
  .meta({ id: 'WebhookSecret' })
export type WebhookSecretView = z.infer<typeof webhookSecretSchema>

/** One try of a delivery. */
export const deliveryTrySchema = z.object({
  at: time,
  status: z.number().int().nullable().describe('HTTP status of the answer. Null when there was no answer.'),
  error: z.enum(deliveryErrors).nullable().describe('Why the try failed. Null when the message was delivered.'),
  duration_ms: z.number().int().min(0),
})
export type DeliveryTry = z.infer<typeof deliveryTrySchema>

/** `whd_` + 8 characters for the shard + 26 characters made from the message and its receiver. */
export const webhookDeliveryIdSchema = z
  .string()
  .regex(/^whd_[0-9a-z]{34}$/)
  .describe('Id of the delivery.')

export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed', 'skipped'] as const

/**
 * One message to one receiver, and how it went. Of the address only the host is shown, because the rest may contain a
 * secret.
 */
export const webhookDeliverySchema = z
  .object({
    id: webhookDeliveryIdSchema,
    object: z.literal('webhook_delivery'),
    webhook_id: webhookIdSchema,
    job_id: jobIdSchema.nullable().describe('Null for a batch, and for a test.'),
    event: z.enum([...WEBHOOK_EVENTS, BATCH_EVENT, WEBHOOK_TEST_EVENT]),
    endpoint_id: webhookEndpointIdSchema.nullable().describe('Null when the job or the batch named the address.'),
    host: z.string().describe('Host of the address.'),
    status: z
      .enum(DELIVERY_STATUSES)
      .describe('`failed`: no try is left. `skipped`: the endpoint was disabled before the message could be sent.'),
    tries: z
      .array(deliveryTrySchema)
      .max(WEBHOOK_LIMITS.triesKept)
      .describe('The newest tries, the oldest of them first.'),
    tries_made: z.number().int().min(0),
    next_try_at: time.nullable().describe('Null unless the delivery is pending.'),
    created_at: time,
  })
  .meta({ id: 'WebhookDelivery' })
export type WebhookDelivery = z.infer<typeof webhookDeliverySchema>

/** Body of `POST /v1/webhook-endpoints/{id}/redeliver-failed`. */
export const redeliverFailedSchema = z
  .strictObject({
    since: z.iso.datetime({ offset: true }).describe('Deliveries that were created at this time or later.'),
  })
  .meta({ id: 'RedeliverFailed', examples: [{ since: '2026-01-01T00:00:00Z' }] })
