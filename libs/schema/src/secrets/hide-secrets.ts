/**
 * Makes a schema fit to be shown: it removes values, such as defaults, from places that hold secrets. Called for model
 * documents.
 */
import { findSecrets, holdsSecret, secretParts, secretSchemas } from './find-secrets.ts'
import { mapSchema } from '../map-schema.ts'
import { SchemaIndex } from '../schema-index.ts'
import { SchemaPlaces, type Together } from './schema-places.ts'
import { type Schema, subschemasOf } from '../subschemas.ts'

/** Keywords that hold a possible value of the input. True for keywords that hold a list of values. */
const VALUES = new Map([
  ['default', false],
  ['const', false],
  ['example', false],
  ['enum', true],
  ['examples', true],
])
/** Limit on steps: schemas times the parts that each place may have. Past it, all such values are removed from the document. */
const MOST_STEPS = 20_000

/** Returns the same schema when it has no secret. The model's own schema is not changed, so checks stay the same. */
export function hideSecrets(root: Schema): Schema {
  if (!findSecrets(root)) return root
  const index = new SchemaIndex(root)
  const hidden = hiddenIn(index)
  return mapSchema(root, (copy, original) => {
    const keywords = hidden === 'all' ? VALUES.keys() : (hidden.get(original) ?? [])
    for (const keyword of keywords) delete copy[keyword]
    return copy
  }) as Schema
}

/** For each schema, the keywords whose values are secrets or contain them. */
function hiddenIn(index: SchemaIndex): Map<Schema, Set<string>> | 'all' {
  const { secret } = secretSchemas(index)
  const places = new SchemaPlaces(index, new Set(index.schemas))
  const hidden = new Map<Schema, Set<string>>()
  const hide = (schema: Schema, keyword: string): void => {
    hidden.set(schema, (hidden.get(schema) ?? new Set()).add(keyword))
  }
  const names = new Map<Schema, number>()
  const nameOf = (schemas: Together): string =>
    [...schemas]
      .map((one) => names.get(one) ?? names.set(one, names.size).size - 1)
      .sort((a, b) => a - b)
      .join()
  const seen = new Set<string>()
  let steps = 0
  const left = [places.together([index.root])]
  for (let about = left.pop(); about; about = left.pop()) {
    const name = nameOf(about)
    if (about.size === 0 || seen.has(name)) continue
    seen.add(name)
    if (holdsSecret(about, secret)) {
      for (const schema of below(about, index)) for (const keyword of VALUES.keys()) hide(schema, keyword)
      continue
    }
    for (const schema of about) {
      for (const [keyword, isList] of VALUES) {
        const values: unknown[] = isList && Array.isArray(schema[keyword]) ? schema[keyword] : [schema[keyword]]
        if (values.some((value) => !secretParts(places, secret, about as Together, value).next().done))
          hide(schema, keyword)
      }
    }
    for (const part of places.possibleParts(about)) {
      left.push(part)
      if ((steps += about.size + part.size) > MOST_STEPS) return 'all'
    }
  }
  return hidden
}

/** These schemas, and all that they lead to. */
function below(schemas: Together, index: SchemaIndex): Set<Schema> {
  const all = new Set(schemas)
  for (const schema of all) {
    for (const next of [...subschemasOf(schema).map((one) => one.schema), ...index.targetsOf(schema)]) all.add(next)
  }
  return all
}
