/** Puts a schema of a model, or of the contracts, among the components of a document. Called by model-document.ts. */
import { isSchema, mapSchema, type Schema } from '@millrace/schema'
import { z } from 'zod'

export type Components = Record<string, unknown>

export const ref = (name: string): { $ref: string } => ({ $ref: `#/components/schemas/${name}` })

interface Embedding {
  /** Names of other components. */
  taken: ReadonlySet<string>
  /** Called for each schema, with references that hold in the document. */
  change?: (copy: Schema) => Schema
}

/**
 * The components for a schema that stands alone. References inside it count from the root of the document from now on. What is
 * in its `$defs` gets a component of its own, because many generators follow references to components only.
 */
export function embedSchema(name: string, schema: Schema, { taken, change = (copy) => copy }: Embedding): Components {
  const { $schema: _schema, $id: _id, ...root } = schema
  const names = namesOf(root, name, taken)
  const moved = (reference: unknown): unknown => {
    const steps = typeof reference === 'string' && /^#(\/|$)/.test(reference) ? reference.split('/') : undefined
    if (!steps) return reference
    const [, map = '', key = '', ...rest] = steps
    const own = names.get(`${map}/${plainStep(key)}`)
    return [ref(own ?? name).$ref, ...(own === undefined ? steps.slice(1) : rest)].join('/')
  }
  const whole = mapSchema(root, (copy) => change('$ref' in copy ? { ...copy, $ref: moved(copy.$ref) } : copy)) as Schema
  const { $defs, definitions, ...own } = whole
  const parts = Object.entries({ $defs, definitions }).flatMap(([map, shapes]) =>
    Object.entries(isSchema(shapes) ? shapes : {}).map(([key, shape]) => [names.get(`${map}/${key}`), shape] as const),
  )
  return Object.fromEntries([[name, own], ...parts]) as Components
}

/** The names of the components for what a schema defines beside itself, by their place in it. */
function namesOf(root: Schema, name: string, taken: ReadonlySet<string>): Map<string, string> {
  const names = new Map<string, string>()
  const all = new Set([...taken, name])
  for (const map of ['$defs', 'definitions']) {
    for (const key of Object.keys(isSchema(root[map]) ? root[map] : {})) {
      const wished = `${name}${key.replaceAll(/(?:^|[^A-Za-z0-9])+(\w?)/g, (_, first: string) => first.toUpperCase())}`
      let found = wished
      for (let n = 2; all.has(found); n++) found = `${wished}${n}`
      all.add(found)
      names.set(`${map}/${key}`, found)
    }
  }
  return names
}

/** A step of a reference as the key that it means. */
function plainStep(step: string): string {
  try {
    return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')
  } catch {
    return step
  }
}

/** The components for a named schema of the contracts: itself, and those that it refers to, by their names. */
export function contractComponents(schema: z.ZodType, io: 'input' | 'output' = 'output'): Components {
  const { $defs = {} } = z.toJSONSchema(schema, { io })
  const component = (shape: Schema): unknown =>
    mapSchema(shape, ({ id: _id, additionalProperties, ...copy }) => ({
      ...copy,
      ...(typeof copy.$ref === 'string' && { $ref: copy.$ref.replace('#/$defs/', ref('').$ref) }),
      // An answer may have more in time to come.
      ...(additionalProperties !== undefined && !(io === 'output' && additionalProperties === false)
        ? { additionalProperties }
        : {}),
    }))
  return Object.fromEntries(Object.entries($defs).map(([name, shape]) => [name, component(shape as Schema)]))
}
