/** The Swagger 2 document that a DEEPaaS server with these models has. Called by the routes of DEEPaaS. */
import type { Manifest } from '@millrace/contracts'
import { DEFINITIONS } from './definitions.ts'

type Schema = Record<string, unknown>

/** `base`: how paths begin, such as `/deepaas`. */
export function toSwagger(models: readonly Manifest[], base: string): Record<string, unknown> {
  const v2 = `${base}/v2`
  return {
    swagger: '2.0',
    info: { title: 'DEEP as a Service API endpoint', version: '2.6.0', description: DESCRIPTION },
    externalDocs: { description: 'API documentation', url: 'https://deepaas.readthedocs.org/' },
    paths: {
      [base]: { get: versions('Get available API versions', 'Versions') },
      [`${v2}/`]: { get: versions('Get V2 API version information', 'Version') },
      [`${v2}/debug/`]: { get: DEBUG },
      [`${v2}/models/`]: {
        get: operation('Return loaded models and its information', { 200: answer('ModelMeta') }),
      },
      ...Object.assign({}, ...models.map((model) => pathsOf(model, `${v2}/models/${model.name}`))),
    },
    definitions: DEFINITIONS,
  }
}

const DESCRIPTION = 'Models as a DEEPaaS V2 server serves them. Each request is a job of Millrace.'

function pathsOf(model: Manifest, path: string): Record<string, unknown> {
  const { input_schema, training } = model
  const produces = ['application/json', ...acceptsOf(input_schema).filter((type) => type !== 'application/json')]
  const uuid = [{ in: 'path', name: 'uuid', required: true, type: 'string' }]
  const trainings = training && {
    [`${path}/train/`]: {
      post: operation('Retrain model with available data', {}, parametersOf(training.input_schema)),
      get: operation('Get a list of trainings (running or completed)', { 200: answer('TrainingList') }),
    },
    [`${path}/train/{uuid}`]: {
      get: operation('Get status of a training', { 200: answer('Training') }, uuid),
      delete: operation('Cancel a running training', {}, uuid),
    },
  }
  return {
    [`${path}/`]: { get: operation("Return model's metadata", { 200: answer('ModelMeta') }) },
    [`${path}/predict/`]: {
      post: {
        ...operation(
          'Make a prediction given the input data',
          { 200: answer('Prediction'), 400: answer('Failure') },
          parametersOf(input_schema),
        ),
        produces,
      },
    },
    ...trainings,
  }
}

const answer = (name: keyof typeof DEFINITIONS) => ({ schema: { $ref: `#/definitions/${name}` }, description: '' })

const operation = (summary: string, responses: Record<string, unknown>, parameters: unknown[] = []) => ({
  ...{ responses, parameters, tags: ['models'], summary, produces: ['application/json'] },
})

const versions = (summary: string, name: 'Version' | 'Versions') => ({
  ...operation(summary, { 200: answer(name), 400: answer('Failure') }),
  tags: ['versions'],
})

const DEBUG = {
  responses: {
    200: { description: 'Debug information if debug endpoint is enabled' },
    204: { description: 'Debug endpoint not enabled' },
  },
  parameters: [],
  tags: ['debug'],
  summary: 'Return debug information if enabled by API.',
  description: 'Return debug information if enabled by API.',
  produces: ['text/plain'],
}

function acceptsOf({ properties }: Schema): string[] {
  const { enum: values } = asSchema(asSchema(properties).accept)
  return Array.isArray(values) ? values.filter((value) => typeof value === 'string') : []
}

function parametersOf({ properties, required }: Schema): Record<string, unknown>[] {
  const needed = Array.isArray(required) ? required : []
  return Object.entries(asSchema(properties)).map(([name, schema]) =>
    parameterOf(name, asSchema(schema), needed.includes(name)),
  )
}

function parameterOf(name: string, given: Schema, required: boolean): Record<string, unknown> {
  const { description, default: value } = given
  // A field that may be null too, or one of several kinds, is shown as the first of them.
  const schema = given.type === undefined && Array.isArray(given.anyOf) ? asSchema(given.anyOf[0]) : given
  const isFile = schema.format === 'file'
  const head = { in: isFile ? 'formData' : 'query', name, required }
  return {
    ...head,
    ...(isFile ? { type: 'file' } : typeOf(schema)),
    ...(value !== undefined && value !== null && { default: value }),
    ...(typeof description === 'string' && { description }),
  }
}

function typeOf(schema: Schema): Record<string, unknown> {
  const type = [schema.type].flat().find((one) => typeof one === 'string' && one !== 'null') ?? 'string'
  const bounds: Schema = Object.fromEntries(BOUNDS.flatMap((key) => (key in schema ? [[key, schema[key]]] : [])))
  // Below 6 is written for 5 at most: what is left of a fraction counts.
  const { exclusiveMinimum: above, exclusiveMaximum: below } = schema
  if (type === 'integer' && typeof above === 'number') bounds.minimum ??= above + 1
  if (type === 'integer' && typeof below === 'number') bounds.maximum ??= below - 1
  if (type === 'integer') return { type, format: 'int32', ...bounds }
  if (type === 'number') return { type, format: 'float', ...bounds }
  if (type === 'boolean') return { type }
  if (type === 'array') return { type, collectionFormat: 'multi', items: typeOf(asSchema(schema.items)) }
  // Swagger 2 has no objects in a query: they are sent as JSON.
  return { type: 'string', ...(Array.isArray(schema.enum) && { enum: schema.enum }), ...bounds }
}

const BOUNDS = ['minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems']

const asSchema = (value: unknown): Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : {}
