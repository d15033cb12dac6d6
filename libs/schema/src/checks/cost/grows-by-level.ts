/**
 * Tells whether checks multiply with each level of a value, in a validator that does not remember results. Ours does
 * remember, but an author's other tools may not, so the author is told. Called by estimate-cost.ts.
 */
import type { SchemaIndex } from '../../schema-index.ts'
import { isSchema, type Schema } from '../../subschemas.ts'
import { inPlaceOf, partsOf } from '../../in-place.ts'

/** So many checks of one part of a value are no accident: their number grows with the depth. */
const MANY = 500
const LEVELS = 14

export function growsByLevel(index: SchemaIndex): boolean {
  let here = expanded([index.root], index)
  for (let level = 0; level < LEVELS && here.length <= MANY; level++) {
    const parts = [...partsOf(here).values()].map((schemas) => expanded(schemas, index))
    here = parts.sort((a, b) => b.length - a.length)[0] ?? []
  }
  return here.length > MANY
}

/** These schemas and all that apply to the same value with them. A schema is in the list as often as it would be checked. */
function expanded(schemas: readonly Schema[], index: SchemaIndex): Schema[] {
  const all = [...schemas]
  for (let at = 0; at < all.length && all.length <= MANY; at++) {
    const schema = all[at] as Schema
    const { oneOf } = schema
    // A field tells these branches apart, so a check enters only one of them. The first stands for all.
    const skipped = new Set(Array.isArray(oneOf) && areToldApart(oneOf, index) ? oneOf.slice(1) : [])
    all.push(...inPlaceOf(schema, index).filter((one) => !skipped.has(one)))
  }
  return all
}

/** True when some field has a different fixed value in each branch that is an object. */
function areToldApart(branches: unknown[], index: SchemaIndex): boolean {
  const fixed = branches.map((branch) => constantsOf(branch, index)).filter((one) => one.size > 0)
  const [first] = fixed
  if (!first || fixed.length < 2) return false
  return [...first.keys()].some((name) => {
    const values = new Set(fixed.map((one) => one.get(name)))
    return values.size === fixed.length && !values.has(undefined)
  })
}

function constantsOf(branch: unknown, index: SchemaIndex): Map<string, string> {
  const schema = isSchema(branch) ? index.resolved(branch) : {}
  const properties = isSchema(schema.properties) ? Object.entries(schema.properties) : []
  return new Map(
    properties.flatMap(([name, one]) => (isSchema(one) && 'const' in one ? [[name, JSON.stringify(one.const)]] : [])),
  )
}
