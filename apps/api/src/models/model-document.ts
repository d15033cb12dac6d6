/** The OpenAPI document of one model: its submit, with the model's own inputs and outputs. Called by model-routes.ts. */
import { type JobKind, jobRequestSchema, type Manifest, pointerTo, problemSchema } from '@millrace/contracts'
import { isSchema, listsIn, mapSchema, type Schema, takesFile } from '@millrace/schema'
import { z } from 'zod'

interface Place {
  /** How addresses begin, see `linkBase`. */
  base: string
  /** Whether this server asks for an API key. */
  needsKey: boolean
}

export function modelDocument(manifest: Manifest, { base, needsKey }: Place): Record<string, unknown> {
  const { name, version, description } = manifest
  return {
    openapi: '3.1.0',
    info: { title: name, version, description },
    servers: [{ url: base || '/' }],
    paths: { [`/v1/models/${name}/jobs`]: { post: submitOf(manifest, needsKey) } },
    components: {
      ...(needsKey && { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } } }),
      schemas: schemasOf(manifest),
    },
  }
}

function submitOf({ name, training, input_schema }: Manifest, needsKey: boolean): Record<string, unknown> {
  return {
    summary: training ? `Run or train ${name}` : `Run ${name}`,
    operationId: 'submit',
    security: needsKey ? [{ apiKey: [] }] : [],
    parameters: HEADERS,
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: training ? { oneOf: [ref('Request'), ref('TrainingRequest')] } : ref('Request'),
        },
        ...formsOf(input_schema),
      },
    },
    responses: {
      200: { description: 'It has finished within `Prefer: wait`.', content: content('application/json', 'Job') },
      202: { description: 'It is kept.', content: content('application/json', 'Job') },
      default: { description: 'It was refused.', content: content('application/problem+json', 'Problem') },
    },
  }
}

function schemasOf({ input_schema, output_schema, training }: Manifest): Record<string, unknown> {
  return {
    Input: embed(input_schema, 'Input'),
    Output: embed(output_schema, 'Output'),
    Request: requestOf('prediction', 'Input'),
    ...(training && {
      TrainingInput: embed(training.input_schema, 'TrainingInput'),
      TrainingOutput: embed(training.output_schema, 'TrainingOutput'),
      TrainingRequest: requestOf('training', 'TrainingInput'),
    }),
    Job: jobOf(Boolean(training)),
    Problem: bare(z.toJSONSchema(problemSchema)),
  }
}

const jobOf = (isTrained: boolean) => ({
  type: 'object',
  required: ['id', 'kind', 'status', 'output', 'partial'],
  properties: {
    id: { type: 'string' },
    kind: { type: 'string' },
    status: { type: 'string' },
    output: { anyOf: [ref('Output'), ...(isTrained ? [ref('TrainingOutput')] : []), { type: 'null' }] },
    partial: {
      type: 'boolean',
      description: 'Whether the output is only what was given before the job failed or was canceled: it may not fit.',
    },
  },
})

/** The body for a job of this kind. A prediction need not name its kind. */
function requestOf(kind: JobKind, input: string): Record<string, unknown> {
  const { properties, examples: _, ...request } = z.toJSONSchema(jobRequestSchema, { io: 'input' })
  return {
    ...bare(request),
    properties: { ...properties, input: ref(input), kind: { const: kind } },
    required: kind === 'prediction' ? ['input'] : ['input', 'kind'],
  }
}

const HEADERS = [
  [
    'Idempotency-Key',
    'Same key, same job, for 24 hours, even when it was purged: a request that was not answered can be sent again.',
  ],
  ['Prefer', '`wait=N`: wait up to N seconds (at most 60) for the job to finish.'],
].map(([name, description]) => ({ name, in: 'header', description, schema: { type: 'string' } }))

/** The body as a form: a field for each key of the input, a file where it takes one. */
function formsOf(schema: Schema): Record<string, unknown> {
  const fields = Object.entries(isSchema(schema.properties) ? schema.properties : {})
  const input = { type: 'string', contentMediaType: 'application/json', description: 'The input as JSON.' }
  const parts = fields.map(([key, field]) => [key, isSchema(field) ? partOf(field, key, schema) : {}])
  const body = { schema: { type: 'object', properties: Object.fromEntries([['input', input], ...parts]) } }
  return { 'multipart/form-data': body, 'application/x-www-form-urlencoded': body }
}

function partOf(field: Schema, key: string, root: Schema): Record<string, unknown> {
  const file = { type: 'string', format: 'binary' }
  if (takesFile(field, root)) return file
  const isList = listsIn(field, root).some((list) => isSchema(list.items) && takesFile(list.items, root))
  return isList ? { type: 'array', items: file } : ref(`Input/properties${pointerTo('', encodeURIComponent(key))}`)
}

const ref = (schema: string) => ({ $ref: `#/components/schemas/${schema}` })
const content = (type: string, schema: string) => ({ [type]: { schema: ref(schema) } })

const bare = ({ $schema: _schema, id: _id, ...schema }: Record<string, unknown>) => schema

/** References inside a schema count from the root of the document it is put into. */
function embed(schema: Record<string, unknown>, name: string): unknown {
  const { $id: _, ...rest } = bare(schema)
  return mapSchema(rest, (copy) => {
    const { $ref } = copy
    const isLocal = typeof $ref === 'string' && /^#(\/|$)/.test($ref)
    if (isLocal) copy.$ref = `#/components/schemas/${name}${$ref.slice(1)}`
    return copy
  })
}
