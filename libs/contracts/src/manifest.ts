/**
 * What a model says of itself: name, version, schemas, limits. A runner sends it, a worker publishes it, the API
 * checks by it.
 */
import { z } from 'zod'
import { LIMITS } from './limits.ts'

export const modelNameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/)
  .describe('Name of the model: lower case letters, digits and dashes, at most 63.')

export const jsonSchemaSchema = z
  .record(z.string(), z.unknown())
  .describe('JSON Schema, draft 2020-12. A file is marked by `format: file` and `contentMediaType`.')

const trainingSchema = z
  .object({
    input_schema: jsonSchemaSchema,
    output_schema: jsonSchemaSchema,
    timeout_seconds: z
      .number()
      .positive()
      .max(LIMITS.timeoutSeconds.training)
      .default(86_400)
      .describe('Longest training of one attempt.'),
  })
  .describe('What a job of the kind `training` takes and gives.')

/** What a worker publishes about a model; all that the API knows of it. */
export const manifestSchema = z
  .object({
    name: modelNameSchema,
    version: z.string().min(1).max(64).describe("The author's version of the model."),
    description: z.string().max(4096).default('').describe('One paragraph for whoever calls it.'),
    input_schema: jsonSchemaSchema,
    output_schema: jsonSchemaSchema,
    nullable_output: z
      .boolean()
      .optional()
      .describe(
        'Whether an output may be null whatever its schema says, of a training too: a Cog model may return None.',
      ),
    training: trainingSchema.nullable().default(null).describe('How it is trained; null when it cannot be.'),
    streams: z.boolean().default(false).describe('Whether it emits output chunks before it is done.'),
    batch: z
      .object({ max_size: z.number().int().min(1), max_wait_ms: z.number().min(0).default(0) })
      .nullable()
      .default(null)
      .describe('How many jobs it takes at once; null when one at a time.'),
    concurrency: z
      .number()
      .int()
      .min(1)
      .max(LIMITS.runnerConcurrency)
      .default(1)
      .describe('How many runs one process of it takes at once.'),
    timeout_seconds: z
      .number()
      .positive()
      .max(LIMITS.timeoutSeconds.prediction)
      .default(600)
      .describe('Longest run of one attempt.'),
    max_attempts: z.number().int().min(1).max(20).default(1).describe('Attempts when the model raises an error.'),
    retention_seconds: z
      .number()
      .int()
      .min(1)
      .max(LIMITS.keepSeconds)
      .optional()
      .describe("Seconds that a finished job and its files are kept. Default: the server's own time."),
    cancel_grace_seconds: z
      .number()
      .min(0)
      .max(600)
      .default(10)
      .describe('From asking a run to stop until it is killed.'),
  })
  .meta({ id: 'Manifest' })
export type Manifest = z.infer<typeof manifestSchema>
export type ManifestInput = z.input<typeof manifestSchema>
