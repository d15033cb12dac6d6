/** Erasing all that a tenant has, or its jobs with some metadata: what is asked for, and what became of it. Used by the API, the client and the CLI. */
import { z } from 'zod'
import { BASE32 } from '../ids.ts'
import { tenantIdSchema } from './tenant.ts'

export const erasureIdSchema = z
  .string()
  .regex(new RegExp(`^era_${BASE32}{26}$`))
  .describe('Id of the erasure.')

export const erasureRequestSchema = z
  .strictObject({
    tenant: tenantIdSchema,
    metadata: z
      .record(z.string().min(1).max(64), z.string().max(512))
      .refine((pairs) => Object.keys(pairs).length >= 1 && Object.keys(pairs).length <= 16, 'expected 1 to 16 entries')
      .optional()
      .meta({ minProperties: 1, maxProperties: 16 })
      .describe(
        'Only jobs whose metadata has all of this, with their files, deliveries and events. Default: all that the tenant has.',
      ),
    dry_run: z.boolean().default(false).describe('Only count.'),
    counted: erasureIdSchema
      .optional()
      .describe(
        'The dry run of the same tenant and metadata that was read before, at most a day ago. Needed to erase.',
      ),
  })
  .meta({ id: 'ErasureRequest', examples: [{ tenant: 'acme', dry_run: true }] })
export type ErasureRequest = z.input<typeof erasureRequestSchema>
export type ReadErasureRequest = z.output<typeof erasureRequestSchema>

const count = z.number().int().min(0)

export const erasureCountsSchema = z.object({
  jobs: count,
  deliveries: count.describe('Of webhooks.'),
  files: count.describe('That were uploaded.'),
  blobs: count.describe('Contents of files, each counted once.'),
  keys: count,
  endpoints: count.describe('Of webhooks.'),
  usage: count.describe('Days on which something was used, for each model.'),
})
export type ErasureCounts = z.infer<typeof erasureCountsSchema>

export const erasureSchema = z
  .object({
    object: z.literal('erasure'),
    id: erasureIdSchema,
    status: z.enum(['running', 'done']),
    dry_run: z.boolean(),
    tenant: tenantIdSchema.nullable().describe('Null when it is done: then only the audit says whose it was.'),
    metadata_names: z.array(z.string()).nullable().describe('The names in `metadata`; null: all that the tenant has.'),
    counts: erasureCountsSchema.describe('What was erased so far, or what a dry run has counted.'),
    waiting: count.describe('Jobs that run, were told to stop, and are erased when they have.'),
    created_at: z.iso.datetime(),
    finished_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Erasure' })
export type Erasure = z.infer<typeof erasureSchema>
