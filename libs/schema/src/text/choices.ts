/** A schema as the plain schemas that a value may fit. Called by whoever reads what a person or a form has written. */
import { resolveReference } from '../schema-index.ts'
import { isSchema, type Schema } from '../subschemas.ts'

/** Deeper than this a schema refers to itself. */
const DEEPEST = 8
/** Schemas looked at: more choices nobody can mean, and a union of unions may have no end of them. */
const MOST = 500

/** What a schema takes, one plain schema for each choice; references are followed, parts that all hold are put together. */
export function choicesOf(given: Schema, root: Schema): Schema[] {
  return choicesIn(given, { root, depth: 0, left: { count: MOST } })
}

interface Look {
  root: Schema
  depth: number
  /** Shared by all that are looked at. */
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

/** What is said of the part at a key, by each choice that says something: none when nothing is. */
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
