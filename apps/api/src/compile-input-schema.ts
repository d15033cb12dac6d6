/**
 * A model's input schema as a checker. Compiled once per manifest and kept; the schema was written by the author of a
 * model, so nothing in it may hurt the API: it is checked under a watchdog where it could take long.
 */
import type { JobKind, Manifest } from '@millrace/contracts'
import {
  findSecrets,
  isSchema,
  mapSchema,
  numberTextKeyword,
  type Schema,
  SchemaIndex,
  type SecretPlaces,
} from '@millrace/schema'
import { type AnySchemaObject, Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { sha256 } from './canonical-text.ts'
import { FILE_KEYWORD, fileKeyword } from './file-keyword.ts'

export interface InputSchema {
  /** Stops at the first fault: what it costs is bounded by the input. */
  check: ValidateFunction
  /** Finds every fault; made when first needed. For small inputs only. */
  checkAll(): ValidateFunction
  /** Where the secrets of an input are; undefined when it can have none. */
  secretsIn: SecretPlaces | undefined
  /** Whether some place in it takes a file. */
  takesFiles: boolean
  /** Whether checking may take more than linear time: patterns, unique items. */
  needsWatchdog: boolean
}

const MAX_KEPT = 200
const bySchema = new WeakMap<Manifest['input_schema'], InputSchema>()
const byText = new Map<string, InputSchema>()

/**
 * The checker of a manifest's input for a job of this kind; undefined when the model has no such jobs. Throws when its
 * schema is no JSON Schema: a fault of the model, not of the request.
 */
export function inputSchemaOf(manifest: Manifest, kind: JobKind): InputSchema | undefined {
  const source = kind === 'training' ? manifest.training?.input_schema : manifest.input_schema
  return source && compiledOf(manifest, source)
}

function compiledOf({ name, version }: Manifest, source: Manifest['input_schema']): InputSchema {
  const known = bySchema.get(source)
  if (known) return known
  const key = sha256(`${name}\n${version}\n${JSON.stringify(source)}`)
  const compiled = byText.get(key) ?? compile(source)
  byText.delete(key)
  byText.set(key, compiled)
  const oldest = byText.keys().next().value
  if (byText.size > MAX_KEPT && oldest !== undefined) byText.delete(oldest)
  bySchema.set(source, compiled)
  return compiled
}

function compile(source: Record<string, unknown>): InputSchema {
  const found = { takesFiles: false, needsWatchdog: false }
  const schema = prepare(source, found) as AnySchemaObject
  delete schema.$schema
  delete schema.$id
  closeTop(schema)
  let all: ValidateFunction | undefined
  return {
    ...found,
    secretsIn: findSecrets(source),
    check: compiler(false).compile(schema),
    checkAll: () => (all ??= compiler(true).compile(schema)),
  }
}

function compiler(allErrors: boolean): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors,
    strict: false,
    useDefaults: true,
    coerceTypes: false,
    validateSchema: false,
    passContext: true,
    logger: false,
    ownProperties: true,
  })
  formats.default(ajv)
  ajv.addFormat('file', true)
  ajv.addKeyword(fileKeyword)
  ajv.addKeyword(numberTextKeyword)
  return ajv
}

/** Keywords whose cost can grow faster than the input. */
const COSTLY = new Set(['pattern', 'patternProperties', 'uniqueItems', 'format', '$dynamicRef'])

/** A copy with the file keyword beside each `format: file`, and of each choice the files first. */
function prepare(source: Schema, found: { takesFiles: boolean; needsWatchdog: boolean }): unknown {
  const index = new SchemaIndex(source)
  return mapSchema(source, (copy, original) => {
    const isFile = copy.format === 'file'
    if (isFile) found.takesFiles = true
    if (Object.keys(copy).some((key) => COSTLY.has(key) && !(isFile && key === 'format'))) found.needsWatchdog = true
    if (Array.isArray(copy.anyOf)) copy.anyOf = filesFirst(copy.anyOf, original.anyOf as unknown[], index)
    if (!isFile) return copy
    copy[FILE_KEYWORD] = typeof copy.contentMediaType === 'string' ? copy.contentMediaType : ''
    // What the bytes are checked by is not the text that stands in for them.
    for (const key of ['minLength', 'maxLength', 'pattern', 'contentEncoding']) delete copy[key]
    return copy
  })
}

/** The validator takes the first branch that fits, and what stands in for a file is a text. */
function filesFirst(copies: unknown[], originals: unknown[], index: SchemaIndex): unknown[] {
  const rank = copies.map((_, at) => (isFilePlace(originals[at], index) ? 0 : 1))
  return copies
    .map((copy, at) => ({ copy, rank: rank[at] as number }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ copy }) => copy)
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

/** An object that says nothing about other keys takes none: a misspelt key is a fault, not a silent default. */
function closeTop(schema: AnySchemaObject): void {
  if ('additionalProperties' in schema || 'unevaluatedProperties' in schema) return
  const isObject = schema.type === 'object' || 'properties' in schema
  if (!isObject) return
  const composed = ['allOf', 'anyOf', 'oneOf', 'if', '$ref', 'dependentSchemas'].some((key) => key in schema)
  schema[composed ? 'unevaluatedProperties' : 'additionalProperties'] = false
}
