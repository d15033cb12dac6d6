/**
 * Cuts a schema at its references. Each target of a reference becomes a part of its own, and the reference is replaced by
 * the number of that part. So the validator resolves nothing, and each schema is compiled once however often it is used.
 * Called by build-validator.ts.
 */
import { mapSchema } from '../../map-schema.ts'
import type { SchemaIndex } from '../../schema-index.ts'
import { isSchema, type Schema } from '../../subschemas.ts'
import { FILE_KEYWORD } from './file-keyword.ts'

/** Its value is the number of a part. */
export const PART_KEYWORD = 'x-millrace-part'

export interface PrepareOptions {
  /** See CheckRules. */
  files: 'texts' | 'nulls'
  closed: boolean
}

/**
 * Returns the parts; the first is the whole schema. Throws an Error when a reference leads nowhere, or when only a run could
 * tell where it leads.
 */
export function prepareParts(index: SchemaIndex, options: PrepareOptions): Schema[] {
  const { root } = index
  const numbers = new Map<Schema, number>([[root, 0]])
  for (const schema of index.schemas) {
    for (const target of index.targetsOf(schema)) if (!numbers.has(target)) numbers.set(target, numbers.size)
  }
  const parts: Schema[] = []
  mapSchema(root, (copy, original) => {
    const prepared = prepare(copy, original, { index, numbers, options })
    const number = numbers.get(original)
    if (number === undefined) return prepared
    parts[number] = prepared
    // A default must stay at its place: the object around it fills it in.
    const { default: preset } = original
    return { [PART_KEYWORD]: number, ...(preset !== undefined && { default: preset }) }
  })
  if (options.closed) closeTop(parts[0] as Schema)
  return parts
}

interface Preparing {
  index: SchemaIndex
  numbers: ReadonlyMap<Schema, number>
  options: PrepareOptions
}

/** Keywords that name schemas or hold definitions. The numbers of the parts replace them. */
const NAMES = ['$id', '$schema', '$anchor', '$dynamicAnchor', '$defs', 'definitions', '$ref', '$dynamicRef']
/** These keywords are about the bytes of a file, not about the text that stands for it. */
const OF_BYTES = ['minLength', 'maxLength', 'pattern', 'contentEncoding']

function prepare(copy: Schema, original: Schema, { index, numbers, options }: Preparing): Schema {
  const references = [original.$ref, original.$dynamicRef].filter((one) => typeof one === 'string')
  const targets = index.targetsOf(original).map((target) => ({ [PART_KEYWORD]: numbers.get(target) }))
  if (targets.length > references.length)
    throw new Error('a $dynamicRef that depends on the way to it is not supported')
  const [lost] = targets.length === 0 ? references : []
  const verdict = lost === undefined ? undefined : leadsToBoolean(index.root, lost as string)
  if (lost !== undefined && verdict === undefined) throw new Error(`can't resolve reference ${lost}`)
  for (const key of NAMES) delete copy[key]
  if (verdict === false) return { not: {} }
  if (copy.format === 'file') return prepareFile(copy, options)
  if (options.files === 'texts' && Array.isArray(copy.anyOf))
    copy.anyOf = filesFirst(copy.anyOf, original.anyOf as unknown[], index)
  const [first, ...more] = targets
  if (more.length > 0) copy.allOf = [...(Array.isArray(copy.allOf) ? copy.allOf : []), ...more]
  return { ...first, ...copy }
}

/** A reference may lead to a schema that is just `true` or `false`. The index does not know those. */
function leadsToBoolean(root: Schema, reference: string): boolean | undefined {
  if (!reference.startsWith('#/')) return undefined
  const found = reference
    .slice(2)
    .split('/')
    .reduce<unknown>((holder, step) => {
      const key = decoded(step).replaceAll('~1', '/').replaceAll('~0', '~')
      return isSchema(holder) && Object.hasOwn(holder, key) ? holder[key] : undefined
    }, root)
  return typeof found === 'boolean' ? found : undefined
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step)
  } catch {
    return step
  }
}

function prepareFile(copy: Schema, { files }: PrepareOptions): Schema {
  const accepted = typeof copy.contentMediaType === 'string' ? copy.contentMediaType : ''
  if (files === 'nulls') return { [FILE_KEYWORD]: accepted }
  for (const key of [...OF_BYTES, 'format']) delete copy[key]
  return { ...copy, [FILE_KEYWORD]: accepted }
}

/**
 * Puts branches for files first. A text that stands for a file also fits a branch for texts, and of two branches that fit
 * only the first gets to note the file.
 */
function filesFirst(copies: unknown[], originals: unknown[], index: SchemaIndex): unknown[] {
  const areFiles = originals.map((original) => isFilePlace(original, index))
  return [...copies.filter((_, at) => areFiles[at]), ...copies.filter((_, at) => !areFiles[at])]
}

const DEEPEST = 8

function isFilePlace(given: unknown, index: SchemaIndex, depth = 0): boolean {
  if (!isSchema(given) || depth > DEEPEST) return false
  const { format, anyOf, oneOf, allOf } = index.resolved(given)
  if (format === 'file') return true
  return [anyOf, oneOf, allOf].some(
    (list) => Array.isArray(list) && list.some((one) => isFilePlace(one, index, depth + 1)),
  )
}

/** An object whose schema is silent about other keys takes none: a misspelt key must be a fault, not a silent default. */
function closeTop(schema: Schema): void {
  if ('additionalProperties' in schema || 'unevaluatedProperties' in schema) return
  const isObject = schema.type === 'object' || 'properties' in schema
  if (!isObject) return
  const composed = ['allOf', 'anyOf', 'oneOf', 'if', PART_KEYWORD, 'dependentSchemas'].some((key) => key in schema)
  schema[composed ? 'unevaluatedProperties' : 'additionalProperties'] = false
}
