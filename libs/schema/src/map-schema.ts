/** A changed copy of a schema. Whoever rewrites schemas does it with this, so that values and names stay what they are. */
import { SchemaIndex } from './schema-index.ts'
import { copySchema, isSchema, type Schema } from './subschemas.ts'

/**
 * A copy of the document with `change` done to each schema in it, innermost first; also to what only a reference shows to
 * be a schema. `change` is handed a copy that it may write to, and the original.
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
