/**
 * What a text means in the place of a value, by the schema of that place: how forms become JSON. Nothing is refused here;
 * what means nothing else stays a text, which the check of the input refuses with its place.
 */
import { choicesOf } from './choices.ts'
import { isSchema, type Schema } from '../subschemas.ts'

/** The value of JSON text; undefined for what is none. May throw what the caller refuses. */
export type ReadJson = (text: string) => { value: unknown } | undefined

/**
 * The value for one text. Numbers, true and false, and fixed choices come before texts; JSON is read where the schema wants
 * an object or a list, or says nothing; a single value for a list is a list of one.
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

/** The value for all texts that came under one name. Undefined: the place takes one value, and there are several. */
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

/** The choices that are lists; one that says nothing may be one. */
export const listsIn = (schema: Schema, root: Schema): Schema[] =>
  choicesOf(schema, root).filter((choice) => choice.type === 'array' || isOpen(choice))

/** Whether a place takes a file itself. */
export const takesFile = (schema: Schema, root: Schema): boolean =>
  choicesOf(schema, root).some(({ format }) => format === 'file')

/** What a list says of its item. */
export function itemOf({ items, prefixItems }: Schema, at: number): Schema {
  const listed: unknown = Array.isArray(prefixItems) ? prefixItems[at] : undefined
  const item = listed ?? items
  return isSchema(item) ? item : {}
}

type Found = { value: unknown } | undefined
type Reader = (text: string, choice: Schema, root: Schema, json: ReadJson) => Found

const isFixed = (choice: Schema): boolean => Array.isArray(choice.enum) || 'const' in choice
/** Says of no type that it must be. */
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

/** A whole object or list, written as JSON. */
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

/** A number as it is written by people, as JSON writes it; undefined for what is none. */
export function numberIn(text: string): string | undefined {
  const [all, sign, whole = '', fraction = '', exponent] =
    /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text.trim()) ?? []
  if (all === undefined || whole + fraction === '') return undefined
  const digits = whole.replace(/^0+(?=\d)/, '') || '0'
  return `${sign === '-' ? '-' : ''}${digits}${fraction && `.${fraction}`}${exponent === undefined ? '' : `e${exponent}`}`
}
