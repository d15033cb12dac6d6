/**
 * A schema without what only tells people something. Two schemas that differ in nothing else take the same values and fill
 * them in alike. Called for the contract of a model.
 */
import { mapSchema } from './map-schema.ts'
import { SchemaIndex } from './schema-index.ts'
import type { Schema } from './subschemas.ts'
import { NUMBER_TEXT_KEYWORD } from './text/number-text.ts'

/** `default` is not among them: it is filled in, so it changes what a model is given. */
const ANNOTATIONS = new Set([
  ...['title', 'description', 'examples', 'example', 'deprecated', 'readOnly', 'writeOnly', '$comment'],
])

const isAnnotation = (keyword: string): boolean =>
  ANNOTATIONS.has(keyword) || (keyword.startsWith('x-') && keyword !== NUMBER_TEXT_KEYWORD)

/** Names in `properties` are no keywords, and values such as a default are left as they are. */
export function withoutAnnotations(root: Schema): unknown {
  const steps = stepsOfReferences(root)
  return mapSchema(root, (copy) => {
    const entries = Object.entries(copy)
    const kept = entries.filter(([keyword, value]) => !isAnnotation(keyword) || steps.has(keyword) || isNamed(value))
    return kept.length === entries.length ? copy : Object.fromEntries(kept)
  })
}

/** All steps of all references: what one of them may lead through says more than an annotation does. */
function stepsOfReferences(root: Schema): Set<string> {
  const references = [...new SchemaIndex(root).schemas].flatMap(({ $ref, $dynamicRef }) => [$ref, $dynamicRef])
  return new Set(references.flatMap((one) => (typeof one === 'string' ? one.split('/') : [])))
}

/** Whether a reference may lead into a value by a name. */
const isNamed = (value: unknown): boolean =>
  typeof value === 'object' && /"\$(id|anchor|dynamicAnchor)"/.test(JSON.stringify(value))
