/**
 * The two shapes of a job: the record as it is kept, and the job as the API shows it. All code that reads a job uses
 * one of them.
 */
import { z } from 'zod'
import { apiKeyIdSchema } from '../access/api-key.ts'
import { inputFileSchema, storedFileSchema, storedValueSchema } from '../files/file.ts'
import { attemptSchema } from './attempt.ts'
import { checkpointSchema, checkpointViewSchema } from './checkpoint.ts'
import { jobErrorSchema } from './job-error.ts'
import { jobIdSchema } from '../ids.ts'
import { jobQueueSchema } from './job-queue.ts'
import { jobKindSchema, PRIORITIES } from './job-request.ts'
import { jobStatusSchema } from './job-status.ts'
import { modelNameSchema } from '../manifest.ts'
import { jobWebhookSchema } from './webhook-event.ts'

const time = z.iso.datetime()

export const progressSchema = z
  .object({
    fraction: z.number().min(0).max(1).describe('Share of the work that is done.'),
    message: z.string().max(256).nullable().describe("The model's own words, if it gave any."),
  })
  .meta({ id: 'Progress' })
export type Progress = z.infer<typeof progressSchema>

/**
 * A JSON value of a job: its text when it is small (at most LIMITS.inlineBytes), otherwise its place in the object
 * store.
 */
export const jsonValueSchema = z.union([
  z.object({
    inline: z.string().describe('JSON text.'),
    secrets: z
      .array(z.string())
      .optional()
      .describe('Only in an input: JSON pointers to the values that the API never shows.'),
  }),
  z.object({ stored: storedValueSchema }),
])
export type JsonValue = z.infer<typeof jsonValueSchema>

/**
 * The record: everything that is kept of a job, as Millrace itself reads it. Only the Lua scripts of `libs/queue` write
 * it. Times are ISO 8601, taken from the clock of Redis.
 */
export const jobRecordSchema = z.object({
  id: jobIdSchema,
  kind: jobKindSchema.describe('What was asked for.'),
  tenant: z.string().describe('Who owns it. Set at submit.'),
  key: apiKeyIdSchema
    .nullable()
    .describe('The key of the API that it was submitted with; null: the one of the settings, or none was needed.'),
  model: modelNameSchema,
  version: z
    .string()
    .describe('Version of the model: first the newest one at submit, later the one that the last attempt ran.'),
  line: z
    .string()
    .describe('The line it waits in: that of the version it is pinned to, or of the contract it was accepted by.'),
  status: jobStatusSchema,
  input: jsonValueSchema,
  input_files: z.array(inputFileSchema).describe('Files of the input. The input itself has null in their places.'),
  output: jsonValueSchema
    .nullable()
    .describe(
      'Set by the attempt that ended the job. Complete when the job succeeded; otherwise what the model had given so far, or null. Null before the end, and again after a rerun.',
    ),
  output_files: z.array(storedFileSchema),
  error: jobErrorSchema.nullable().describe('Why the job failed. While a retry waits: why the last attempt failed.'),
  progress: progressSchema.nullable().describe('Written by the running attempt with each beat.'),
  checkpoint: checkpointSchema
    .nullable()
    .describe('What the next attempt goes on from, as the model kept it last. Null after the end of the job.'),
  priority: z.enum(PRIORITIES),
  metadata: z.record(z.string(), z.string()),
  fence: z
    .number()
    .int()
    .describe('Number of times that it was given to a worker. An attempt shows it to change the job.'),
  attempt: z
    .number()
    .int()
    .describe(
      'Number of starts of the model so far; while an attempt goes on, that one included. What ended before its model began does not count.',
    ),
  attempts: z
    .array(attemptSchema)
    .max(32)
    .describe('The attempts, oldest first: of very many the first two and the newest thirty.'),
  failures: z.number().int().describe('Number of attempts that ended with an error of the model.'),
  crashes: z.number().int().describe('Number of attempts that ended with a lost worker or a crashed runner.'),
  lost: z
    .number()
    .int()
    .describe('Attempts whose worker was lost. With one the job is a suspect: it runs while nothing else does.'),
  max_attempts: z.number().int(),
  timeout_seconds: z.number(),
  cancel_requested: z.boolean().describe('True when a client asked to stop the running job.'),
  webhook: jobWebhookSchema
    .nullable()
    .describe('Where the events of this job are sent, as the submit asked. Null when it did not ask.'),
  worker: z.string().nullable().describe('The worker of the last attempt.'),
  revision: z.number().int().describe('Grows with every write; the source of the ETag.'),
  created_at: time,
  run_at: time.nullable(),
  expires_at: time.nullable().describe('A queued job that has not started by then fails with `expired`.'),
  started_at: time
    .nullable()
    .describe(
      'When the model of the last attempt began; as long as that is not known, when the attempt was given to its worker.',
    ),
  finished_at: time.nullable(),
  purge_at: time.nullable().describe('Set when the job ends. The record and its files are deleted after this time.'),
  run_seconds: z
    .number()
    .nullable()
    .describe('Seconds that the model ran in the last attempt; of a call that answered several jobs, its part.'),
  model_metrics: z
    .record(z.string(), z.unknown())
    .nullable()
    .describe('What the model itself measured in the attempt that succeeded; at most 4 KB of JSON.'),
  routed: z.boolean().describe('True when the split of traffic chose its version, and not the client.'),
  after_end: z.boolean().describe('True when a hook of the operator is to hear of its end.'),
  rerun_of: jobIdSchema.nullable().describe('The job whose input this one runs again, on a version that was named.'),
  batch: z.string().nullable().describe('The batch that it is a row of.'),
})
export type JobRecord = z.infer<typeof jobRecordSchema>

