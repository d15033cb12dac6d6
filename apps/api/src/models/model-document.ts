/**
 * The OpenAPI document of one model: its submit and the reading of its jobs, with the model's own inputs and outputs. Generators
 * make clients of it, so it says what is meant: a whole number, though a text that is one is taken too. Called by
 * model-routes.ts.
 */
import {
  type Example,
  fileViewSchema,
  type JobKind,
  jobRequestSchema,
  jobSchema,
  type Manifest,
  problemSchema,
} from '@millrace/contracts'
import { isSchema, listsIn, type Schema, strictSchema, takesFile } from '@millrace/schema'
import { type Components, contractComponents, embedSchema, ref } from './embed-schema.ts'

interface Place {
  /** How addresses begin, see `linkBase`. */
  base: string
  /** Whether this server asks for an API key. */
  needsKey: boolean
}

export function modelDocument(manifest: Manifest, { base, needsKey }: Place): Record<string, unknown> {
  const { name, version, description } = manifest
  const schemas = schemasOf(manifest)
  const security = needsKey ? [{ apiKey: [] }] : []
  return {
    openapi: '3.1.0',
    info: { title: name, version, description },
    servers: [{ url: base || '/' }],
    paths: {
      [`/v1/models/${name}/jobs`]: { post: { ...submitOf(manifest, schemas), security } },
      '/v1/jobs/{id}': { get: { ...READ, security } },
    },
    components: {
      ...(needsKey && { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } } }),
      schemas,
    },
  }
}

const content = (type: string, schema: string) => ({ [type]: { schema: ref(schema) } })
const REFUSED = { description: 'It was refused.', content: content('application/problem+json', 'Problem') }
/** Each range by itself: many generators know no `default`. */
const REFUSALS = { '4XX': REFUSED, '5XX': REFUSED }

const READ = {
  summary: 'Read a job of the model, or wait for its end',
  operationId: 'getJob',
  parameters: [
    { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
    {
      ...{ name: 'wait', in: 'query', schema: { type: 'number', minimum: 0, maximum: 60 } },
      description: 'Seconds to wait for the end of the job.',
    },
  ],
  responses: { 200: { description: 'The job.', content: content('application/json', 'Job') }, ...REFUSALS },
}

const exampleOf = ({ name, input }: Example, n: number) =>
  [`example${n + 1}`, { ...(name !== undefined && { summary: name }), value: { input } }] as const

function submitOf({ name, training, input_schema, examples }: Manifest, schemas: Components): Record<string, unknown> {
  return {
    summary: training ? `Run or train ${name}` : `Run ${name}`,
    operationId: 'submitJob',
    parameters: HEADERS,
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: training ? { oneOf: [ref('Request'), ref('TrainingRequest')] } : ref('Request'),
          ...(examples && { examples: Object.fromEntries(examples.map(exampleOf)) }),
        },
        ...formsOf(input_schema, schemas.Input as Schema),
      },
    },
    responses: {
      200: { description: 'It has finished within `Prefer: wait`.', content: content('application/json', 'Job') },
      202: { description: 'It is kept.', content: content('application/json', 'Job') },
      ...REFUSALS,
    },
  }
}

function schemasOf({ input_schema, output_schema, training }: Manifest): Components {
  const { Job, ...shared } = { ...contractComponents(jobSchema), ...contractComponents(problemSchema) }
  const own: Components = {
    Request: requestOf('prediction', 'Input'),
    ...(training && { TrainingRequest: requestOf('training', 'TrainingInput') }),
    ...{ Job: jobOf(Job as Schema, Boolean(training)), ...contractComponents(fileViewSchema), ...shared },
  }
  const inputs = { Input: input_schema, ...(training && { TrainingInput: training.input_schema }) }
  const outputs = { Output: output_schema, ...(training && { TrainingOutput: training.output_schema }) }
  const taken = new Set([...Object.keys(own), ...Object.keys(inputs), ...Object.keys(outputs)])
  return Object.assign(
    own,
    ...Object.entries(inputs).map(([name, schema]) => embedSchema(name, strictSchema(schema), { taken })),
    ...Object.entries(outputs).map(([name, schema]) => embedSchema(name, schema, { taken, change: withFile })),
  )
}

/** An output has the facts of a file at its place, and an address. */
function withFile(copy: Schema): Schema {
  if (copy.format !== 'file') return copy
  const { title, description } = copy
  return { ...(title !== undefined && { title }), ...(description !== undefined && { description }), ...ref('File') }
}

function jobOf(job: Schema, isTrained: boolean): Schema {
  const properties = job.properties as Record<string, Schema>
  const anyOf = [ref('Output'), ...(isTrained ? [ref('TrainingOutput')] : []), { type: 'null' }]
  const description = `${String(properties.output?.description)} What was given before the job failed or was canceled may not fit.`
  return { ...job, properties: { ...properties, output: { anyOf, description } } }
}

/** The body for a job of this kind. A prediction need not name its kind. */
function requestOf(kind: JobKind, input: string): Schema {
  const { properties, examples: _, ...request } = contractComponents(jobRequestSchema, 'input').JobRequest as Schema
  return {
    ...request,
    properties: { ...(properties as Schema), input: ref(input), kind: { type: 'string', const: kind } },
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

/** The body as a form: a field for each key of the input; in the one of parts, a file where it takes one. */
function formsOf(schema: Schema, shown: Schema): Record<string, unknown> {
  const fields = Object.entries(isSchema(schema.properties) ? schema.properties : {})
  const texts = isSchema(shown.properties) ? shown.properties : {}
  const files = fields.flatMap(([key, field]) => {
    const part = isSchema(field) ? filePartOf(field, schema) : undefined
    return part ? [[key, part] as const] : []
  })
  const input = { type: 'string', contentMediaType: 'application/json', description: 'The input as JSON.' }
  const form = (properties: object) => ({ schema: { type: 'object', properties: { input, ...properties } } })
  return {
    'multipart/form-data': form({ ...texts, ...Object.fromEntries(files) }),
    'application/x-www-form-urlencoded': form(texts),
  }
}

function filePartOf(field: Schema, root: Schema): Schema | undefined {
  const file = { type: 'string', format: 'binary' }
  if (takesFile(field, root)) return file
  const isList = listsIn(field, root).some((list) => isSchema(list.items) && takesFile(list.items, root))
  return isList ? { type: 'array', items: file } : undefined
}
