/** What was used, as the API tells it: sums of days, models, tenants and keys. Kept by `libs/queue`, served by `apps/api`. */
import { z } from 'zod'
import { apiKeyIdSchema } from './access/api-key.ts'
import { tenantIdSchema } from './access/tenant.ts'
import { modelNameSchema } from './manifest.ts'

export const USAGE_GROUPS = ['day', 'tenant', 'model', 'key'] as const
export type UsageGroup = (typeof USAGE_GROUPS)[number]

const day = z.iso.date()
const count = z.number().int().min(0)
const seconds = z.number().min(0)

const sums = {
  submitted: count.describe('Jobs that were accepted.'),
  reran: count.describe('Times that a failed job was run again as the same job. Each such life ends once more.'),
  succeeded: count.describe('Ends of jobs, on the day of the end.'),
  failed: count,
  expired: count.describe('Of `failed`, those that no worker had begun before their time was over.'),
  canceled: count.describe('Ends of jobs that were canceled, or that were deleted while they waited.'),
  queue_seconds: seconds.describe(
    'How long attempts waited until their model began, as `queue_seconds` of each tells.',
  ),
  run_seconds: seconds.describe('How long the model ran, as `run_seconds` of each attempt tells.'),
  device_seconds: seconds.describe(
    'How long a device was held: `run_seconds`, and of attempts whose worker was lost the time that they were held.',
  ),
  bytes_in: count.describe('Inputs of accepted jobs, with their files. Bytes.'),
  bytes_out: count.describe('Outputs of ended jobs, with their files. Bytes.'),
  retried: count.describe(
    'Times that a job came back into its line by itself: an attempt had failed, or its worker was lost.',
  ),
}

export const usageSumsSchema = z.object(sums)
export type UsageSums = z.infer<typeof usageSumsSchema>

export const usageRowSchema = z
  .object({
    day: day.optional(),
    tenant: tenantIdSchema.optional(),
    model: modelNameSchema.optional(),
    key: apiKeyIdSchema.nullable().optional().describe('Null: MILLRACE_API_KEY, or no key was needed.'),
    ...sums,
  })
  .meta({ id: 'UsageRow' })
export type UsageRow = z.infer<typeof usageRowSchema>

export const usageSchema = z
  .object({
    object: z.literal('usage'),
    from: day,
    to: day.describe('This day is included. Days are those of UTC.'),
    by: z.array(z.enum(USAGE_GROUPS)),
    data: z.array(usageRowSchema).describe('A row for each group in which something was used, in the order of `by`.'),
    total: usageSumsSchema,
  })
  .meta({ id: 'Usage' })
export type Usage = z.infer<typeof usageSchema>
