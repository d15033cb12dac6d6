import { manifestSchema } from '@millrace/contracts'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { inputSchemaOf, outputSchemaOf } from './tool-schemas.ts'

const view = {
  object: 'file',
  id: 'file_1',
  url: 'https://example.com/f',
  content_type: 'image/png',
  size: 3,
  name: 'a.png',
}

/** Strict, so that a keyword or format that only Millrace knows would be refused. */
const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, meta: false, validateSchema: false })
const accepts = (schema: object, value: unknown): boolean => ajv.compile(schema)(value)

describe('the schema of an input', () => {
  it('says of a file that it is a text, and how one is named', () => {
    const schema = inputSchemaOf({
      type: 'object',
      properties: { page: { format: 'file', contentMediaType: 'image/*', description: 'The page.' } },
    })
    const { page } = schema.properties as Record<string, Record<string, unknown>>
    expect(page).toEqual({
      type: 'string',
      description: expect.stringMatching(/^The page\. A file: .*`file_…`\)\. Types: image\/\*\.$/),
    })
  })

  it('is an object also where the model does not say so, and has no name of its own', () => {
    const schema = inputSchemaOf({
      $schema: 'http://json-schema.org/draft-07/schema#',
      $id: 'https://a.example',
      oneOf: [{}],
    })
    expect(schema).toEqual({ type: 'object', oneOf: [{}] })
  })

  it('shows examples, but none of them would flood whoever reads it', () => {
    const examples = manifestSchema.shape.examples.parse([
      { input: { text: 'a'.repeat(3000) } },
      { input: { text: 'hello' } },
      { input: { text: 'b'.repeat(1990) } },
    ])
    expect(inputSchemaOf({ type: 'object' }, examples)).toEqual({ type: 'object', examples: [{ text: 'hello' }] })
  })
})

describe('the schema of an output', () => {
  it('takes the output, and a job that has not ended, and nothing else', () => {
    const schema = outputSchemaOf({ type: 'string' }, false)
    expect(accepts(schema, { output: 'hi', job_id: 'job_1', status: 'succeeded' })).toBe(true)
    expect(accepts(schema, { job_id: 'job_1', status: 'running', progress: 0.5 })).toBe(true)
    expect(accepts(schema, { output: 3, job_id: 'job_1' })).toBe(false)
    expect(accepts(schema, {})).toBe(false)
  })

  it('says what a file looks like in an answer', () => {
    const schema = outputSchemaOf({ type: 'object', properties: { picture: { format: 'file' } } }, false)
    expect(accepts(schema, { output: { picture: view } })).toBe(true)
    expect(accepts(schema, { output: { picture: 'https://example.com/f' } })).toBe(false)
  })

  it.each([false, true])('leads references to where the schema now lies (nullable: %s)', (nullable) => {
    const tree = {
      type: 'object',
      properties: { name: { $ref: '#/$defs/name' }, inner: { $ref: '#' } },
      required: ['name'],
      $defs: { name: { type: 'string', minLength: 2 } },
    }
    const schema = outputSchemaOf(tree, nullable)
    expect(accepts(schema, { output: { name: 'ab', inner: { name: 'cd' } } })).toBe(true)
    expect(accepts(schema, { output: { name: 'a' } })).toBe(false)
    expect(accepts(schema, { output: { name: 'ab', inner: { name: 'c' } } })).toBe(false)
    expect(accepts(schema, { output: null })).toBe(nullable)
  })

  it('leaves out what validators read differently, for a client would refuse the output of a job that has run for an hour', () => {
    const output = { type: 'string', pattern: '(?P<python>a+)', format: 'a-format-of-the-author' }
    const schema = outputSchemaOf(output, false)
    expect(accepts(schema, { output: 'anything' })).toBe(true)
  })
})
