/**
 * The one table of the keywords of JSON Schema that hold schemas, and in what shape. Everyone who looks into a schema uses
 * it. Any other keyword holds a plain value. The keys of a map are names that the author chose, even when they look like
 * keywords.
 */

/** A schema that is an object. The schemas `true` and `false` have nothing inside. */
export type Schema = Record<string, unknown>

/** The shape of a keyword's value: one schema, a list of schemas, or schemas by name. */
type Shape = 'one' | 'list' | 'map'

/** The keywords of draft 2020-12, and those of older drafts that people still use. */
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
  /** Its name when it stands in a map of schemas, such as the name of a property. */
  name?: string
  schema: Schema
}

/** True for an object that can hold keywords: not for a list, and not for `true` or `false`. */
export const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The schemas right below a schema, without those that are `true` or `false`. */
export function subschemasOf(schema: Schema): Subschema[] {
  const found: Subschema[] = []
  for (const [keyword, value] of Object.entries(schema)) {
    mapShape(keyword, value, (one, name) => {
      if (isSchema(one)) found.push({ keyword, name, schema: one })
    })
  }
  return found
}

/** A copy of a schema. `inside` changes each schema right below it; `other` changes the values of the other keywords. */
export function copySchema(
  schema: Schema,
  inside: (schema: unknown) => unknown,
  other: (value: unknown) => unknown,
): Schema {
  const entries = Object.entries(schema).map(([keyword, value]) => {
    const shaped = mapShape(keyword, value, inside)
    return [keyword, shaped === NO_SCHEMAS ? other(value) : shaped]
  })
  // Assignment would fail for a name such as `__proto__`.
  return Object.fromEntries(entries) as Schema
}

const NO_SCHEMAS = Symbol('the value of the keyword holds no schemas')

/**
 * The value of a keyword with each schema in it changed. NO_SCHEMAS when the keyword holds none, or has not its usual shape.
 */
function mapShape(keyword: string, value: unknown, change: (schema: unknown, name?: string) => unknown): unknown {
  const shape = SHAPES.get(keyword)
  if (shape === undefined) return NO_SCHEMAS
  // In older drafts `items` may be a list.
  if (Array.isArray(value)) {
    const isList = shape === 'list' || keyword === 'items'
    return isList ? value.map((one) => change(one)) : NO_SCHEMAS
  }
  if (shape === 'list' || !isSchema(value)) return shape === 'one' ? change(value) : NO_SCHEMAS
  if (shape === 'one') return change(value)
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, change(one, name)]))
}
