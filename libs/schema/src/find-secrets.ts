/**
 * Where an input holds secrets. Asked of the schema itself, not of a validator: that one leaves a union at the first
 * branch that fits, and a secret in another branch would be shown. A place that any branch calls secret is secret.
 */
import { mayMatch } from './may-match.ts'
import { SchemaIndex } from './schema-index.ts'
import { isSchema, type Schema, subschemasOf } from './subschemas.ts'

/** JSON pointers of the secrets in a value; what lies inside one of them is not named again. Nulls are none. */
export type SecretPlaces = (value: unknown) => Set<string>

/** Whether a schema marks a secret: as OpenAPI does, or as Cog does. */
export const isSecretSchema = (schema: object): boolean =>
  ('format' in schema && schema.format === 'password') || ('x-cog-secret' in schema && schema['x-cog-secret'] === true)

/** Keywords whose schemas are about the same value as the schema they stand in. */
const IN_PLACE = new Set([
  ...['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else'],
  ...['dependentSchemas', 'dependencies'],
])
/** Keywords about names or coded text: a secret in there makes the whole value one. */
const WHOLE = new Set(['propertyNames', 'contentSchema'])
const DEFINITIONS = new Set(['$defs', 'definitions'])

/** Looks through a schema once; undefined when no value of it has a secret. */
export function findSecrets(root: Schema): SecretPlaces | undefined {
  const index = new SchemaIndex(root)
  const secret = new Set<Schema>()
  for (const schema of index.schemas) if (isSecretSchema(schema)) secret.add(schema)
  if (secret.size === 0) return undefined
  const leading = leadingTo(secret, index)
  for (const schema of leading) {
    if (subschemasOf(schema).some((one) => WHOLE.has(one.keyword) && leading.has(one.schema))) secret.add(schema)
  }
  if (!leading.has(root)) return undefined
  const search = new SecretSearch(index, secret, leading)
  return (value) => search.placesIn(value)
}

/** All schemas from which a secret one can be reached, themselves among them. */
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

/** All schemas that are about one value. */
type Together = ReadonlySet<Schema>

/** Goes through a value with all schemas that are about each part of it at once: no branch is gone through twice. */
class SecretSearch {
  readonly #index: SchemaIndex
  readonly #secret: ReadonlySet<Schema>
  readonly #leading: ReadonlySet<Schema>
  readonly #inPlace = new Map<Schema, Together>()
  readonly #named = new Map<Schema, Names>()

  constructor(index: SchemaIndex, secret: ReadonlySet<Schema>, leading: ReadonlySet<Schema>) {
    this.#index = index
    this.#secret = secret
    this.#leading = leading
  }

  placesIn(value: unknown): Set<string> {
    const found = new Set<string>()
    const root = this.#together([this.#index.root])
    if (!this.#isSecret(root)) this.#visit(root, value, '', found)
    // An input is shown as an object in any case: what it holds is hidden.
    else if (isSchema(value)) for (const key of Object.keys(value)) found.add(pointerTo('', key))
    return found
  }

  #visit(schemas: Together, value: unknown, pointer: string, found: Set<string>): void {
    if (typeof value !== 'object' || value === null) return
    for (const [key, inner, about] of this.#parts(schemas, value)) {
      if (inner === null || about.size === 0) continue
      const place = pointerTo(pointer, key)
      if (this.#isSecret(about)) found.add(place)
      else this.#visit(about, inner, place, found)
    }
  }

  *#parts(schemas: Together, value: object): Generator<[key: string, inner: unknown, about: Together]> {
    if (!Array.isArray(value)) {
      for (const [key, inner] of Object.entries(value)) {
        yield [key, inner, this.#together([...schemas].flatMap((schema) => this.#ofProperty(schema, key)))]
      }
      return
    }
    const listed = Math.max(...[...schemas].map((schema) => listOf(schema).length))
    const rest = this.#together([...schemas].flatMap((schema) => ofItem(schema, listed)))
    for (const [index, inner] of value.entries()) {
      const about = index < listed ? this.#together([...schemas].flatMap((schema) => ofItem(schema, index))) : rest
      yield [String(index), inner, about]
    }
  }

  #isSecret(schemas: Together): boolean {
    for (const schema of schemas) if (this.#secret.has(schema)) return true
    return false
  }

  /** These, and all that is said about the same value in their branches and by their references. */
  #together(schemas: readonly unknown[]): Together {
    const all = new Set<Schema>()
    for (const schema of schemas) {
      if (isSchema(schema) && this.#leading.has(schema)) for (const one of this.#branches(schema)) all.add(one)
    }
    return all
  }

  #branches(schema: Schema): Together {
    const known = this.#inPlace.get(schema)
    if (known) return known
    const all = new Set([schema])
    for (const one of all) {
      const branches = subschemasOf(one).filter(({ keyword }) => IN_PLACE.has(keyword))
      for (const next of [...branches.map((branch) => branch.schema), ...this.#index.targetsOf(one)]) {
        if (this.#leading.has(next)) all.add(next)
      }
    }
    this.#inPlace.set(schema, all)
    return all
  }

  #ofProperty(schema: Schema, key: string): unknown[] {
    const { own, patterns } = namesIn(schema)
    const found: unknown[] = patterns.filter(([pattern]) => mayMatch(pattern, key)).map(([, one]) => one)
    if (own && Object.hasOwn(own, key)) found.push(own[key])
    if (found.length === 0) found.push(schema.additionalProperties)
    if ('unevaluatedProperties' in schema && !this.#knows(schema, key)) found.push(schema.unevaluatedProperties)
    return found
  }

  /** Whether the key is named by the schema, or by one that holds in any case where it does. */
  #knows(schema: Schema, key: string): boolean {
    let names = this.#named.get(schema)
    if (!names) {
      const all = new Set([schema])
      for (const one of all) {
        const parts = subschemasOf(one).filter(({ keyword }) => keyword === 'allOf')
        for (const next of [...parts.map((part) => part.schema), ...this.#index.targetsOf(one)]) all.add(next)
      }
      names = [...all].map(namesIn)
      this.#named.set(schema, names)
    }
    return names.some(({ own }) => own !== undefined && Object.hasOwn(own, key))
  }
}

type Names = { own: Schema | undefined; patterns: [string, unknown][] }[]

function namesIn({ properties, patternProperties }: Schema): Names[number] {
  const patterns = isSchema(patternProperties) ? Object.entries(patternProperties) : []
  return { own: isSchema(properties) ? properties : undefined, patterns }
}

const listOf = ({ prefixItems, items }: Schema): unknown[] =>
  Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : []

/** What a schema says of the item with this index. Each item may be the one that `contains` means. */
function ofItem(schema: Schema, index: number): unknown[] {
  const list = listOf(schema)
  const rest = Array.isArray(schema.items) ? schema.additionalItems : schema.items
  return [index < list.length ? list[index] : rest, schema.contains, schema.unevaluatedItems]
}

const pointerTo = (parent: string, key: string): string =>
  `${parent}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