/** A job as the API shows it. */
export const jobSchema = z
  .object({
    id: jobIdSchema,
    object: z.literal('job'),
    kind: jobRecordSchema.shape.kind,
    model: modelNameSchema,
    version: jobRecordSchema.shape.version,
    status: jobStatusSchema,
    input: z
      .record(z.string(), z.unknown())
      .nullable()
      .describe('The input, with defaults filled in. Null when it is too large to be shown here.'),
    output: z
      .unknown()
      .describe(
        'The result, once the job has succeeded. When the job failed or was canceled: what the model had given so far, see `partial`. Otherwise null. Also null when it is above 32 KB: fetch `urls.output`.',
      ),
    partial: z
      .boolean()
      .describe('True when the output is only what the model had given before the job failed or was canceled.'),
    error: jobErrorSchema.nullable().describe('Why the job failed. While a retry waits: why the last attempt failed.'),
    progress: progressSchema.nullable(),
    checkpoint: checkpointViewSchema
      .nullable()
      .describe(
        'The newest checkpoint that the model has made: what the next attempt goes on from. Null when there is none, and after the end of the job.',
      ),
    queue: jobQueueSchema
      .nullable()
      .describe(
        'Where the job waits, as its owner may know it. Null unless it is queued, and in lists and in the answer to a submit.',
      ),
    attempt: jobRecordSchema.shape.attempt,
    attempts: jobRecordSchema.shape.attempts,
    max_attempts: jobRecordSchema.shape.max_attempts,
    priority: jobRecordSchema.shape.priority,
    metadata: jobRecordSchema.shape.metadata,
    rerun_of: jobRecordSchema.shape.rerun_of,
    batch_id: jobRecordSchema.shape.batch,
    cancel_requested: jobRecordSchema.shape.cancel_requested,
    webhook: z
      .object({ host: z.string(), events: jobWebhookSchema.shape.events })
      .nullable()
      .describe(
        'Where the webhooks of this job are sent. Only the host is shown, because the rest of the address may contain a secret.',
      ),
    metrics: z.object({
      queue_seconds: z
        .number()
        .nullable()
        .describe(
          'Seconds from submit (or `run_at`) until the model of the last attempt began, the time that it waited in its worker included.',
        ),
      run_seconds: jobRecordSchema.shape.run_seconds,
      model: jobRecordSchema.shape.model_metrics,
    }),
    created_at: time,
    run_at: jobRecordSchema.shape.run_at,
    expires_at: jobRecordSchema.shape.expires_at,
    started_at: jobRecordSchema.shape.started_at,
    finished_at: jobRecordSchema.shape.finished_at,
    purge_at: jobRecordSchema.shape.purge_at,
    urls: z.object({
      self: z.string(),
      cancel: z.string(),
      output: z.string(),
      events: z
        .string()
        .describe(
          'The event stream of the job. Where the API asks for a key, this address is signed and works without the key for one to two hours.',
        ),
    }),
  })
  .meta({ id: 'Job' })
export type Job = z.infer<typeof jobSchema>
