/** An action on all jobs that match: what is asked for, and what became of it. Used by the API, the clients, the CLI and the page. */
import { z } from 'zod'
import type { Scope } from '../access/scope.ts'
import { BASE32 } from '../ids.ts'
import { isEmptyFilter, jobFilterSchema } from './search/job-filter.ts'

/** What can be done, and what a key must be allowed for it: the same as for one job. */
export const JOB_ACTIONS = {
  cancel: 'jobs:cancel',
  retry: 'jobs:write',
  purge: 'jobs:cancel',
} as const satisfies Record<string, Scope>
export type JobActionKind = keyof typeof JOB_ACTIONS

export const jobActionIdSchema = z
  .string()
  .regex(new RegExp(`^act_${BASE32}{26}$`))
  .describe('Id of the action.')

const count = z.number().int().min(0)
const action = z
  .enum(Object.keys(JOB_ACTIONS) as [JobActionKind, ...JobActionKind[]])
  .describe(
    '`cancel`: jobs that wait are canceled, jobs that run are told to stop. `retry`: failed jobs go back to the line, under the limits of today. `purge`: jobs that do not run are taken away with their files.',
  )
const dry_run = z.boolean().default(false).describe('Only count.')

const labels = jobFilterSchema.shape.metadata.unwrap()

/** One with a condition. */
const askedFilterSchema = jobFilterSchema
  .extend({
    metadata: labels
      .refine((named) => Object.keys(named).length > 0, 'at least one label is needed')
      .optional()
      .meta({ minProperties: 1, maxProperties: 16 }),
  })
  .refine((filter) => !isEmptyFilter(filter), {
    message: 'at least one condition is needed, such as `model` or `status`: nothing is done to all jobs at once',
  })
  .meta({ minProperties: 1 })

export const jobActionRequestSchema = z
  .strictObject({
    filter: askedFilterSchema,
    action,
    expect_count: count
      .optional()
      .describe(
        'How many jobs match, as a dry run or a list has counted. If there are more or less now, nothing is done.',
      ),
    dry_run,
  })
  .refine(({ dry_run, expect_count }) => dry_run || expect_count !== undefined, {
    path: ['expect_count'],
    message: 'is needed: send the same with `dry_run` first, which counts',
  })
  .meta({
    id: 'JobActionRequest',
    if: { properties: { dry_run: { const: true } }, required: ['dry_run'] },
    else: { required: ['expect_count'] },
    examples: [{ filter: { model: 'ocr', status: ['failed'] }, action: 'retry', expect_count: 3 }],
  })
export type JobActionRequest = z.input<typeof jobActionRequestSchema>
export type ReadJobActionRequest = z.output<typeof jobActionRequestSchema>

export const JOB_ACTION_STATUSES = ['counting', 'running', 'stopping', 'done', 'canceled', 'refused'] as const

/** Why a job was left as it is. The codes of refusals mean the same as for one job. */
export const SKIP_REASONS = [
  'job_ended',
  'job_running',
  'job_not_retryable',
  'changed',
  'tenant_limit',
  'queue_full',
  'model_paused',
  'device_seconds_limit',
  'storage_pressure',
] as const
export type SkipReason = (typeof SKIP_REASONS)[number]

export const jobActionSchema = z
  .object({
    object: z.literal('job_action'),
    id: jobActionIdSchema,
    action,
    filter: jobFilterSchema,
    dry_run: z.boolean(),
    status: z
      .enum(JOB_ACTION_STATUSES)
      .describe(
        'First it counts. Then it is `running` until all that match had their turn and it is `done`; or it is `refused`, because the count was not the expected one. `stopping` is one that was canceled and is `canceled` in a moment: what it did stays done.',
      ),
    expect_count: count.nullable(),
    matched: count
      .nullable()
      .describe(
        'How many jobs match that were submitted before the action; null while it counts. No others are touched.',
      ),
    done: count.describe('Jobs that were canceled, put back to the line or purged.'),
    stopping: count.describe(
      'How many of `done` ran and were told to stop. One that ended before it heard of that is as it ended.',
    ),
    skipped: count.describe('Jobs that matched and were left as they are.'),
    skipped_by: z
      .partialRecord(z.enum(SKIP_REASONS), count)
      .describe(
        'The same by reason. `changed`: it did not match any more when it had its turn. The other reasons are the codes with which the same is refused for one job; `job_ended`: there is nothing to cancel.',
      ),
    failed: count.describe('Jobs whose records could not be read, such as those of a newer version.'),
    created_at: z.iso.datetime().describe('Jobs that were submitted later are not touched.'),
    finished_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'JobAction' })
export type JobAction = z.infer<typeof jobActionSchema>

export const jobActionListSchema = z
  .object({ object: z.literal('list'), data: z.array(jobActionSchema), next_cursor: z.string().nullable() })
  .meta({ id: 'JobActionList' })
