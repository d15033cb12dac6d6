/**
 * Splits a schema into the plain schemas that a value may fit. Called by code that reads what a person or a form has
 * written.
 */
import { resolveReference } from '../schema-index.ts'
import { isSchema, type Schema } from '../subschemas.ts'

/** At this depth a schema refers to itself, so the search stops. */
const DEEPEST = 8
/** The most schemas to look at. Nobody means more choices than this, and a union of unions may have no end. */
const MOST = 500

/** One plain schema for each choice that a schema allows. References are followed, and parts that must all hold are merged. */
export function choicesOf(given: Schema, root: Schema): Schema[] {
  return choicesIn(given, { root, depth: 0, left: { count: MOST } })
}

interface Look {
  root: Schema
  depth: number
  /** Shared by the whole search. */
  left: { count: number }
}

function choicesIn(given: Schema, look: Look): Schema[] {
  const schema = together(given, look)
  const list = [schema.anyOf, schema.oneOf].find(Array.isArray) as unknown[] | undefined
  if (list && look.depth < DEEPEST) {
    const deeper = { ...look, depth: look.depth + 1 }
    const choices = list.flatMap((one) => (isSchema(one) && look.left.count > 0 ? choicesIn(one, deeper) : []))
    if (choices.length > 0) return choices
  }
  if (Array.isArray(schema.type)) return schema.type.map((type: unknown) => ({ ...schema, type }))
  return [schema]
}

function together(given: Schema, look: Look): Schema {
  const schema = resolveReference(given, look.root)
  look.left.count--
  if (!Array.isArray(schema.allOf) || look.depth >= DEEPEST) return schema
  const { allOf, ...own } = schema
  const deeper = { ...look, depth: look.depth + 1 }
  const parts = (allOf as unknown[]).filter(isSchema).map((part) => (look.left.count > 0 ? together(part, deeper) : {}))
  const properties = Object.assign({}, ...[...parts, own].map((part: Schema) => part.properties)) as Schema
  return Object.assign({}, ...parts, own, Object.keys(properties).length > 0 ? { properties } : {}) as Schema
}

/** The schemas for the part at a key, from each choice that speaks of it. Empty when none does. */
export function schemasAt(given: Schema, keys: readonly string[], root: Schema): Schema[] {
  return keys.reduce<Schema[]>(
    (schemas, key) => schemas.flatMap((schema) => choicesOf(schema, root)).flatMap((choice) => partOf(choice, key)),
    [given],
  )
}

function partOf({ properties, additionalProperties, prefixItems, items }: Schema, key: string): Schema[] {
  const named = isSchema(properties) && Object.hasOwn(properties, key) ? properties[key] : additionalProperties
  const listed: unknown = Array.isArray(prefixItems) ? prefixItems[Number(key)] : undefined
  return [named, listed ?? items].filter(isSchema)
}
