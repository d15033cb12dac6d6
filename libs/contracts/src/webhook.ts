/**
 * Webhooks: what a receiver gets, and what the API tells of endpoints and deliveries. Signing and sending are in
 * `libs/webhooks`, the check for receivers in `libs/client`, the words for people in docs/webhooks.md.
 */
import { z } from 'zod'
import { jobErrorSchema } from './jobs/job-error.ts'
import { BASE32, type JobId, jobIdSchema } from './ids.ts'
import { jobSchema, progressSchema } from './jobs/job.ts'
import {
  FINAL_WEBHOOK_EVENTS,
  WEBHOOK_EVENTS,
  WEBHOOK_LIMITS,
  WEBHOOK_TEST_EVENT,
  type WebhookEvent,
  webhookEventSchema,
  webhookEventsSchema,
  webhookUrlSchema,
} from './jobs/webhook-event.ts'

const time = z.iso.datetime()

/** `evt_` + the body of its job's id + the event + a number that tells apart what happened twice. No dots: they are signed over. */
export const webhookIdSchema = z
  .string()
  .regex(/^evt_[0-9a-z_]{1,100}$/)
  .describe('Id of the message: the same on every try, so that a receiver can drop what it has seen.')

/**
 * The `webhook-id` of an event of a job. `n` tells apart events of one type, such as the record's `revision` at the
 * event: a job that is rerun ends twice.
 */
export const webhookIdOf = (jobId: JobId, event: WebhookEvent, n: number): string =>
  `evt_${jobId.slice(4)}_${event.slice(4)}_${n}`

/** What may change in a job after its event: kept with the event, so that each try sends the same bytes. */
export const webhookFactsSchema = z.object({
  event: webhookEventSchema,
  at: time.describe("When it happened, by Redis' clock."),
  attempt: z.number().int().min(0),
  version: z.string(),
  started_at: time.nullable(),
  finished_at: time.nullable(),
  run_seconds: z.number().nullable(),
  error: jobErrorSchema.omit({ details: true }).nullable().describe('With `job.failed` only.'),
  progress: progressSchema.nullable().describe('With `job.progress` only.'),
  chunk: z.unknown().optional().describe('With `job.output` only, when its JSON text fits WEBHOOK_LIMITS.chunkBytes.'),
})
export type WebhookFacts = z.infer<typeof webhookFactsSchema>

/** The job as a webhook tells of it: no input, no output, and no address that expires. */
export const webhookJobSchema = z.object({
  id: jobIdSchema,
  object: z.literal('job'),
  kind: jobSchema.shape.kind,
  model: jobSchema.shape.model,
  version: jobSchema.shape.version,
  status: jobSchema.shape.status.describe('As it was when this happened.'),
  error: webhookFactsSchema.shape.error,
  attempt: jobSchema.shape.attempt,
  metadata: jobSchema.shape.metadata,
  metrics: z.object({ run_seconds: jobSchema.shape.metrics.shape.run_seconds }),
  created_at: time,
  started_at: time.nullable(),
  finished_at: time.nullable(),
  urls: z.object({
    self: z.string().describe('The job; needs an API key.'),
    output: z.string().describe('Its output, of any size; needs an API key.'),
  }),
})
export type WebhookJob = z.infer<typeof webhookJobSchema>

const head = { timestamp: time.describe('When it happened; the same on every try.') }

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
        chunk: z.unknown().describe('One piece of a streamed output; null when it is too large to be sent here.'),
        chunk_omitted: z.boolean().describe('Whether the piece was too large: read it from the job.'),
      }),
    }),
    z.object({ type: z.literal('job.succeeded'), ...head, data: webhookJobSchema }),
    z.object({ type: z.literal('job.failed'), ...head, data: webhookJobSchema }),
    z.object({ type: z.literal('job.canceled'), ...head, data: webhookJobSchema }),
    z.object({
      type: z.literal(WEBHOOK_TEST_EVENT),
      ...head,
      data: z.object({ object: z.literal('webhook_test'), endpoint_id: z.string().nullable(), message: z.string() }),
    }),
  ])
  .meta({ id: 'WebhookMessage' })
export type WebhookMessage = z.infer<typeof webhookMessageSchema>

/** Why a try of a delivery failed, as far as an owner may know it. Says nothing of what lies inside the network. */
export const DELIVERY_ERRORS = {
  address_not_allowed: 'The address is not one of the public internet, nobody knows its host, or it is not https.',
  unreachable: 'Nothing answers there.',
  tls_failed: 'No safe connection: the certificate is wrong, or it is no https server.',
  timeout: 'No answer within 15 seconds.',
  connection_lost: 'The connection ended before there was an answer.',
  invalid_answer: 'What came back is no proper HTTP, or its headers are larger than 16 KB.',
  redirected: 'The receiver answered with a redirect; redirects are not followed.',
  bad_status: 'The receiver answered with a status other than 2xx.',
} as const
export type DeliveryError = keyof typeof DELIVERY_ERRORS
const deliveryErrors = Object.keys(DELIVERY_ERRORS) as [DeliveryError, ...DeliveryError[]]

