/** Values that fit a JSON Schema as zod writes them, for fast-check. Knows the keywords that the API's document uses. */
import fc from 'fast-check'

export type Schema = Record<string, unknown>

/** `resolve` looks up a `$ref`. */
export function arbitraryOf(schema: Schema, resolve: (ref: string) => Schema): fc.Arbitrary<unknown> {
  const of = (inner: unknown) => arbitraryOf(inner as Schema, resolve)
  if (typeof schema.$ref === 'string') return of(resolve(schema.$ref))
  if (Array.isArray(schema.enum)) return fc.constantFrom(...(schema.enum as unknown[]))
  const union = schema.anyOf ?? schema.oneOf
  if (Array.isArray(union)) return fc.oneof(...union.map(of))
  switch (schema.type) {
    case 'string':
      return textOf(schema)
    case 'integer':
    case 'number':
      return numberOf(schema)
    case 'boolean':
      return fc.boolean()
    case 'array':
      return fc.array(of(schema.items), { minLength: Number(schema.minItems ?? 0), maxLength: 3 })
    case 'object':
      return objectOf(schema, of)
    default:
      return fc.jsonValue({ maxDepth: 2 })
  }
}

function textOf({ pattern, format, minLength, maxLength }: Schema): fc.Arbitrary<string> {
  if (typeof pattern === 'string') return fc.stringMatching(new RegExp(pattern))
  const years = { min: new Date('1970-01-01'), max: new Date('9000-01-01'), noInvalidDate: true }
  if (format === 'date-time') return fc.date(years).map((date) => date.toISOString())
  if (format === 'uri')
    return fc.constantFrom('https://example.com/hooks?a=b', 'https://localhost/', 'http://a.example')
  return fc.string({
    minLength: Number(minLength ?? 0),
    maxLength: Math.min(Number(maxLength ?? 20), 20),
  })
}

function numberOf({ type, minimum, exclusiveMinimum, maximum }: Schema): fc.Arbitrary<number> {
  const min = Number(minimum ?? exclusiveMinimum ?? -1e9)
  const max = Number(maximum ?? 1e9)
  if (type === 'integer') return fc.integer({ min, max: Math.min(max, 2 ** 31 - 1) })
  return fc.double({ min, max, minExcluded: exclusiveMinimum !== undefined, noNaN: true })
}

function objectOf(schema: Schema, of: (inner: unknown) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties } = schema
  const known = Object.entries(properties as Schema).map(([key, inner]) => [key, of(inner)] as const)
  const fields = fc.record(Object.fromEntries(known), { requiredKeys: required as string[] })
  if (typeof additionalProperties !== 'object' || known.length > 0) return fields
  return fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), of(additionalProperties), { maxKeys: 3 })
}
