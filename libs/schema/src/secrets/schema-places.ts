/**
 * Tells which schemas apply to the same part of a value, with all branches taken together. So no way through a union is
 * walked twice, and the cost grows with the value and the schema, not with the depth. Called by find-secrets.ts and
 * hide-secrets.ts.
 */
import { mayMatch } from './may-match.ts'
import { IN_PLACE } from '../in-place.ts'
import type { SchemaIndex } from '../schema-index.ts'
import { isSchema, type Schema, subschemasOf } from '../subschemas.ts'

/** All schemas that apply to one part of a value. */
export type Together = ReadonlySet<Schema>

type Names = { own: Schema | undefined; patterns: [string, unknown][] }

export class SchemaPlaces {
  readonly #index: SchemaIndex
  /** Only these schemas matter to the caller. All others are left out. */
  readonly #relevant: ReadonlySet<Schema>
  readonly #inPlace = new Map<Schema, Together>()
  readonly #known = new Map<Schema, Names[]>()

  constructor(index: SchemaIndex, relevant: ReadonlySet<Schema>) {
    this.#index = index
    this.#relevant = relevant
  }

  /** These schemas, and all that apply to the same value through their branches and references. */
  together(schemas: readonly unknown[]): Together {
    const all = new Set<Schema>()
    for (const schema of schemas) {
      if (isSchema(schema) && this.#relevant.has(schema)) for (const one of this.#branches(schema)) all.add(one)
    }
    return all
  }

  /** The parts right below a value, each with the schemas that apply to it. */
  *parts(schemas: Together, value: object): Generator<[key: string, inner: unknown, about: Together]> {
    if (!Array.isArray(value)) {
      for (const [key, inner] of Object.entries(value)) yield [key, inner, this.property(schemas, key)]
      return
    }
    const listed = listedIn(schemas)
    const rest = this.item(schemas, listed)
    for (const [at, inner] of value.entries()) yield [String(at), inner, at < listed ? this.item(schemas, at) : rest]
  }

  /** The schemas that apply to the property of this name. */
  property(schemas: Together, name: string): Together {
    return this.together([...schemas].flatMap((schema) => this.#ofProperty(schema, name)))
  }

  /** The schemas that apply to the item at this index. `contains` may mean any item, so its schema is always among them. */
  item(schemas: Together, at: number): Together {
    return this.together([...schemas].flatMap((schema) => ofItem(schema, at)))
  }

  /** The schemas for each part that any value may have: first each named part, then all other parts together. */
  *possibleParts(schemas: Together): Generator<Together> {
    const names = new Set([...schemas].flatMap((schema) => Object.keys(namesIn(schema).own ?? {})))
    for (const name of names) yield this.property(schemas, name)
    yield this.together([...schemas].flatMap(othersIn))
    for (let at = 0; at <= listedIn(schemas); at++) yield this.item(schemas, at)
  }

  #branches(schema: Schema): Together {
    const known = this.#inPlace.get(schema)
    if (known) return known
    const all = new Set([schema])
    for (const one of all) {
      const branches = subschemasOf(one).filter(({ keyword }) => IN_PLACE.has(keyword))
      for (const next of [...branches.map((branch) => branch.schema), ...this.#index.targetsOf(one)]) {
        if (this.#relevant.has(next)) all.add(next)
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

  /** True when the schema names the key, or when a schema that always applies with it does. */
  #knows(schema: Schema, key: string): boolean {
    let names = this.#known.get(schema)
    if (!names) {
      const all = new Set([schema])
      for (const one of all) {
        const parts = subschemasOf(one).filter(({ keyword }) => keyword === 'allOf')
        for (const next of [...parts.map((part) => part.schema), ...this.#index.targetsOf(one)]) all.add(next)
      }
      names = [...all].map(namesIn)
      this.#known.set(schema, names)
    }
    return names.some(({ own }) => own !== undefined && Object.hasOwn(own, key))
  }
}

function namesIn({ properties, patternProperties }: Schema): Names {
  const patterns = isSchema(patternProperties) ? Object.entries(patternProperties) : []
  return { own: isSchema(properties) ? properties : undefined, patterns }
}

const othersIn = (schema: Schema): unknown[] => [
  ...namesIn(schema).patterns.map(([, one]) => one),
  schema.additionalProperties,
  schema.unevaluatedProperties,
]

const listOf = ({ prefixItems, items }: Schema): unknown[] =>
  Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : []

const listedIn = (schemas: Together): number => Math.max(0, ...[...schemas].map((schema) => listOf(schema).length))

function ofItem(schema: Schema, at: number): unknown[] {
  const list = listOf(schema)
  const rest = Array.isArray(schema.items) ? schema.additionalItems : schema.items
  return [at < list.length ? list[at] : rest, schema.contains, schema.unevaluatedItems]
}
