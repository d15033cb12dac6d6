/** Moving the jobs that wait in a line to another version: what is asked for, and what became of it. Used by the API, the client and the CLI. */
import { z } from 'zod'
import { jobIdSchema } from '../ids.ts'

export const relocationIdSchema = z.string().regex(/^mov_[0-9a-z]{26}$/)

const version = z.string().min(1).max(64)

const fromSchema = z
  .union([
    z.strictObject({ version: version.describe('Jobs that wait for that version alone, as their clients named it.') }),
    z.strictObject({
      contract: z
        .string()
        .regex(/^[0-9a-z]{1,64}$/)
        .describe('Jobs that wait for any version with that contract, as the list of versions calls it.'),
    }),
  ])
  .describe('Where they wait. One of the two.')

export const relocationRequestSchema = z
  .strictObject({
    from: fromSchema,
    to: version.describe('The version that is to run them.'),
    dry_run: z.boolean().default(false).describe('Check and count, and move nothing.'),
  })
  .meta({ id: 'RelocationRequest', examples: [{ from: { version: '1.4.0' }, to: '1.5.0', dry_run: true }] })
export type RelocationRequest = z.input<typeof relocationRequestSchema>
export type ReadRelocationRequest = z.output<typeof relocationRequestSchema>

const misfitSchema = z.object({
  job: jobIdSchema,
  path: z.string().describe('JSON pointer to what does not fit.'),
  message: z.string(),
})
/** A job whose input the other version does not take. */
export type Misfit = z.infer<typeof misfitSchema>

const count = z.number().int().min(0)

export const relocationSchema = z
  .object({
    object: z.literal('relocation'),
    id: z.string(),
    model: z.string(),
    status: z.enum(['running', 'done']),
    from: fromSchema,
    to: z.string(),
    dry_run: z.boolean(),
    moved: count.describe('Jobs that were moved; with `dry_run`, that would be.'),
    unfit: count.describe('Jobs whose input that version does not take. They stay where they are.'),
    misfits: z.array(misfitSchema).describe('The first 10 of these.'),
    created_at: z.iso.datetime().describe('Jobs that were submitted later are not touched.'),
    finished_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Relocation' })
export type Relocation = z.infer<typeof relocationSchema>
