/**
 * What a client may ask for when it submits a job. The API checks a body by it; its limits and words stand in the document
 * of the API.
 */
import { z } from 'zod'
import { LIMITS } from '../limits.ts'
import { webhookEventsSchema, webhookUrlSchema } from './webhook-event.ts'

/** Priorities as clients name them, and the number the transport sorts by (lower first). */
export const PRIORITIES = { high: 1, normal: 2, low: 3 } as const

const names = Object.keys(PRIORITIES) as (keyof typeof PRIORITIES)[]

/** What a model can be asked for. Not every model can be trained: see `training` of its manifest. */
export const JOB_KINDS = ['prediction', 'training'] as const
export const jobKindSchema = z.enum(JOB_KINDS)
export type JobKind = z.infer<typeof jobKindSchema>

/** Body of `POST /v1/models/{model}/jobs`. Unknown keys are refused. */
export const jobRequestSchema = z
  .strictObject({
    kind: jobKindSchema
      .default('prediction')
      .describe('What is asked for. `training` only where the model can be trained.'),
    input: z
      .record(z.string(), z.unknown())
      .describe("The model's input; checked against its input schema, that of its `training` for a training."),
    version: z.string().min(1).max(64).optional().describe('Refuse to run on any other version of the model.'),
    priority: z.enum(names).default('normal').describe('Who goes first among waiting jobs of this model.'),
    run_at: z.iso
      .datetime({ offset: true })
      // The time by which it must have started, up to 30 days later, must be a date of four digits too.
      .refine((at) => !(Date.parse(at) >= Date.UTC(9999, 0)), 'must lie before the year 9999')
      .optional()
      .describe('Earliest start. Default: now.'),
    expires_in: z
      .number()
      .positive()
      .max(30 * 86_400)
      .default(86_400)
      .describe('Seconds from submit (or from `run_at`) until a job whose model did not begin fails with `expired`.'),
    timeout: z
      .number()
      .positive()
      .max(LIMITS.timeoutSeconds.training)
      .optional()
      .describe("Seconds one attempt may run, at most a day; a training a week. Default: the model's."),
    max_attempts: z
      .number()
      .int()
      .min(1)
      .max(20)
      .optional()
      .describe("Attempts when the model raises an error. Default: the model's."),
    webhook: webhookUrlSchema.optional(),
    webhook_events: webhookEventsSchema
      .optional()
      .describe('Which events are sent to `webhook`. Default: the three that end a job.'),
    keep_for: z
      .number()
      .int()
      .min(1)
      .max(LIMITS.keepSeconds)
      .optional()
      .describe("Seconds from its end until the job, its events and its files are deleted. Default: the model's."),
    metadata: z
      .record(z.string().max(64), z.string().max(512))
      .refine((value) => Object.keys(value).length <= 16, 'at most 16 keys')
      .default({})
      .meta({
        description: 'Your own labels; kept, returned, never interpreted. At most 16.',
        maxProperties: 16,
        propertyNames: { maxLength: 64 },
      }),
  })
  .meta({
    id: 'JobRequest',
    dependentRequired: { webhook_events: ['webhook'] },
    examples: [{ input: { message: 'hello' }, metadata: { order: '42' } }],
  })
export type JobRequest = z.infer<typeof jobRequestSchema>

export const idempotencyKeySchema = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/)
  .describe(
    '1 to 255 visible ASCII characters. Same key, same job, for 24 hours from the submit: when the job was erased meanwhile, ' +
      'the answer is 410 `job_purged` with its id, and nothing is run again.',
  )
