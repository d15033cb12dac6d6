/** A batch: many jobs as one thing with an id. What is asked for, and how far it is. Used by the API, the client and the CLI. */
import { z } from 'zod'
import { BASE32, fileIdSchema, uploadIdSchema } from '../ids.ts'
import { fileViewSchema } from '../files/file.ts'
import { idempotencyKeySchema, jobRequestSchema, PRIORITIES } from '../jobs/job-request.ts'
import { webhookUrlSchema } from '../jobs/webhook-event.ts'
import { modelNameSchema } from '../manifest.ts'

/** `batch_` + 26 characters, made by the server. */
export const batchIdSchema = z
  .string()
  .regex(new RegExp(`^batch_${BASE32}{26}$`))
  .describe('Id of the batch, made by the server.')

export const BATCH_LIMITS = {
  /** Rows of one batch. */
  rows: 50_000,
  /** Bytes of the file that has them. */
  fileBytes: 200 * 1024 * 1024,
  /** Values in a JSON body with jobs in it; each object, array and scalar counts as one. */
  jsonNodes: 1_000_000,
  /** Bytes of an output that goes into the file of results. A larger one becomes a file of its own. */
  outputBytes: 16 * 1024 * 1024,
  /** Seconds from the submit to the moment at which what has not ended is canceled, at most. */
  expiresSeconds: 30 * 86_400,
} as const

/** A row of a batch: a submit, with the model and the key that a request has beside its body. */
export const batchRowSchema = z
  .strictObject({
    ...jobRequestSchema.shape,
    priority: z
      .enum(PRIORITIES)
      .default('low')
      .describe('Which of the waiting jobs of this model runs first. Default in a batch: `low`.'),
    model: modelNameSchema.optional().describe('Default: the model of the batch.'),
    custom_id: z.string().min(1).max(512).optional().describe('Your own name of the row; it is in the results.'),
    idempotency_key: idempotencyKeySchema.optional(),
  })
  .meta({ id: 'BatchRow', examples: [{ custom_id: 'row-1', input: { message: 'hello' } }] })
export type BatchRow = z.output<typeof batchRowSchema>

const { metadata } = jobRequestSchema.shape

export const batchRequestSchema = z
  .strictObject({
    model: modelNameSchema.optional().describe('The model of all rows that name none.'),
    jobs: z
      .array(batchRowSchema)
      .min(1)
      .max(BATCH_LIMITS.rows)
      .optional()
      .describe('The rows. Either these or `file`.'),
    file: uploadIdSchema
      .optional()
      .describe('An uploaded file in which each line is such a row, as JSON. At most 200 MB and 50,000 rows.'),
    expires_in: z
      .number()
      .positive()
      .max(BATCH_LIMITS.expiresSeconds)
      .default(86_400)
      .describe(
        'Seconds after which rows that were not submitted are left out, and jobs that have not ended are canceled.',
      ),
    webhook: webhookUrlSchema.optional().describe('Where to send one `batch.ended`, once the results are there.'),
    metadata,
  })
  .refine(({ jobs, file }) => (jobs === undefined) !== (file === undefined), {
    message: 'takes either `jobs` or `file`',
  })
  .meta({
    id: 'BatchRequest',
    oneOf: [{ required: ['jobs'] }, { required: ['file'] }],
    examples: [{ model: 'echo', jobs: [{ input: { message: 'hello' } }, { input: { message: 'again' } }] }],
  })
export type BatchRequest = z.input<typeof batchRequestSchema>

const statuses = [
  'validating',
  'running',
  'canceling',
  'expiring',
  'finalizing',
  'completed',
  'failed',
  'canceled',
  'expired',
] as const
export const batchStatusSchema = z
  .enum(statuses)
  .describe(
    'The lines of a file are read first (`validating`). Then rows are submitted and their jobs run (`running`). When all have ended, the results are written (`finalizing`) and it is `completed`, whatever became of the single rows. `failed`: the file could not be used, see `errors`; nothing was submitted. A batch that is `canceling` or `expiring` submits no more and cancels its jobs; it ends with results, too.',
  )
