/** Checks a model's answer against the output schema it published. One compiled check per model; see compileOutputCheck. */
import { acceptsMediaType, ANY_BYTES, type RunnerFile } from '@millrace/contracts'
import { InvalidOutputError, placeAt, valueAt } from '@millrace/model'
import { mapSchema, numberTextKeyword, type Schema } from '@millrace/schema'
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'

/** Where and how an answer differs from its schema. Never holds a value of the answer. */
export interface OutputFault {
  pointer: string
  message: string
}

/** The first fault of an answer (null in place of each file), or undefined when it fits. */
export type OutputCheck = (output: unknown, files: readonly RunnerFile[]) => OutputFault | undefined

/** Stands where a file belongs while the rest of the answer is checked. */
class FilePlaceholder {
  readonly contentType: string

  constructor(contentType: string) {
    this.contentType = contentType
  }
}

const FILE_KEYWORD = 'millraceFile'
export interface CheckOptions {
  /** Fills in what the schema has a default for, in place; for inputs. Default false. */
  useDefaults?: boolean
}

/** Throws InvalidOutputError when the schema itself can't be used. */
export function compileOutputCheck(schema: Record<string, unknown>, options: CheckOptions = {}): OutputCheck {
  const validate = compile(schema, options)
  return (output, files) => {
    const root = { output }
    const placed: RunnerFile[] = []
    try {
      for (const file of files) {
        if (!putPlaceholder(root, file))
          return { pointer: file.pointer, message: 'there is no free place for a file here' }
        placed.push(file)
      }
      return validate(root.output) ? undefined : describe(validate.errors?.[0])
    } finally {
      // In place and back again: an answer may be too large to copy for this.
      for (const file of placed) placeAt(root, `/output${file.pointer}`, null)
    }
  }
}

function compile(schema: Record<string, unknown>, { useDefaults = false }: CheckOptions): ValidateFunction {
  // Not held against the meta-schema: compiling that takes five times as long as the rest, at each start and per model.
  const ajv = new Ajv2020({
    strict: false,
    useDefaults,
    allErrors: false,
    verbose: true,
    logger: false,
    validateSchema: false,
    // A field may be named like what every object inherits.
    ownProperties: true,
  })
  formats.default(ajv)
  ajv.addKeyword({
    keyword: FILE_KEYWORD,
    schemaType: 'string',
    validate: (wanted: string, value: unknown) =>
      value instanceof FilePlaceholder && matchesMediaType(value.contentType, wanted),
    errors: false,
  })
  ajv.addKeyword(numberTextKeyword)
  try {
    return ajv.compile(markFiles(schema) as object)
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown'
    throw new InvalidOutputError(`the output schema can't be used: ${why}`, { cause: error })
  }
}

/** The same schema with every `format: file` replaced by a keyword that accepts a placeholder of that media type. */
const markFiles = (schema: Schema): unknown =>
  mapSchema(schema, (copy) => {
    if (copy.format !== 'file') return copy
    const { contentMediaType: wanted } = copy
    return { [FILE_KEYWORD]: typeof wanted === 'string' ? wanted : '*/*' }
  })

/** False when the pointer leads to no null, or to one that another file has taken. */
function putPlaceholder(root: { output: unknown }, { pointer, content_type }: RunnerFile): boolean {
  if (pointer !== '' && !pointer.startsWith('/')) return false
  const place = `/output${pointer}`
  return valueAt(root, place) === null && placeAt(root, place, new FilePlaceholder(content_type))
}

function describe(error: ErrorObject | undefined): OutputFault {
  if (!error) return { pointer: '', message: 'does not fit the output schema' }
  if (error.keyword === FILE_KEYWORD) {
    const wanted = typeof error.schema === 'string' ? ` (${error.schema})` : ''
    return { pointer: error.instancePath, message: `must be a file${wanted}` }
  }
  return { pointer: error.instancePath, message: error.message ?? 'does not fit the output schema' }
}

/** As an input's file is measured, but parameters don't count and bytes of no known type fit anywhere. */
function matchesMediaType(actual: string, wanted: string): boolean {
  const essence = actual.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  return essence === ANY_BYTES || acceptsMediaType(wanted.replaceAll(/;[^,]*/g, ''), essence)
}
