/**
 * Tells which schemas apply to the same value as a schema, and which to its parts. Used by the two estimates of cost and by
 * the search for secrets.
 */
import type { SchemaIndex } from './schema-index.ts'
import { isSchema, type Schema, subschemasOf } from './subschemas.ts'

/** Keywords whose inner schemas apply to the same value as the schema around them. */
export const IN_PLACE = new Set([
  ...['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else'],
  ...['dependentSchemas', 'dependencies'],
])

/** The schemas that are checked on the same value as this one, because it contains or refers to them. */
export const inPlaceOf = (schema: Schema, index: SchemaIndex): Schema[] => [
  ...subschemasOf(schema)
    .filter(({ keyword }) => IN_PLACE.has(keyword))
    .map((one) => one.schema),
  ...index.targetsOf(schema),
]

/** True when two ways lead from one schema to another on the same value, so that it would be checked twice. */
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

/** The schemas for each kind of part of a value. The kind is named in the key: a property, an item, a name. */
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
