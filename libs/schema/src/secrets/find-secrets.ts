/**
 * Finds where an input holds secrets. It reads the schema itself and does not use a validator: a validator leaves a union at
 * the first branch that fits, and would miss a secret in another branch. A place is secret when any branch says so. Called
 * by the API, which hides these places.
 */
import { SchemaIndex } from '../schema-index.ts'
import { SchemaPlaces, type Together } from './schema-places.ts'
import { isSchema, type Schema, subschemasOf } from '../subschemas.ts'

/** JSON pointers of the secrets in a value. Parts inside a secret are not listed again. A null is never a secret. */
export type SecretPlaces = (value: unknown) => Set<string>

/** True when a schema marks a secret in the way of OpenAPI or of Cog. */
export const isSecretSchema = (schema: object): boolean =>
  ('format' in schema && schema.format === 'password') || ('x-cog-secret' in schema && schema['x-cog-secret'] === true)

/** Keywords about names or encoded text. A secret inside one makes the whole value a secret. */
const WHOLE = new Set(['propertyNames', 'contentSchema'])
const DEFINITIONS = new Set(['$defs', 'definitions'])

/** Looks through a schema once. Returns undefined when no value of it can hold a secret. */
export function findSecrets(root: Schema): SecretPlaces | undefined {
  const index = new SchemaIndex(root)
  const { secret, leading } = secretSchemas(index)
  if (!leading.has(root)) return undefined
  const places = new SchemaPlaces(index, leading)
  return (value) => {
    const found = new Set<string>()
    const all = places.together([root])
    if (!holdsSecret(all, secret)) for (const pointer of secretParts(places, secret, all, value)) found.add(pointer)
    // An input is always shown as an object, so here each of its values is hidden by itself.
    else if (isSchema(value)) for (const key of Object.keys(value)) found.add(pointerTo('', key))
    return found
  }
}

/** The schemas that mark secrets, and the schemas that lead to one of these. */
export function secretSchemas(index: SchemaIndex): { secret: Set<Schema>; leading: Set<Schema> } {
  const secret = new Set([...index.schemas].filter(isSecretSchema))
  if (secret.size === 0) return { secret, leading: secret }
  const leading = leadingTo(secret, index)
  for (const schema of leading) {
    if (subschemasOf(schema).some((one) => WHOLE.has(one.keyword) && leading.has(one.schema))) secret.add(schema)
  }
  return { secret, leading }
}

export function holdsSecret(schemas: Together, secret: ReadonlySet<Schema>): boolean {
  for (const schema of schemas) if (secret.has(schema)) return true
  return false
}

/** Pointers of the secrets inside a value. The value itself is not one. */
export function* secretParts(
  places: SchemaPlaces,
  secret: ReadonlySet<Schema>,
  schemas: Together,
  value: unknown,
  pointer = '',
): Generator<string> {
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner, about] of places.parts(schemas, value)) {
    if (inner === null || about.size === 0) continue
    const place = pointerTo(pointer, key)
    if (holdsSecret(about, secret)) yield place
    else yield* secretParts(places, secret, about, inner, place)
  }
}

/** All schemas that lead to one of these, including these. */
function leadingTo(secret: ReadonlySet<Schema>, index: SchemaIndex): Set<Schema> {
  const users = new Map<Schema, Schema[]>()
  for (const schema of index.schemas) {
    const below = subschemasOf(schema).filter(({ keyword }) => !DEFINITIONS.has(keyword))
    for (const inner of [...below.map((one) => one.schema), ...index.targetsOf(schema)]) {
      const known = users.get(inner)
      if (known) known.push(schema)
      else users.set(inner, [schema])
    }
  }
  const leading = new Set(secret)
  for (const schema of leading) for (const user of users.get(schema) ?? []) leading.add(user)
  return leading
}

const pointerTo = (parent: string, key: string): string =>
  `${parent}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
