/** Says in plain words what a field of a model's JSON Schema takes, and in which range. Called where a model is described. */
import {
  choicesOf,
  isSchema as isObject,
  meantChoices,
  resolveReference as resolved,
  type Schema,
} from '@millrace/schema'
import { plainText } from '../terminal/plain-text.ts'

export { choicesOf, isObject, type Schema }

/** The fields of an object schema, in the order of the schema. */
export function fieldsOf(schema: Schema, root: Schema): { name: string; schema: Schema; required: boolean }[] {
  const { properties, required } = resolved(schema, root)
  const needed: unknown[] = Array.isArray(required) ? required : []
  return Object.entries(isObject(properties) ? properties : {}).map(([name, field]) => ({
    name,
    schema: isObject(field) ? field : {},
    required: needed.includes(name),
  }))
}

/** A text such as `whole number`, `"eng" or "deu"`, `file (image/*)`, `list of text`. */
export function typeText(schema: Schema, root: Schema): string {
  // The null of an output becomes an empty schema (see `unrepresentable`). It is not shown.
  const choices = meantChoices(schema, root).filter(
    (choice, _, all) => all.length === 1 || Object.keys(choice).length > 0,
  )
  return [...new Set(choices.map((choice) => choiceText(choice, root)))].join(' or ')
}

function choiceText(schema: Schema, root: Schema): string {
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => JSON.stringify(value)).join(' or ')
  if ('const' in schema) return JSON.stringify(schema.const)
  if (schema.format === 'file') {
    const media = typeof schema.contentMediaType === 'string' ? schema.contentMediaType : ''
    const types = media.split(/\s*,\s*/).filter((type) => !['', '*/*', 'application/octet-stream'].includes(type))
    return types.length === 0 ? 'file' : `file (${types.join(', ')})`
  }
  if (schema.format === 'password' && schema.type === 'string') return 'secret'
  const fields = schema.type === 'object' ? fieldsOf(schema, root).map(({ name }) => name) : []
  if (fields.length > 0) return `object (${namesOf(fields)})`
  if (schema.type === 'array') return `list of ${isObject(schema.items) ? typeText(schema.items, root) : 'anything'}`
  return WORDS[String(schema.type)] ?? 'anything'
}

/** Names come from a model, and one row of a table must hold them. */
function namesOf(fields: string[]): string {
  const [first, rest] = [fields.slice(0, MOST_NAMES), fields.length - MOST_NAMES]
  const shown = first.map((name) => plainText(name, NAME_CHARS)).join(', ')
  return rest > 0 ? `${shown}, ${rest} more` : shown
}

const MOST_NAMES = 6
const NAME_CHARS = 40

const WORDS: Record<string, string> = {
  integer: 'whole number',
  number: 'number',
  string: 'text',
  boolean: 'true or false',
  object: 'object',
  null: 'null',
}

/** False for the numbers that generators of JSON Schema write when there is no bound. */
const isBound = (value: unknown): value is number =>
  typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER

const NO_NUMBER = new Set<unknown>(['string', 'boolean', 'null', 'array', 'object'])

/** A text such as `0 to 3600`, `at least 1`, `at most 100 characters`. Empty when there is no limit. */
export function rangeText(schema: Schema, root: Schema): string {
  const texts = meantChoices(schema, root).map((choice) => {
    // Bounds for numbers do not apply to the texts of a list of types.
    const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = NO_NUMBER.has(choice.type) ? {} : choice
    const above = isBound(exclusiveMinimum) ? `above ${exclusiveMinimum}` : ''
    const below = isBound(exclusiveMaximum) ? `below ${exclusiveMaximum}` : ''
    return [
      span(minimum, maximum, ''),
      [above, below].filter(Boolean).join(', '),
      span(choice.minLength, choice.maxLength, ' characters'),
      span(choice.minItems, choice.maxItems, ' items'),
    ]
  })
  return [...new Set(texts.flat())].filter(Boolean).join(', ')
}

function span(low: unknown, high: unknown, unit: string): string {
  if (isBound(low) && isBound(high)) return `${low} to ${high}${unit}`
  if (isBound(low)) return `at least ${low}${counted(unit, low)}`
  return isBound(high) ? `at most ${high}${counted(unit, high)}` : ''
}

const counted = (unit: string, count: number): string => (count === 1 ? unit.replace(/s$/, '') : unit)
