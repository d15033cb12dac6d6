/** Makes the manifest that a worker publishes about a model from the model's definition. */
import { type Manifest, manifestSchema } from '@millrace/contracts'
import { z } from 'zod'
import type { AnyModel } from './define-model.ts'
import { NotAModelError } from './model-errors.ts'

/**
 * The manifest of a model, with its schemas as JSON Schema (draft 2020-12). Unknown keys of an input are refused,
 * unless the author wrote a loose object. Throws NotAModelError when the definition breaks a limit.
 */
export function manifestOf(model: AnyModel): Manifest {
  const parsed = manifestSchema.safeParse({
    name: model.name,
    version: model.version,
    description: model.description,
    task: model.task,
    input_schema: jsonSchemaOf(model.input, 'input'),
    output_schema: jsonSchemaOf(model.output, 'output'),
    examples: model.examples,
    training: model.training && {
      input_schema: jsonSchemaOf(model.training.input, 'input'),
      output_schema: jsonSchemaOf(model.training.output, 'output'),
      timeout_seconds: model.training.timeoutSeconds,
    },
    streams: model.streams,
    concurrency: model.concurrency,
    batch: model.batch && { max_size: model.batch.maxSize, max_wait_ms: model.batch.maxWaitMs },
    timeout_seconds: model.timeoutSeconds,
    max_attempts: model.maxAttempts,
    cancel_grace_seconds: model.cancelGraceSeconds,
    retention_seconds: model.retentionSeconds,
  })
  if (!parsed.success) throw new NotAModelError(`the model's definition is wrong:\n${z.prettifyError(parsed.error)}`)
  if (parsed.data.batch !== null && parsed.data.concurrency > 1) {
    throw new NotAModelError(
      'the model has both `batch` and `concurrency`; a model that takes several runs in one call has one call at a time',
    )
  }
  return parsed.data
}

function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  return z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const { type } = zodSchema._zod.def
      // A caller gives a file as a string (id, URL or data URI) and is shown an object.
      if (type === 'custom' && jsonSchema.format === 'file') jsonSchema.type = io === 'input' ? 'string' : 'object'
      if (type === 'object' && io === 'input') jsonSchema.additionalProperties ??= false
    },
  })
}
