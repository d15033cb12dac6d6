/**
 * Finds what a text means, by the schema of its place. This is how forms become JSON. Nothing is refused here: a text that
 * means nothing else stays a text, and the check of the input then refuses it and names its place.
 */
import { choicesOf } from './choices.ts'
import { isSchema, type Schema } from '../subschemas.ts'

/** The value of a JSON text; undefined when it is not JSON. It may throw an error that the caller turns into a refusal. */
export type ReadJson = (text: string) => { value: unknown } | undefined

/**
 * The value for one text. Numbers, true and false, and fixed choices are tried before texts. JSON is read where the schema
 * wants an object or a list, or where it says nothing. A single value for a list becomes a list of one.
 */
export function readText(text: string, schema: Schema, root: Schema, json: ReadJson): unknown {
  const choices = choicesOf(schema, root)
  for (const read of [readFixed, readScalar, readWhole, readPlain, readOne]) {
    for (const choice of choices) {
      const found = read(text, choice, root, json)
      if (found) return found.value
    }
  }
  return text
}

/** The value for all texts that came under one name. Undefined when there are several texts but the place takes one value. */
export function readTexts(
  texts: string[],
  schema: Schema,
  root: Schema,
  json: ReadJson,
): { value: unknown } | undefined {
  const [first] = texts
  if (texts.length === 1 && first !== undefined) return { value: readText(first, schema, root, json) }
  const lists = listsIn(schema, root)
  const [list] = lists
  if (!list) return undefined
  return { value: texts.map((text, at) => readText(text, itemOf(list, at), root, json)) }
}

/** The choices that are lists. A choice that says nothing may be a list too. */
export const listsIn = (schema: Schema, root: Schema): Schema[] =>
  choicesOf(schema, root).filter((choice) => choice.type === 'array' || isOpen(choice))

/** True when the place itself takes a file. */
export const takesFile = (schema: Schema, root: Schema): boolean =>
  choicesOf(schema, root).some(({ format }) => format === 'file')

/** The schema for one item of a list. */
export function itemOf({ items, prefixItems }: Schema, at: number): Schema {
  const listed: unknown = Array.isArray(prefixItems) ? prefixItems[at] : undefined
  const item = listed ?? items
  return isSchema(item) ? item : {}
}

type Found = { value: unknown } | undefined
type Reader = (text: string, choice: Schema, root: Schema, json: ReadJson) => Found

const isFixed = (choice: Schema): boolean => Array.isArray(choice.enum) || 'const' in choice
/** True when the schema requires no type. */
const isOpen = (choice: Schema): boolean =>
  choice.type === undefined &&
  choice.format !== 'file' &&
  !isFixed(choice) &&
  !('properties' in choice) &&
  !('items' in choice)

const readFixed: Reader = (text, choice) => {
  const values: unknown[] = Array.isArray(choice.enum) ? choice.enum : 'const' in choice ? [choice.const] : []
  const plain = values.filter((value) => typeof value !== 'object' || value === null)
  return plain.filter((value) => String(value) === text).map((value) => ({ value }))[0]
}

const TRUE = new Set(['true', 'on', 'yes', '1'])
const FALSE = new Set(['false', 'off', 'no', '0'])

const readScalar: Reader = (text, choice, _root, json) => {
  if (isFixed(choice) || choice.format === 'file') return undefined
  if (choice.type === 'boolean') {
    const word = text.trim().toLowerCase()
    return TRUE.has(word) ? { value: true } : FALSE.has(word) ? { value: false } : undefined
  }
  if (choice.type !== 'integer' && choice.type !== 'number') return undefined
  const number = numberIn(text)
  const found = number === undefined ? undefined : json(number)
  return found && (choice.type === 'number' || Number.isInteger(found.value)) ? found : undefined
}

/** Reads a text that is a whole object or list in JSON. */
const readWhole: Reader = (text, choice, _root, json) => {
  const isMade = choice.type === 'object' || choice.type === 'array' || 'properties' in choice || 'items' in choice
  const start = text.trimStart()[0]
  if (choice.format === 'file' || !(isMade ? start === '{' || start === '[' : isOpen(choice))) return undefined
  const found = json(text)
  if (!found || !isMade || choice.type === undefined) return found
  return Array.isArray(found.value) === (choice.type === 'array') ? found : undefined
}

const readPlain: Reader = (text, choice) => {
  if (choice.type === 'null') return text === 'null' ? { value: null } : undefined
  const isText = (choice.type === 'string' || choice.format === 'file' || isOpen(choice)) && !isFixed(choice)
  return isText ? { value: text } : undefined
}

const readOne: Reader = (text, choice, root, json) =>
  choice.type === 'array' ? { value: [readText(text, itemOf(choice, 0), root, json)] } : undefined

/** A number as people write it, turned into JSON; undefined when the text is no number. */
export function numberIn(text: string): string | undefined {
  const [all, sign, whole = '', fraction = '', exponent] =
    /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text.trim()) ?? []
  if (all === undefined || whole + fraction === '') return undefined
  const digits = whole.replace(/^0+(?=\d)/, '') || '0'
  return `${sign === '-' ? '-' : ''}${digits}${fraction && `.${fraction}`}${exponent === undefined ? '' : `e${exponent}`}`
}
