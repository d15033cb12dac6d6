/**
 * The fields of a submit request. The API checks the body with this schema, and its descriptions appear in the OpenAPI
 * document.
 */
import { z } from 'zod'
import { LIMITS } from '../limits.ts'
import { webhookEventsSchema, webhookUrlSchema } from './webhook-event.ts'

/** Priorities as clients name them. What each is worth is known to the queue. */
export const PRIORITIES = ['high', 'normal', 'low'] as const

/** What a client can ask of a model. A model can be trained only if its manifest has `training`. */
export const JOB_KINDS = ['prediction', 'training'] as const
export const jobKindSchema = z.enum(JOB_KINDS)
export type JobKind = z.infer<typeof jobKindSchema>

/** Body of `POST /v1/models/{model}/jobs`. Unknown keys are refused. */
export const jobRequestSchema = z
  .strictObject({
    kind: jobKindSchema
      .default('prediction')
      .describe('What to do with the model. `training` works only for a model that can be trained.'),
    input: z
      .record(z.string(), z.unknown())
      .describe(
        "The input. It is checked by the model's input schema; for a training, by the input schema of its `training`.",
      ),
    version: z.string().min(1).max(64).optional().describe('Refuse to run on any other version of the model.'),
    priority: z.enum(PRIORITIES).default('normal').describe('Which of the waiting jobs of this model runs first.'),
    run_at: z.iso
      .datetime({ offset: true })
      // `expires_at` can be 30 days later than this, and its year must have four digits too.
      .refine((at) => !(Date.parse(at) >= Date.UTC(9999, 0)), 'must lie before the year 9999')
      .optional()
      .describe('Earliest start. Default: now.'),
    expires_in: z
      .number()
      .positive()
      .max(30 * 86_400)
      .default(86_400)
      .describe(
        'Seconds from submit (or from `run_at`) after which a job fails with `expired` if its model has not begun.',
      ),
    reject_if_late: z
      .boolean()
      .optional()
      .describe(
        'Refuse the job with `would_be_late` when it will probably not start within `expires_in`. It is taken when nothing is known of how long it will wait.',
      ),
    timeout: z
      .number()
      .positive()
      .max(LIMITS.timeoutSeconds.training)
      .optional()
      .describe(
        'Seconds that one attempt may run: at most a day, or a week for a training. Default: the time of the model.',
      ),
    max_attempts: z
      .number()
      .int()
      .min(1)
      .max(20)
      .optional()
      .describe('How many attempts are made when the model raises an error. Default: the number of the model.'),
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
      .describe(
        'Seconds from the end of the job until the job, its events and its files are deleted. Default: the time of the model.',
      ),
    metadata: z
      .record(z.string().max(64), z.string().max(512))
      .refine((value) => Object.keys(value).length <= 16, 'at most 16 keys')
      .default({})
      .meta({
        description: 'Your own labels, at most 16. They are kept and returned, and never interpreted.',
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

/** The `Idempotency-Key` header: a repeated submit with the same key answers the same job. */
export const idempotencyKeySchema = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/)
  .describe(
    '1 to 255 visible ASCII characters. Same key, same job, for 24 hours from the submit: if the job was purged since then, ' +
      'the answer is 410 `job_purged` with its id, and nothing is run again.',
  )
