/** Canceling all jobs that match: what is asked for, and what became of it. Used by the API, the client and the CLI. */
import { z } from 'zod'
import { modelNameSchema } from '../manifest.ts'

export const cancellationIdSchema = z.string().regex(/^can_[0-9a-z]{26}$/)

const CANCELABLE = ['queued', 'running'] as const
const time = z.iso.datetime({ offset: true })

const filterSchema = z.strictObject({
  model: modelNameSchema.optional(),
  status: z.enum(CANCELABLE).optional().describe('Default: those that wait and those that run.'),
  version: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe('Jobs that are pinned to that version, and jobs that run on it. Needs `model`.'),
  created_after: time.optional().describe('Created then or later.'),
  created_before: time.optional().describe('Created then or earlier.'),
})

export const cancellationRequestSchema = filterSchema
  .refine((filter) => Object.values(filter).some((value) => value !== undefined), {
    message: 'at least one condition is needed: all jobs are not canceled by leaving everything out',
  })
  .refine(({ version, model }) => version === undefined || model !== undefined, {
    path: ['version'],
    message: 'needs `model` beside it',
  })
  .meta({ minProperties: 1, dependentRequired: { version: ['model'] } })
export type CancellationRequest = z.infer<typeof cancellationRequestSchema>

const count = z.number().int().min(0)

export const cancellationSchema = z
  .object({
    object: z.literal('cancellation'),
    id: z.string(),
    status: z.enum(['running', 'done']),
    filter: filterSchema,
    canceled: count.describe('Jobs that waited and are canceled.'),
    stopping: count.describe(
      'Jobs that ran and were told to stop. One that ended before it heard of that is as it ended.',
    ),
    created_at: z.iso.datetime().describe('Jobs that were submitted later are not touched.'),
    finished_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Cancellation' })
export type Cancellation = z.infer<typeof cancellationSchema>
