import { expect, it } from 'vitest'
import { mapSchema } from './map-schema.ts'
import { resolveReference, SchemaIndex } from './schema-index.ts'
import type { Schema } from './subschemas.ts'

const file = { format: 'file' }
/** Marks each schema with `format: file` as seen. */
const marked = (schema: Schema): unknown =>
  mapSchema(schema, (copy) => (copy.format === 'file' ? { seen: true } : copy))

it.each(['default', 'const', 'enum', 'examples', 'required', 'x-own', 'format', '$ref', 'properties', '__proto__'])(
  'a schema under the name %s is changed, a value by that keyword is not',
  (name) => {
    const inner = Object.fromEntries([[name, file]])
    for (const map of ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']) {
      expect(marked({ [map]: inner })).toEqual({ [map]: Object.fromEntries([[name, { seen: true }]]) })
    }
    if (name === 'properties') return
    const value = { type: 'object', ...inner, more: [file, { properties: { a: file } }] }
    expect(marked({ items: value })).toEqual({ items: value })
  },
)

it.each(['items', 'contains', 'not', 'if', 'else', 'additionalProperties', 'unevaluatedItems', 'propertyNames'])(
  'the schema of %s is changed, true and false stay',
  (keyword) => {
    expect(marked({ [keyword]: file })).toEqual({ [keyword]: { seen: true } })
    for (const value of [true, false]) expect(marked({ [keyword]: value })).toEqual({ [keyword]: value })
  },
)

it.each(['allOf', 'anyOf', 'oneOf', 'prefixItems', 'items'])('each schema in the list of %s is changed', (keyword) => {
  expect(marked({ [keyword]: [file, true, { items: file }] })).toEqual({
    [keyword]: [{ seen: true }, true, { items: { seen: true } }],
  })
})

it('what a reference shows to be a schema is changed, wherever it lies; the original is not', () => {
  const components = { schemas: { page: file, other: { format: 'file' } } }
  const root = { properties: { a: { $ref: '#/components/schemas/page' } }, components }
  expect(marked(root)).toEqual({ ...root, components: { schemas: { page: { seen: true }, other: file } } })
  expect(components.schemas.page).toBe(file)
})

it('references are followed by pointer, anchor and address, from where they stand; circles end', () => {
  const part = {
    $id: 'https://example.org/part',
    $defs: { n: { type: 'number' } },
    properties: { n: { $ref: '#/$defs/n' } },
  }
  const root = {
    $defs: { part, 'a/b%': { type: 'boolean' }, named: { $anchor: 'here', type: 'null' }, me: { $ref: '#/$defs/me' } },
  }
  const index = new SchemaIndex(root)
  const typeOf = ($ref: string): unknown => index.resolved({ $ref }).type
  expect(index.resolved(part.properties.n)).toEqual({ type: 'number' })
  expect(typeOf('https://example.org/part#/properties/n')).toBe('number')
  expect(typeOf('#/$defs/a~1b%25')).toBe('boolean')
  expect(typeOf('#here')).toBe('null')
  for (const nowhere of ['#/$defs/none', '#/$defs/constructor', 'https://example.org/x', '#/$defs/me', '#%', 'a:b:c'])
    expect(typeOf(nowhere), nowhere).toBeUndefined()
  expect(resolveReference({ $ref: '#here', title: 'own' }, root)).toMatchObject({ type: 'null', title: 'own' })
})
