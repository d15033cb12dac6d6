/**
 * Which keywords of JSON Schema hold schemas, and in what shape. The one table that all who look into a schema share: what
 * is not in it holds a value, and the keys of a map are names of the author's, whatever they look like.
 */

/** A schema that is an object; `true` and `false` have nothing inside. */
export type Schema = Record<string, unknown>

/** Shape of a keyword's value: one schema, a list of schemas, or schemas by name. */
type Shape = 'one' | 'list' | 'map'

/** Draft 2020-12, and what is left of older drafts in schemas that people have. */
const SHAPES: ReadonlyMap<string, Shape> = new Map([
  ...(['allOf', 'anyOf', 'oneOf', 'prefixItems'] as const).map((keyword) => [keyword, 'list'] as const),
  ...(['properties', 'patternProperties', 'dependentSchemas', '$defs', 'definitions', 'dependencies'] as const).map(
    (keyword) => [keyword, 'map'] as const,
  ),
  ...(
    [
      'additionalProperties',
      'unevaluatedProperties',
      'propertyNames',
      'items',
      'additionalItems',
      'unevaluatedItems',
      'contains',
      'contentSchema',
      'not',
      'if',
      'then',
      'else',
    ] as const
  ).map((keyword) => [keyword, 'one'] as const),
])

export interface Subschema {
  keyword: string
  /** The name in a map of schemas, such as that of a property; else undefined. */
  name?: string
  schema: Schema
}

/** True for what can hold keywords: no list, no `true` or `false`. */
export const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The schemas right below a schema; those that are `true` or `false` are left out. */
export function subschemasOf(schema: Schema): Subschema[] {
  const found: Subschema[] = []
  for (const [keyword, value] of Object.entries(schema)) {
    mapShape(keyword, value, (one, name) => {
      if (isSchema(one)) found.push({ keyword, name, schema: one })
    })
  }
  return found
}

/** A copy of a schema, with `inside` done to each schema right below it and `other` to the values of other keywords. */
export function copySchema(
  schema: Schema,
  inside: (schema: unknown) => unknown,
  other: (value: unknown) => unknown,
): Schema {
  const entries = Object.entries(schema).map(([keyword, value]) => {
    const shaped = mapShape(keyword, value, inside)
    return [keyword, shaped === NO_SCHEMAS ? other(value) : shaped]
  })
  // Not by assignment: a name may be `__proto__`.
  return Object.fromEntries(entries) as Schema
}

const NO_SCHEMAS = Symbol('the value of the keyword holds no schemas')

/** The value of a keyword with each schema in it changed; NO_SCHEMAS when it has none, or not in the keyword's shape. */
function mapShape(keyword: string, value: unknown, change: (schema: unknown, name?: string) => unknown): unknown {
  const shape = SHAPES.get(keyword)
  if (shape === undefined) return NO_SCHEMAS
  // `items` was a list once.
  if (Array.isArray(value)) {
    const isList = shape === 'list' || keyword === 'items'
    return isList ? value.map((one) => change(one)) : NO_SCHEMAS
  }
  if (shape === 'list' || !isSchema(value)) return shape === 'one' ? change(value) : NO_SCHEMAS
  if (shape === 'one') return change(value)
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, change(one, name)]))
}
