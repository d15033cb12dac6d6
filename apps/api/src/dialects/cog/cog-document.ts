/**
 * The OpenAPI document of one model as Cog's server has it: what reads it looks for `components.schemas.Input` and `Output`. Called by
 * service-routes.ts.
 */
import type { Manifest } from '@millrace/contracts'
import { isSchema, type Schema, strictSchema } from '@millrace/schema'
import { type Components, embedSchema, ref } from '../../models/embed-schema.ts'

export function cogDocument(manifest: Manifest): Record<string, unknown> {
  const { training } = manifest
  return {
    openapi: '3.1.0',
    info: { title: 'Cog', version: manifest.version },
    paths: {
      '/': { get: operation('Root', 'root__get') },
      '/health-check': { get: operation('Healthcheck', 'healthcheck_health_check_get') },
      ...pathsOf('predictions', 'Prediction', 'predict', 'Predict'),
      ...(training && pathsOf('trainings', 'Training', 'train', 'Train')),
    },
    components: { schemas: schemasOf(manifest) },
  }
}

const json = (schema: unknown) => ({ content: { 'application/json': { schema } } })
const answered = (schema: unknown) => ({ 200: { description: 'Successful Response', ...json(schema) } })

const operation = (summary: string, operationId: string) => ({
  ...{ summary, operationId, responses: answered({}) },
})

function pathsOf(path: string, shape: string, verb: string, summary: string): Record<string, unknown> {
  const one = `${path.slice(0, -1)}_id`
  const id = { name: one, in: 'path', required: true, schema: { type: 'string' } }
  const prefer = { name: 'prefer', in: 'header', required: false, schema: { title: 'Prefer', type: 'string' } }
  const responses = {
    ...answered(ref(`${shape}Response`)),
    422: { description: 'Validation Error', ...json(ref('HTTPValidationError')) },
  }
  const body = { requestBody: json(ref(`${shape}Request`)), responses }
  return {
    [`/${path}`]: { post: { summary, operationId: `${verb}_${path}_post`, parameters: [prefer], ...body } },
    [`/${path}/{${one}}`]: {
      put: {
        summary: `${summary} Idempotent`,
        operationId: `${verb}_idempotent_${path}__${one}__put`,
        parameters: [id, prefer],
        ...body,
      },
    },
    [`/${path}/{${one}}/cancel`]: {
      post: {
        summary: 'Cancel',
        operationId: `cancel_${path}__${one}__cancel_post`,
        parameters: [id],
        responses: answered({}),
      },
    },
  }
}

function schemasOf({ input_schema, output_schema, training }: Manifest): Components {
  const own: Components = {
    ...SHARED,
    PredictionRequest: requestOf('Input'),
    PredictionResponse: responseOf('Input', 'Output'),
    ...(training && {
      TrainingRequest: requestOf('TrainingInput'),
      TrainingResponse: responseOf('TrainingInput', 'TrainingOutput'),
    }),
  }
  const shown = {
    Input: strictSchema(input_schema),
    Output: output_schema,
    ...(training && { TrainingInput: strictSchema(training.input_schema), TrainingOutput: training.output_schema }),
  }
  const taken = new Set([...Object.keys(own), ...Object.keys(shown)])
  const embedded = Object.entries(shown).map(([name, schema]) => {
    const { title = name, ...rest } = asCog(schema)
    return embedSchema(name, { title, ...rest }, { taken, change: asCog })
  })
  return Object.assign(own, ...embedded)
}

/** A file is an address there, and what may be absent is not said to be null. */
function asCog(schema: Schema): Schema {
  const { anyOf, ...rest } = schema
  const shapes = Array.isArray(anyOf) ? anyOf.filter((shape) => !(isSchema(shape) && shape.type === 'null')) : []
  const [only] = shapes
  if (shapes.length === 1 && isSchema(only)) return asCog({ ...only, ...rest })
  if (schema.format !== 'file') return schema
  const { contentMediaType: _, ...file } = schema
  return { ...file, type: 'string', format: 'uri' }
}

const text = { type: 'string' }
const maybe = (schema: Schema) => ({ ...schema, nullable: true })
const time = maybe({ ...text, format: 'date-time' })

const requestOf = (input: string): Schema => ({
  type: 'object',
  properties: {
    input: ref(input),
    id: maybe(text),
    created_at: time,
    context: maybe({ type: 'object', additionalProperties: text }),
    output_file_prefix: maybe(text),
    webhook: maybe({ ...text, format: 'uri', minLength: 1, maxLength: 65_536 }),
    webhook_events_filter: maybe({
      type: 'array',
      items: ref('WebhookEvent'),
      default: ['start', 'output', 'logs', 'completed'],
    }),
  },
})

const responseOf = (input: string, output: string): Schema => ({
  type: 'object',
  properties: {
    ...{ input: ref(input), output: ref(output), id: maybe(text), version: maybe(text) },
    ...{ created_at: time, started_at: time, completed_at: time },
    ...{ logs: { ...text, default: '' }, error: maybe(text), status: ref('Status') },
    metrics: maybe({ type: 'object', additionalProperties: true }),
  },
})

const SHARED: Components = {
  Status: { ...text, enum: ['starting', 'processing', 'succeeded', 'canceled', 'failed'] },
  WebhookEvent: { ...text, enum: ['start', 'output', 'logs', 'completed'] },
  HTTPValidationError: { type: 'object', properties: { detail: { type: 'array', items: ref('ValidationError') } } },
  ValidationError: {
    type: 'object',
    required: ['loc', 'msg', 'type'],
    properties: {
      loc: { type: 'array', items: { anyOf: [text, { type: 'integer' }] } },
      ...{ msg: text, type: text },
    },
  },
}
