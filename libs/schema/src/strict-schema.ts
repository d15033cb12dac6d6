/**
 * What a value should be, without the other ways in which it may be written: a convention of Python takes "3" for 3, and its
 * schema says so, because inputs are checked by it. Called for documents that generators of clients read: they would make
 * `number | string | boolean` of it.
 */
import { mapSchema } from './map-schema.ts'
import { isSchema, type Schema } from './subschemas.ts'
import { NUMBER_TEXT_KEYWORD } from './text/number-text.ts'

const NUMBERS = ['integer', 'number']
const SPELLINGS = [...NUMBERS, 'boolean', 'string']

/** A copy of the schema. A list of types that an author means is left as it is: only what says how texts are read is changed. */
export const strictSchema = (root: Schema): Schema =>
  mapSchema(root, (copy) => withoutSpelledChoices(withoutSpelledTypes(copy))) as Schema

/** Of a number or a boolean that may be written in other ways, its type is the first one. */
function withoutSpelledTypes(schema: Schema): Schema {
  const { type, pattern, [NUMBER_TEXT_KEYWORD]: numberText, ...rest } = schema
  if (!Array.isArray(type) || type.length < 2) return schema
  const [first, ...others] = type as string[]
  const isNumber = NUMBERS.includes(String(first)) && numberText !== undefined
  const isBoolean = first === 'boolean' && pattern !== undefined
  if (!isNumber && !isBoolean) return schema
  const kept = [first, ...others.filter((one) => !SPELLINGS.includes(one))]
  if (isBoolean) for (const keyword of ['minimum', 'maximum']) delete rest[keyword]
  return { ...rest, type: kept.length === 1 ? first : kept }
}

/** Of fixed numbers, what may stand for them is left out. */
function withoutSpelledChoices(schema: Schema): Schema {
  const { anyOf, ...rest } = schema
  const members: unknown[] = Array.isArray(anyOf) ? anyOf : []
  const isFixed = members.some((member) => isSchema(member) && Array.isArray(member.enum))
  const isSpelt = (member: unknown) => isSchema(member) && member[NUMBER_TEXT_KEYWORD] !== undefined
  if (!isFixed || !members.some(isSpelt)) return schema
  const kept = members.filter((member) => !isSpelt(member) && !isFraction(member))
  return kept.length === 1 && isSchema(kept[0]) ? { ...kept[0], ...rest } : { ...rest, anyOf: kept }
}

/** A number that is cut to a whole one. */
const isFraction = (member: unknown): boolean =>
  isSchema(member) && member.type === 'number' && isSchema(member.not) && member.not.type === 'integer'
