/**
 * Which schemas are about the same value as a schema, and which about its parts. The two sums of costs go by it, and so
 * does the search for secrets.
 */
import type { SchemaIndex } from './schema-index.ts'
import { isSchema, type Schema, subschemasOf } from './subschemas.ts'

/** Keywords whose schemas are about the same value as the schema they stand in. */
export const IN_PLACE = new Set([
  ...['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else'],
  ...['dependentSchemas', 'dependencies'],
])

/** The schemas that are checked on the very value that this one is checked on. */
export const inPlaceOf = (schema: Schema, index: SchemaIndex): Schema[] => [
  ...subschemasOf(schema)
    .filter(({ keyword }) => IN_PLACE.has(keyword))
    .map((one) => one.schema),
  ...index.targetsOf(schema),
]

/** Whether some schema is checked twice on the same value, because two ways lead to it from another. */
export function hasRepeats(index: SchemaIndex): boolean {
  for (const schema of index.schemas) {
    const all = new Set([schema])
    for (const one of all) {
      for (const next of inPlaceOf(one, index)) {
        if (all.has(next)) return true
        all.add(next)
      }
    }
  }
  return false
}

/** The schemas of each kind of part of a value, by a name for the kind: a property, an item, a name. */
export function partsOf(schemas: Iterable<Schema>): Map<string, Schema[]> {
  const all = [...schemas]
  const named = new Set(all.flatMap((schema) => Object.keys(mapOf(schema.properties))))
  const listed = Math.max(0, ...all.map((schema) => listOf(schema.prefixItems).length))
  const parts = new Map<string, Schema[]>()
  const add = (slot: string, found: unknown[]): void => {
    const schemasThere = found.filter(isSchema)
    if (schemasThere.length > 0) parts.set(slot, [...(parts.get(slot) ?? []), ...schemasThere])
  }
  for (const schema of all) {
    const own = mapOf(schema.properties)
    const rest = [...Object.values(mapOf(schema.patternProperties)), schema.unevaluatedProperties]
    for (const name of named) {
      const isOwn = Object.hasOwn(own, name)
      add(`.${name}`, isOwn ? [own[name], ...rest] : [schema.additionalProperties, ...rest])
    }
    add('*', [schema.additionalProperties, ...rest])
    add('name', [schema.propertyNames])
    const items = listOf(schema.prefixItems)
    const each = [schema.contains, schema.unevaluatedItems]
    for (let at = 0; at < listed; at++)
      add(`[${at}`, at < items.length ? [items[at], ...each] : [schema.items, ...each])
    add('[', [schema.items, ...each])
  }
  return parts
}

const mapOf = (value: unknown): Record<string, unknown> => (isSchema(value) ? value : {})
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