export type BatchStatus = z.infer<typeof batchStatusSchema>

const count = z.number().int().min(0)
const time = z.iso.datetime()

export const batchCountsSchema = z.object({
  total: count.nullable().describe('Rows of the batch; null while its file is read.'),
  submitted: count.describe('Rows that have had their turn.'),
  succeeded: count,
  failed: count.describe('Jobs that have failed.'),
  canceled: count,
  refused: count.describe('Rows of which no job was made: their error is in the results.'),
  purged: count.describe('Jobs that were purged before the results were written.'),
})
export type BatchCounts = z.infer<typeof batchCountsSchema>

export const batchLineFaultSchema = z.object({
  line: count.nullable().describe('Line of the file, from 1; null when it is about all of it.'),
  path: z.string().describe('JSON pointer to the place in that line.'),
  code: z.string(),
  message: z.string().describe('What was expected.'),
})
export type BatchLineFault = z.infer<typeof batchLineFaultSchema>

export const batchSchema = z
  .object({
    object: z.literal('batch'),
    id: batchIdSchema,
    status: batchStatusSchema,
    model: modelNameSchema.nullable(),
    file: fileIdSchema.nullable().describe('The file that it was made from.'),
    counts: batchCountsSchema.describe(
      'Exact at every moment, but for rows with a key of their own whose jobs were there before: these are counted once the results are written.',
    ),
    waits_for: z
      .string()
      .nullable()
      .describe(
        'Why no row is submitted just now: the code of the refusal, such as `tenant_limit`. It is tried again.',
      ),
    errors: z
      .array(batchLineFaultSchema)
      .describe('Of one that failed: what is wrong with its file, at most 20 faults.'),
    results: fileViewSchema
      .nullable()
      .describe(
        'One line of JSON for each row, in their order. There once it has ended, as long as the batch is known.',
      ),
    retry_of: batchIdSchema.nullable().describe('The batch whose rows that did not succeed these are.'),
    webhook: z.object({ host: z.string() }).nullable(),
    metadata: z.record(z.string(), z.string()),
    created_at: time,
    expires_at: time,
    finished_at: time.nullable(),
    kept_until: time.nullable().describe('Batch and results are deleted then.'),
  })
  .meta({ id: 'Batch' })
export type Batch = z.infer<typeof batchSchema>

export const batchListSchema = z
  .object({ object: z.literal('list'), data: z.array(batchSchema), next_cursor: z.string().nullable() })
  .meta({ id: 'BatchList' })

/** What became of a row. */
export const ROW_STATUSES = ['succeeded', 'failed', 'canceled', 'purged', 'refused'] as const

/** A line of the results. */
export const batchResultSchema = z
  .object({
    row: count.describe('Number of the row, from 0.'),
    custom_id: z.string().nullable(),
    job_id: z.string().nullable().describe('Null when no job was made.'),
    status: z.enum(ROW_STATUSES),
    output: z.unknown().describe('The output of the job; null when there is none, or when it is above 16 MiB.'),
    output_url: z
      .string()
      .nullable()
      .describe('Where an output above 16 MiB is, for as long as the results are kept. Null for all others.'),
    error: z
      .object({ code: z.string(), message: z.string() })
      .loose()
      .nullable()
      .describe('Why the job failed, or why none was made.'),
  })
  .meta({ id: 'BatchResult' })
export type BatchResult = z.infer<typeof batchResultSchema>

/** What the files are for that tell the results of a batch. */
export const BATCH_OUTPUT = 'batch_output'

/** The event of a batch that has ended. It goes to the address that the batch named, and to the endpoints that ask for it. */
export const BATCH_EVENT = 'batch.ended'

export const isBatchOver = (status: BatchStatus): boolean =>
  status === 'completed' || status === 'failed' || status === 'canceled' || status === 'expired'
