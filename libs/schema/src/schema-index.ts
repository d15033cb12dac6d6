/**
 * All schemas of one document, and where its references lead. Whoever must follow `$ref` makes one index per document. Its
 * cost grows with the document alone.
 */
import { isSchema, type Schema, subschemasOf } from './subschemas.ts'

/** The base address of a document without `$id`. */
const NO_BASE = 'http://schema.invalid/'
const MAX_HOPS = 100

export class SchemaIndex {
  readonly root: Schema
  /** Every schema, with the base address for references inside it. */
  readonly #bases = new Map<Schema, string>()
  /** Schemas by address. The address is `$id`, with `$anchor` or `$dynamicAnchor` as its fragment. */
  readonly #named = new Map<string, Schema>()
  readonly #dynamic = new Map<string, Schema[]>()
  /** Schemas at places where no keyword expects one; only a reference shows that they are schemas. */
  readonly #strays = new Set<object>()

  constructor(root: Schema) {
    this.root = root
    this.#named.set(NO_BASE, root)
    this.#add(root, NO_BASE)
    // A reference may lead to a place where no keyword expects a schema, such as `#/components/schemas/x`.
    for (const schema of this.#bases.keys()) {
      for (const target of this.targetsOf(schema)) {
        if (this.#bases.has(target)) continue
        this.#strays.add(target)
        this.#add(target, this.#bases.get(schema) ?? NO_BASE)
      }
    }
  }

  /** Every schema of the document, the root first. */
  get schemas(): Iterable<Schema> {
    return this.#bases.keys()
  }

  /** True when a value is a schema because a reference leads to it, although its place is one for plain values. */
  isStray(value: object): boolean {
    return this.#strays.has(value)
  }

  /** The schemas to which `$ref` and `$dynamicRef` lead, in this document. For `$dynamicRef`: all that it may mean. */
  targetsOf(schema: Schema): Schema[] {
    const base = this.#bases.get(schema) ?? NO_BASE
    const found = new Set<Schema>()
    for (const reference of [schema.$ref, schema.$dynamicRef]) {
      const target = typeof reference === 'string' ? this.#resolve(reference, base) : undefined
      if (target) found.add(target)
    }
    const { $dynamicRef: dynamic } = schema
    const anchor = typeof dynamic === 'string' ? dynamic.split('#')[1] : undefined
    for (const target of this.#dynamic.get(anchor ?? '') ?? []) found.add(target)
    return [...found]
  }

  /** The schema with its references followed. A keyword beside a `$ref` wins over the same keyword of the target. */
  resolved(schema: Schema): Schema {
    let found = schema
    let base = this.#bases.get(schema) ?? NO_BASE
    for (let hops = 0; typeof found.$ref === 'string' && hops < MAX_HOPS; hops++) {
      const { $ref, ...rest } = found
      const target = this.#resolve($ref, base)
      base = (target && this.#bases.get(target)) ?? NO_BASE
      found = { ...target, ...rest }
    }
    return found
  }

  #add(schema: Schema, base: string): void {
    const left: { schema: Schema; base: string }[] = [{ schema, base }]
    for (let next = left.pop(); next; next = left.pop()) {
      if (this.#bases.has(next.schema)) continue
      const own = this.#name(next.schema, next.base)
      this.#bases.set(next.schema, own)
      for (const { schema: inner } of subschemasOf(next.schema)) left.push({ schema: inner, base: own })
    }
  }

  /** Stores the addresses of a schema. Returns the base address for what is inside it. */
  #name(schema: Schema, base: string): string {
    const { $id, $anchor, $dynamicAnchor } = schema
    const own = typeof $id === 'string' ? (addressOf($id, base)?.address ?? base) : base
    if (own !== base && !this.#named.has(own)) this.#named.set(own, schema)
    for (const anchor of [$anchor, $dynamicAnchor]) {
      if (typeof anchor === 'string' && anchor !== '') this.#named.set(`${own}#${anchor}`, schema)
    }
    if (typeof $dynamicAnchor === 'string')
      this.#dynamic.set($dynamicAnchor, [...(this.#dynamic.get($dynamicAnchor) ?? []), schema])
    return own
  }

  #resolve(reference: string, base: string): Schema | undefined {
    const to = addressOf(reference, base)
    if (!to) return undefined
    const named = this.#named.get(to.fragment === '' ? to.address : `${to.address}#${to.fragment}`)
    if (named) return named
    const resource = this.#named.get(to.address)
    if (!resource || !to.fragment.startsWith('/')) return undefined
    const found = to.fragment.slice(1).split('/').reduce<unknown>(stepInto, resource)
    return isSchema(found) ? found : undefined
  }
}

const indexes = new WeakMap<Schema, SchemaIndex>()

/** A schema of the document `root` with its references followed; see `SchemaIndex.resolved`. */
export function resolveReference(schema: Schema, root: Schema): Schema {
  if (typeof schema.$ref !== 'string') return schema
  let index = indexes.get(root)
  if (!index) indexes.set(root, (index = new SchemaIndex(root)))
  return index.resolved(schema)
}

function addressOf(reference: string, base: string): { address: string; fragment: string } | undefined {
  const [address = '', ...rest] = reference.split('#')
  const fragment = rest.join('#')
  try {
    return { address: address === '' ? base : new URL(address, base).href, fragment: decodeURIComponent(fragment) }
  } catch {
    return undefined
  }
}

function stepInto(holder: unknown, step: string): unknown {
  const key = step.replaceAll('~1', '/').replaceAll('~0', '~')
  if (typeof holder !== 'object' || holder === null || !Object.hasOwn(holder, key)) return undefined
  return (holder as Record<string, unknown>)[key]
}
