/**
 * Says what is wrong with arguments as marshmallow says it, which DEEPaaS answers with: `{argument: [message]}`. Made of the faults that the
 * check of an input by its JSON Schema finds. Called by the routes of DEEPaaS.
 */
import { type Fault, parsePointer } from '@millrace/contracts'

type Schema = Record<string, unknown>

export type ArgumentMessages = { [argument: string]: string[] | ArgumentMessages }

/** `schema`: of the input, which is `given`. A fault of the whole input has the name `_schema`, as there. */
export function argumentMessages(faults: readonly Fault[], schema: Schema, given: unknown): ArgumentMessages {
  const said: ArgumentMessages = {}
  for (const { path, code, message } of faults) {
    const keys = parsePointer(path.replace(/^\/input/, '')) ?? []
    const isNull = code !== 'required' && valueAt(given, keys) === null
    const words = isNull ? 'Field may not be null.' : (wordsFor(code, schemaAt(schema, keys)) ?? sentence(message))
    put(said, keys.length === 0 ? ['_schema'] : keys, words)
  }
  return said
}

/** Also keeps a name such as `__proto__` an own key. */
function put(said: ArgumentMessages, [key = '', ...rest]: string[], words: string): void {
  const before = Object.hasOwn(said, key) ? said[key] : undefined
  if (rest.length > 0) {
    const inner: ArgumentMessages = before === undefined || Array.isArray(before) ? {} : before
    put(inner, rest, words)
    define(said, key, inner)
    return
  }
  const list = Array.isArray(before) ? before : []
  // Several rules of the schema may stand for the one that marshmallow has.
  if (!list.includes(words)) define(said, key, [...list, words])
}

const define = (said: ArgumentMessages, key: string, value: string[] | ArgumentMessages): void =>
  void Object.defineProperty(said, key, { value, enumerable: true, configurable: true, writable: true })

function wordsFor(code: string, field: Schema): string | undefined {
  if (code === 'required') return 'Missing data for required field.'
  if (code === 'minimum' || code === 'maximum') return range(field)
  if (code === 'exclusiveMinimum' || code === 'exclusiveMaximum') return range(field)
  if (code === 'x-number-text') return hasBounds(field) ? undefined : wrongType(field)
  if (['minLength', 'maxLength', 'minItems', 'maxItems'].includes(code)) return length(field)
  if (code === 'enum' || code === 'const') return choice(field)
  if (code === 'pattern' && typesOf(field)[0] === 'string') return 'String does not match expected pattern.'
  if (code === 'format') return FORMATS[String(field.format)]
  return ['type', 'pattern', 'anyOf', 'oneOf'].includes(code) ? (choice(field) ?? wrongType(field)) : undefined
}

const FORMATS: Record<string, string> = {
  iri: 'Not a valid URL.',
  uri: 'Not a valid URL.',
  email: 'Not a valid email address.',
  'idn-email': 'Not a valid email address.',
}

const TYPES: Record<string, string> = {
  integer: 'Not a valid integer.',
  number: 'Not a valid number.',
  boolean: 'Not a valid boolean.',
  string: 'Not a valid string.',
  array: 'Not a valid list.',
  object: 'Not a valid mapping type.',
}

const wrongType = (field: Schema): string | undefined => TYPES[typesOf(field)[0] ?? '']

function choice({ enum: values }: Schema): string | undefined {
  if (!Array.isArray(values)) return undefined
  return `Must be one of: ${values.map(String).join(', ')}.`
}

/** The schema of a whole number is written for what is left of a fraction: below 6 means 5 at most. */
function range(field: Schema): string | undefined {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = field
  const isWhole = typesOf(field)[0] === 'integer'
  const least = isNumber(minimum) ? minimum : isWhole && isNumber(exclusiveMinimum) ? exclusiveMinimum + 1 : undefined
  const most = isNumber(maximum) ? maximum : isWhole && isNumber(exclusiveMaximum) ? exclusiveMaximum - 1 : undefined
  const parts = [
    least === undefined
      ? isNumber(exclusiveMinimum) && `greater than ${exclusiveMinimum}`
      : `greater than or equal to ${least}`,
    most === undefined
      ? isNumber(exclusiveMaximum) && `less than ${exclusiveMaximum}`
      : `less than or equal to ${most}`,
  ].filter((part) => part !== false)
  return parts.length === 0 ? undefined : `Must be ${parts.join(' and ')}.`
}

const isNumber = (value: unknown): value is number => typeof value === 'number'
const hasBounds = (field: Schema): boolean => range(field) !== undefined

function length(field: Schema): string | undefined {
  const [least, most] = [field.minLength ?? field.minItems, field.maxLength ?? field.maxItems]
  if (isNumber(least) && isNumber(most)) {
    return least === most ? `Length must be ${least}.` : `Length must be between ${least} and ${most}.`
  }
  if (isNumber(least)) return `Shorter than minimum length ${least}.`
  return isNumber(most) ? `Longer than maximum length ${most}.` : undefined
}

const typesOf = ({ type }: Schema): string[] => [type].flat().filter((one) => typeof one === 'string')

const valueAt = (value: unknown, keys: readonly string[]): unknown =>
  keys.reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? (at as Schema)[key] : undefined), value)

/** The schema of an argument, or of an item in it; empty where nothing is said. */
function schemaAt(schema: Schema, keys: readonly string[]): Schema {
  let at: Schema = schema
  for (const key of keys) {
    const properties = asSchema(at.properties)
    const next = Object.hasOwn(properties, key) ? properties[key] : /^\d+$/.test(key) ? at.items : undefined
    at = asSchema(next)
    // What else a field may be (null) says nothing of why it was refused.
    if (Array.isArray(at.anyOf) && at.type === undefined && at.enum === undefined) at = asSchema(at.anyOf[0])
  }
  return at
}

const asSchema = (value: unknown): Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : {}

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`
