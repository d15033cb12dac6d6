/** The OpenAPI document of one model: the general submit, with this model's own inputs and outputs in it. */
import { type JobKind, jobRequestSchema, type Manifest, problemSchema } from '@millrace/contracts'
import { z } from 'zod'

/** @param base How addresses begin, see `linkBase`. */
export function modelDocument(manifest: Manifest, base: string): Record<string, unknown> {
  const { name, version, description, training } = manifest
  const problem = z.toJSONSchema(problemSchema)
  const keptJob = {
    type: 'object',
    required: ['id', 'kind', 'status', 'output', 'partial'],
    properties: {
      id: { type: 'string' },
      kind: { type: 'string' },
      status: { type: 'string' },
      output: { anyOf: [ref('Output'), ...(training ? [ref('TrainingOutput')] : []), { type: 'null' }] },
      partial: {
        type: 'boolean',
        description: 'Whether the output is only what was given before the job failed or was canceled: it may not fit.',
      },
    },
  }
  return {
    openapi: '3.1.0',
    info: { title: name, version, description },
    servers: [{ url: base || '/' }],
    paths: {
      [`/v1/models/${name}/jobs`]: {
        post: {
          summary: training ? `Run or train ${name}` : `Run ${name}`,
          operationId: 'submit',
          requestBody: {
            required: true,
            content: training
              ? { 'application/json': { schema: { oneOf: [ref('Request'), ref('TrainingRequest')] } } }
              : content('application/json', 'Request'),
          },
          responses: {
            200: { description: 'It has finished within `Prefer: wait`.', content: content('application/json', 'Job') },
            202: { description: 'It is kept.', content: content('application/json', 'Job') },
            default: { description: 'It was refused.', content: content('application/problem+json', 'Problem') },
          },
        },
      },
    },
    components: {
      schemas: {
        Input: embed(manifest.input_schema, 'Input'),
        Output: embed(manifest.output_schema, 'Output'),
        Request: requestOf('prediction', 'Input'),
        ...(training && {
          TrainingInput: embed(training.input_schema, 'TrainingInput'),
          TrainingOutput: embed(training.output_schema, 'TrainingOutput'),
          TrainingRequest: requestOf('training', 'TrainingInput'),
        }),
        Job: keptJob,
        Problem: bare(problem),
      },
    },
  }
}

/** The body for a job of this kind; a prediction need not say that it is one. */
function requestOf(kind: JobKind, input: string): Record<string, unknown> {
  const request = z.toJSONSchema(jobRequestSchema.omit({ input: true }), { io: 'input' })
  return {
    ...bare(request),
    properties: { input: ref(input), ...request.properties, kind: { const: kind } },
    required: kind === 'prediction' ? ['input'] : ['input', 'kind'],
  }
}

const ref = (schema: string) => ({ $ref: `#/components/schemas/${schema}` })
const content = (type: string, schema: string) => ({ [type]: { schema: ref(schema) } })

const bare = ({ $schema: _schema, id: _id, ...schema }: Record<string, unknown>) => schema

/** References inside a schema count from the root of the document it is put into. */
function embed(schema: Record<string, unknown>, name: string): unknown {
  const { $id: _, ...rest } = bare(schema)
  return move(rest, `#/components/schemas/${name}`)
}

function move(node: unknown, root: string): unknown {
  if (Array.isArray(node)) return node.map((item) => move(item, root))
  if (typeof node !== 'object' || node === null) return node
  const entries = Object.entries(node).map(([key, value]) => {
    const isLocal = key === '$ref' && typeof value === 'string' && value.startsWith('#')
    return [key, isLocal ? `${root}${(value as string).slice(1)}` : move(value, root)]
  })
  return Object.fromEntries(entries)
}
