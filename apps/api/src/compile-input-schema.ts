/**
 * A model's input schema as a checker. Compiled once per manifest and kept; the schema was written by the author of a
 * model, so nothing in it may hurt the API: it is checked under a watchdog where it could take long.
 */
import type { JobKind, Manifest } from '@millrace/contracts'
import { type AnySchemaObject, Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { sha256 } from './canonical-text.ts'
import { FILE_KEYWORD, fileKeyword } from './file-keyword.ts'
import { isSecretSchema, SECRET_KEYWORD, secretKeyword } from './secret-keyword.ts'

export interface InputSchema {
  /** Stops at the first fault: what it costs is bounded by the input. */
  check: ValidateFunction
  /** Finds every fault; made when first needed. For small inputs only. */
  checkAll(): ValidateFunction
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
  ajv.addKeyword(secretKeyword)
  return ajv
}

/** Keywords whose cost can grow faster than the input. */
const COSTLY = new Set(['pattern', 'patternProperties', 'uniqueItems', 'format', '$dynamicRef'])
/** Keywords that hold values, not schemas. */
const VALUES = new Set(['default', 'const', 'enum', 'examples'])

/** A copy with the file keyword beside each `format: file`, and the secret keyword beside what is one. */
function prepare(node: unknown, found: { takesFiles: boolean; needsWatchdog: boolean }): unknown {
  if (Array.isArray(node)) return node.map((item) => prepare(item, found))
  if (typeof node !== 'object' || node === null) return node
  const copy: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(node)) {
    const isFile = key === 'format' && value === 'file'
    if (isFile) found.takesFiles = true
    else if (COSTLY.has(key)) found.needsWatchdog = true
    copy[key] = VALUES.has(key) ? structuredClone(value) : prepare(value, found)
  }
  if (isSecretSchema(node)) copy[SECRET_KEYWORD] = true
  if (copy.format === 'file') {
    copy[FILE_KEYWORD] = typeof copy.contentMediaType === 'string' ? copy.contentMediaType : ''
    // What the bytes are checked by is not the text that stands in for them.
    for (const key of ['minLength', 'maxLength', 'pattern', 'contentEncoding']) delete copy[key]
  }
  return copy
}

/** An object that says nothing about other keys takes none: a misspelt key is a fault, not a silent default. */
function closeTop(schema: AnySchemaObject): void {
  if ('additionalProperties' in schema || 'unevaluatedProperties' in schema) return
  const isObject = schema.type === 'object' || 'properties' in schema
  if (!isObject) return
  const composed = ['allOf', 'anyOf', 'oneOf', 'if', '$ref', 'dependentSchemas'].some((key) => key in schema)
  schema[composed ? 'unevaluatedProperties' : 'additionalProperties'] = false
}
