/**
 * Makes a changed copy of a schema. Everyone who rewrites schemas uses it: it changes schemas only, and leaves values and
 * names as they are.
 */
import { SchemaIndex } from './schema-index.ts'
import { copySchema, isSchema, type Schema } from './subschemas.ts'

/**
 * A copy of the document in which `change` has replaced each schema, innermost first. This includes schemas at places that
 * only a reference shows to hold one. `change` gets a copy that it may write to, and the original.
 */
export function mapSchema(root: Schema, change: (copy: Schema, original: Schema) => unknown): unknown {
  const index = new SchemaIndex(root)
  const inside = (schema: unknown): unknown =>
    isSchema(schema) ? change(copySchema(schema, inside, value), schema) : schema
  const value = (found: unknown): unknown => {
    if (Array.isArray(found)) return found.map(value)
    if (!isSchema(found)) return found
    if (index.isStray(found)) return inside(found)
    return Object.fromEntries(Object.entries(found).map(([key, item]) => [key, value(item)]))
  }
  return inside(root)
}