export const webhookEndpointIdSchema = z
  .string()
  .regex(new RegExp(`^whe_${BASE32}{26}$`))
  .describe('Id of the endpoint.')

/** Why nothing is sent to an endpoint any more. */
export const DISABLED_REASONS = ['gone', 'failing', 'manual'] as const

/** Body of `POST /v1/webhook-endpoints`. */
export const webhookEndpointRequestSchema = z
  .strictObject({
    url: webhookUrlSchema,
    events: webhookEventsSchema.default([...FINAL_WEBHOOK_EVENTS]),
    description: z.string().max(256).default('').describe('Your own words.'),
  })
  .meta({ id: 'WebhookEndpointRequest', examples: [{ url: 'https://example.com/hooks' }] })
export type WebhookEndpointRequest = z.infer<typeof webhookEndpointRequestSchema>

/** Body of `PATCH /v1/webhook-endpoints/{id}`: what is left out stays. */
export const webhookEndpointChangeSchema = z
  .strictObject({
    url: webhookUrlSchema.optional(),
    events: webhookEventsSchema.optional(),
    description: webhookEndpointRequestSchema.shape.description.unwrap().optional(),
  })
  .meta({ id: 'WebhookEndpointChange', examples: [{ events: ['job.failed'] }] })
export type WebhookEndpointChange = z.infer<typeof webhookEndpointChangeSchema>

/** A place that is told of all jobs of a tenant. */
export const webhookEndpointSchema = z
  .object({
    id: webhookEndpointIdSchema,
    object: z.literal('webhook_endpoint'),
    url: webhookUrlSchema,
    events: webhookEventsSchema,
    description: z.string(),
    disabled: z
      .object({
        at: time,
        reason: z
          .enum(DISABLED_REASONS)
          .describe('`gone`: it answered 410. `failing`: nothing arrived for 5 days. `manual`: you asked for it.'),
      })
      .nullable()
      .describe('Null while webhooks are sent to it.'),
    created_at: time,
  })
  .meta({ id: 'WebhookEndpoint' })
export type WebhookEndpoint = z.infer<typeof webhookEndpointSchema>

/** The answer to the making of an endpoint, and to the turning of its secret: the only ones that show the secret. */
export const webhookEndpointCreatedSchema = webhookEndpointSchema
  .extend({ secret: z.string().describe('`whsec_…`: verifies the signatures. Shown this once.') })
  .meta({ id: 'WebhookEndpointCreated' })
export type WebhookEndpointCreated = z.infer<typeof webhookEndpointCreatedSchema>

/** What signs the webhooks of a tenant's jobs that brought an address of their own. */
export const webhookSecretSchema = z
  .object({ object: z.literal('webhook_secret'), secret: z.string().describe('`whsec_…`: verifies the signatures.') })
  .meta({ id: 'WebhookSecret' })
export type WebhookSecretView = z.infer<typeof webhookSecretSchema>

export const deliveryTrySchema = z.object({
  at: time,
  status: z.number().int().nullable().describe('What the receiver answered; null when it did not.'),
  error: z.enum(deliveryErrors).nullable().describe('Why it failed; null when it was delivered.'),
  duration_ms: z.number().int().min(0),
})
export type DeliveryTry = z.infer<typeof deliveryTrySchema>

/** `whd_` + the 8 characters of its shard + 26 made from the message and its receiver. */
export const webhookDeliveryIdSchema = z
  .string()
  .regex(/^whd_[0-9a-z]{34}$/)
  .describe('Id of the delivery.')

export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed', 'skipped'] as const

/** One message to one receiver, and how it went. Only the host of the address: the rest may hold a secret. */
export const webhookDeliverySchema = z
  .object({
    id: webhookDeliveryIdSchema,
    object: z.literal('webhook_delivery'),
    webhook_id: webhookIdSchema,
    job_id: jobIdSchema.nullable().describe('Null for a test.'),
    event: z.enum([...WEBHOOK_EVENTS, WEBHOOK_TEST_EVENT]),
    endpoint_id: webhookEndpointIdSchema.nullable().describe('Null when the address came with the job.'),
    host: z.string().describe('Host of the address.'),
    status: z
      .enum(DELIVERY_STATUSES)
      .describe('`failed`: all tries are used up. `skipped`: its endpoint was disabled before it could be sent.'),
    tries: z.array(deliveryTrySchema).max(WEBHOOK_LIMITS.triesKept).describe('The last ones, oldest first.'),
    tries_made: z.number().int().min(0),
    next_try_at: time.nullable().describe('Null unless pending.'),
    created_at: time,
  })
  .meta({ id: 'WebhookDelivery' })
export type WebhookDelivery = z.infer<typeof webhookDeliverySchema>

/** Body of `POST /v1/webhook-endpoints/{id}/redeliver-failed`. */
export const redeliverFailedSchema = z
  .strictObject({ since: z.iso.datetime({ offset: true }).describe('Deliveries that were made then or later.') })
  .meta({ id: 'RedeliverFailed', examples: [{ since: '2026-01-01T00:00:00Z' }] })
