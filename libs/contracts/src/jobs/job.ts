/**
 * A job twice: the record as it is kept, and the job as the API shows it. Each part of Millrace that reads a job reads one of
 * the two.
 */
import { z } from 'zod'
import { inputFileSchema, storedFileSchema, storedValueSchema } from '../files/file.ts'
import { jobErrorSchema } from './job-error.ts'
import { jobIdSchema } from '../ids.ts'
import { jobKindSchema, PRIORITIES } from './job-request.ts'
import { jobStatusSchema } from './job-status.ts'
import { modelNameSchema } from '../manifest.ts'
import { jobWebhookSchema } from './webhook-event.ts'

const time = z.iso.datetime()

export const progressSchema = z.object({
  fraction: z.number().min(0).max(1).describe('Share of the work that is done.'),
  message: z.string().max(256).nullable().describe("The model's own words, if it gave any."),
})
export type Progress = z.infer<typeof progressSchema>

/** A JSON value of a job: the text itself when small, its place in the object store when large. */
export const jsonValueSchema = z.union([
  z.object({
    inline: z.string().describe('JSON text.'),
    secrets: z.array(z.string()).optional().describe('Of an input: JSON pointers to values that the API never shows.'),
  }),
  z.object({ stored: storedValueSchema }),
])
export type JsonValue = z.infer<typeof jsonValueSchema>

/**
 * The record: all that is kept of a job, as the house itself reads it. Only the Lua scripts of `libs/queue` write it.
 * Times are ISO 8601 by Redis' clock.
 */
export const jobRecordSchema = z.object({
  id: jobIdSchema,
  kind: jobKindSchema.describe('What was asked for.'),
  tenant: z.string().describe('Who owns it. Set at submit.'),
  model: modelNameSchema,
  version: z.string().describe('Version of the model: the newest published at submit, then that of the last attempt.'),
  status: jobStatusSchema,
  input: jsonValueSchema,
  input_files: z.array(inputFileSchema).describe('Files of the input; the input itself holds null in their place.'),
  output: jsonValueSchema
    .nullable()
    .describe(
      'Set by the attempt that ended the job: whole when it succeeded; when it failed or was canceled, what the model had given so far, or null. Null before, and again after a rerun.',
    ),
  output_files: z.array(storedFileSchema),
  error: jobErrorSchema.nullable().describe('Set with `failed`; also the last error while a retry waits.'),
  progress: progressSchema.nullable().describe('Written by beats of the running attempt.'),
  priority: z.enum(Object.keys(PRIORITIES) as [keyof typeof PRIORITIES]),
  metadata: z.record(z.string(), z.string()),
  fence: z.number().int().describe('Number of starts; what an attempt shows to change the job.'),
  failures: z.number().int().describe('Attempts that ended in an error of the model.'),
  crashes: z.number().int().describe('Attempts that ended with a lost worker or runner.'),
  max_attempts: z.number().int(),
  timeout_seconds: z.number(),
  cancel_requested: z.boolean().describe('A client asked to stop a running job.'),
  webhook: jobWebhookSchema.nullable().describe('Who asked to be told of this job, at the submit.'),
  worker: z.string().nullable().describe('The worker of the last attempt.'),
  revision: z.number().int().describe('Grows with every write; the source of the ETag.'),
  created_at: time,
  run_at: time.nullable(),
  expires_at: time.nullable().describe('A queued job that was not started by then fails with `expired`.'),
  started_at: time.nullable().describe('Start of the last attempt.'),
  finished_at: time.nullable(),
  purge_at: time.nullable().describe('Set when it ends: the record and its files are deleted after this.'),
  run_seconds: z.number().nullable().describe("The model's own time in the last attempt."),
  model_metrics: z
    .record(z.string(), z.unknown())
    .nullable()
    .describe('What the model measured itself, in the attempt that succeeded; at most 4 KB of JSON.'),
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
      .describe('The input with defaults filled. Null when it is too large to show here.'),
    output: z
      .unknown()
      .describe(
        'The result once succeeded. What was given so far when it failed or was canceled, if anything was: see `partial`. Else null. Above 32 KB it is null here too: fetch `urls.output`.',
      ),
    partial: z
      .boolean()
      .describe('Whether there is an output, and it is only what a job gave before it failed or was canceled.'),
    error: jobErrorSchema.nullable().describe('Why it failed; while a retry waits, why the last attempt did.'),
    progress: progressSchema.nullable(),
    queue: z
      .object({
        position: z.number().int().min(1).describe('Its place in the line of its model, 1 is next.'),
      })
      .nullable()
      .describe('Where it waits; null unless queued.'),
    attempt: z.number().int().describe('Starts so far.'),
    max_attempts: jobRecordSchema.shape.max_attempts,
    priority: jobRecordSchema.shape.priority,
    metadata: jobRecordSchema.shape.metadata,
    cancel_requested: jobRecordSchema.shape.cancel_requested,
    webhook: z
      .object({ host: z.string(), events: jobWebhookSchema.shape.events })
      .nullable()
      .describe('Where its own webhooks go: only the host, the rest of the address may hold a secret.'),
    metrics: z.object({
      queue_seconds: z.number().nullable().describe('From submit (or `run_at`) to the start of the last attempt.'),
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
          'Its event stream. Where a key is asked for, this address is signed and works without it, for an hour or two.',
        ),
    }),
  })
  .meta({ id: 'Job' })
export type Job = z.infer<typeof jobSchema>
