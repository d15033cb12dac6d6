/** The OpenAPI document of one model: the general submit, with this model's own input and output in it. */
import { jobRequestSchema, type Manifest, problemSchema } from '@millrace/contracts'
import { z } from 'zod'

/** @param base How addresses begin, see `linkBase`. */
export function modelDocument(manifest: Manifest, base: string): Record<string, unknown> {
  const { name, version, description } = manifest
  const request = z.toJSONSchema(jobRequestSchema.omit({ input: true }), { io: 'input' })
  const problem = z.toJSONSchema(problemSchema)
  const keptJob = {
    type: 'object',
    required: ['id', 'status', 'output'],
    properties: {
      id: { type: 'string' },
      status: { type: 'string' },
      output: { anyOf: [{ $ref: '#/components/schemas/Output' }, { type: 'null' }] },
    },
  }
  return {
    openapi: '3.1.0',
    info: { title: name, version, description },
    servers: [{ url: base || '/' }],
    paths: {
      [`/v1/models/${name}/jobs`]: {
        post: {
          summary: `Run ${name}`,
          operationId: 'submit',
          requestBody: { required: true, content: content('application/json', 'Request') },
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
        Request: {
          ...bare(request),
          properties: { input: { $ref: '#/components/schemas/Input' }, ...request.properties },
          required: ['input'],
        },
        Job: keptJob,
        Problem: bare(problem),
      },
    },
  }
}

const content = (type: string, schema: string) => ({ [type]: { schema: { $ref: `#/components/schemas/${schema}` } } })

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
