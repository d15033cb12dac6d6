/**
 * Finds the most that one part of a value can cost: the heaviest set of schemas that may apply to it together. Called by
 * estimate-cost.ts.
 */
import type { SchemaIndex } from '../../schema-index.ts'
import type { Schema } from '../../subschemas.ts'
import { inPlaceOf, partsOf } from '../../in-place.ts'

/** The cost of one schema: for each value that it is checked on, and for each character of a text. Microseconds. */
export interface Weight {
  perValue: number
  perCharacter: number
}

/** After this many sets the search stops, and the sum over all schemas is the answer. That sum is never too low. */
const MAX_SETS = 200
const MAX_STEPS = 20_000

/**
 * An upper bound. It holds because the validator remembers results: it checks each schema at most once on each part of a
 * value.
 */
export function mostTogether(index: SchemaIndex, weights: ReadonlyMap<Schema, Weight>): Weight {
  const numbers = new Map([...index.schemas].map((schema, number) => [schema, number]))
  const most = { perValue: 0, perCharacter: 0 }
  const seen = new Set<string>()
  const left: Schema[][] = [[index.root]]
  let steps = 0
  for (let next = left.pop(); next; next = left.pop()) {
    const together = new Set(next)
    for (const schema of together) for (const one of inPlaceOf(schema, index)) together.add(one)
    const key = [...together]
      .map((schema) => numbers.get(schema))
      .sort((a = 0, b = 0) => a - b)
      .join()
    if (seen.has(key)) continue
    seen.add(key)
    steps += together.size
    raise(most, sum(together, weights))
    for (const part of partsOf(together).values()) {
      left.push(part)
      steps += part.length
    }
    if (seen.size > MAX_SETS || steps > MAX_STEPS) return sum(weights.keys(), weights)
  }
  return most
}

function sum(schemas: Iterable<Schema>, weights: ReadonlyMap<Schema, Weight>): Weight {
  const total = { perValue: 0, perCharacter: 0 }
  for (const schema of schemas) {
    total.perValue += weights.get(schema)?.perValue ?? 0
    total.perCharacter += weights.get(schema)?.perCharacter ?? 0
  }
  return total
}

function raise(most: Weight, found: Weight): void {
  most.perValue = Math.max(most.perValue, found.perValue)
  most.perCharacter = Math.max(most.perCharacter, found.perCharacter)
}
