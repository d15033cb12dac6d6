/**
 * The schemas of a model as those of a tool. Clients and the makers of language models read them with validators of their own, so they
 * say nothing that only Millrace understands: a file is a text in an input, and an object with an address in an output. Called by
 * model-tools.ts.
 */
import { acceptsMediaType, type Manifest } from '@millrace/contracts'
import { isSchema, mapSchema, type Schema, strictSchema } from '@millrace/schema'

/** Examples are shown while all of them together are no longer than this: a language model reads them with every request. Characters. */
const EXAMPLE_CHARS = 2000

/** `hidden`: the schema of an input, without what its secrets would tell. */
export function inputSchemaOf(hidden: Schema, examples: Manifest['examples'] = []): Schema {
  const schema = mapSchema(strictSchema(hidden), describeFile) as Schema
  const shown = shortExamples(examples)
  return { ...withoutNames(schema), type: 'object', ...(shown.length > 0 && { examples: shown }) }
}

/**
 * What the structured answer of a tool looks like: the output, or the job that has not ended. Clients refuse an answer that does not
 * fit, even that of a job which has taken an hour. So the parts are left out on which validators disagree.
 */
export function outputSchemaOf(output: Schema, isNullable: boolean): Schema {
  const schema = withoutNames(mapSchema(output, showFile) as Schema)
  const place = '#/properties/output'
  return {
    type: 'object',
    properties: {
      output: isNullable ? { anyOf: [rooted(schema, `${place}/anyOf/0`), { type: 'null' }] } : rooted(schema, place),
      ...JOB_PROPERTIES,
    },
    anyOf: [{ required: ['output'] }, { required: ['job_id'] }],
  }
}

/** What is said of the job beside its output. */
export const JOB_PROPERTIES = {
  job_id: {
    type: 'string',
    description: 'The job that the call became. It is kept, whatever happens to the connection.',
  },
  status: {
    type: 'string',
    enum: ['queued', 'running', 'succeeded', 'failed', 'canceled'],
    description: 'While it is `queued` or `running`, call wait_for_job with the job_id for the output.',
  },
  progress: {
    type: 'number',
    minimum: 0,
    maximum: 1,
    description: 'Share of the work that is done, if the model tells.',
  },
  message: { type: 'string', description: 'How it is with the job, in a sentence.' },
} as const satisfies Schema

const FILE = 'A file: its http(s) address, a `data:` URI, or the id of a file that is here (`file_…`).'

function describeFile(copy: Schema): Schema {
  if (copy.format !== 'file') return copy
  const { format: _, contentMediaType, description, ...rest } = copy
  const types = isOfAnyType(contentMediaType) ? '' : ` Types: ${String(contentMediaType)}.`
  const own = typeof description === 'string' && description !== '' ? `${description} ` : ''
  return { ...rest, type: 'string', description: `${own}${FILE}${types}` }
}

const isOfAnyType = (accepted: unknown): boolean =>
  typeof accepted !== 'string' || acceptsMediaType(accepted, 'application/x-unheard-of')

/** Patterns and formats are written for one dialect of regular expressions each, and checked before the output was kept. */
function showFile(copy: Schema): Schema {
  const { format, pattern: _pattern, contentMediaType: _type, contentEncoding: _encoding, ...rest } = copy
  if (format !== 'file') return rest
  const { title, description } = rest
  return {
    type: 'object',
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    properties: {
      url: { type: 'string', description: 'Where the bytes are. It needs no key, and works for a day.' },
      id: { type: 'string' },
      name: { type: 'string' },
      content_type: { type: 'string' },
      size: { type: 'integer' },
    },
    required: ['url', 'id'],
  }
}

/** An identifier would move the place that references start from. */
function withoutNames({ $schema: _schema, $id: _id, ...schema }: Schema): Schema {
  return schema
}

/** References within the schema lead to where it now lies. */
function rooted(schema: Schema, place: string): Schema {
  const isOwn = (reference: unknown): reference is string => typeof reference === 'string' && /^#(\/|$)/.test(reference)
  return mapSchema(schema, (copy) =>
    isOwn(copy.$ref) ? { ...copy, $ref: `${place}${copy.$ref.slice(1)}` } : copy,
  ) as Schema
}

function shortExamples(examples: NonNullable<Manifest['examples']>): Schema[] {
  let left = EXAMPLE_CHARS
  return examples.flatMap(({ input }) => {
    const { length } = JSON.stringify(input)
    if (length > left || !isSchema(input)) return []
    left -= length
    return [input]
  })
}
