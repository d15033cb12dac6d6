/**
 * What a model says about itself: name, version, schemas, limits. The runner sends it, the worker publishes it, and the
 * API checks requests by it.
 */
import { z } from 'zod'
import { LIMITS } from './limits.ts'

export const modelNameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/)
  .describe('Name of the model: lower-case letters, digits and dashes, first a letter, at most 63 characters.')

export const jsonSchemaSchema = z
  .record(z.string(), z.unknown())
  .describe(
    'JSON Schema, draft 2020-12. A file is a string with `format: file`; `contentMediaType` names the media types it may have.',
  )

const trainingSchema = z
  .object({
    input_schema: jsonSchemaSchema,
    output_schema: jsonSchemaSchema,
    timeout_seconds: z
      .number()
      .positive()
      .max(LIMITS.timeoutSeconds.training)
      .default(86_400)
      .describe('Seconds that one attempt of a training may take.'),
  })
  .describe('The input and output of a job of the kind `training`.')

/** How many examples a model may have, and how long all of them may be as JSON, with their files in it. */
export const EXAMPLE_LIMITS = { count: 10, bytes: 64 * 1024 } as const

export const exampleSchema = z
  .strictObject({
    name: z.string().min(1).max(64).optional().describe('What it shows, in a few words.'),
    input: z
      .record(z.string(), z.unknown())
      .describe('An input that the model takes. Each file is a `data:` URI or an address.'),
  })
  .meta({ id: 'Example' })
export type Example = z.infer<typeof exampleSchema>

/** What a model may do that clients of other platforms have a call of their own for. */
export const MODEL_TASKS = ['embedding', 'image', 'transcription'] as const
export type ModelTask = (typeof MODEL_TASKS)[number]

/** What a worker publishes about a model. The API knows nothing else about it. */
export const manifestSchema = z
  .object({
    name: modelNameSchema,
    version: z.string().min(1).max(64).describe('Version of the model, chosen by its author.'),
    description: z.string().max(4096).default('').describe('One paragraph for those who call the model.'),
    task: z
      .enum(MODEL_TASKS)
      .optional()
      .describe(
        'What the model does, where clients of other platforms have a call for it: texts to vectors, a text to pictures, speech to text. Absent for all others.',
      ),
    input_schema: jsonSchemaSchema,
    output_schema: jsonSchemaSchema,
    examples: z
      .array(exampleSchema)
      .max(EXAMPLE_LIMITS.count)
      .optional()
      .describe('Inputs to try the model with. Absent when it has none.'),
    nullable_output: z
      .boolean()
      .optional()
      .describe(
        'Whether an output may be null although the schema does not say so, as a Cog model may return None. Holds for a training too.',
      ),
    training: trainingSchema
      .nullable()
      .default(null)
      .describe('How the model is trained. Null when it cannot be trained.'),
    streams: z.boolean().default(false).describe('Whether the model gives parts of its output before it is done.'),
    batch: z
      .object({
        max_size: z.number().int().min(1).max(LIMITS.runnerConcurrency),
        max_wait_ms: z.number().min(0).max(LIMITS.batchWaitMs).default(0),
      })
      .nullable()
      .default(null)
      .describe(
        'How many jobs the model answers in one call, and how many milliseconds a call waits for more of them; with 0 it takes what is there. Null for one at a time.',
      ),
    concurrency: z
      .number()
      .int()
      .min(1)
      .max(LIMITS.runnerConcurrency)
      .default(1)
      .describe('How many runs one process of the model takes at once.'),
    timeout_seconds: z
      .number()
      .positive()
      .max(LIMITS.timeoutSeconds.prediction)
      .default(600)
      .describe('Seconds that one attempt may run.'),
    max_attempts: z
      .number()
      .int()
      .min(1)
      .max(20)
      .default(1)
      .describe('How many attempts are made when the model raises an error.'),
    retention_seconds: z
      .number()
      .int()
      .min(1)
      .max(LIMITS.keepSeconds)
      .optional()
      .describe('Seconds that a finished job and its files are kept. Default: the time set for the server.'),
    cancel_grace_seconds: z
      .number()
      .min(0)
      .max(600)
      .default(10)
      .describe('Seconds from the request to stop a run until its process is killed.'),
  })
  .meta({ id: 'Manifest' })
export type Manifest = z.infer<typeof manifestSchema>
export type ManifestInput = z.input<typeof manifestSchema>
