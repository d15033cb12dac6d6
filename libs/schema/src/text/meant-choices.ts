/**
 * Which of the choices of a schema its author means, where the others are only more ways to write the same: Python
 * conventions take "3" and true for a number. Called by whoever tells people what a field takes, or asks them for it.
 */
import { choicesOf } from './choices.ts'
import { resolveReference } from '../schema-index.ts'
import { isSchema, type Schema } from '../subschemas.ts'

const PLAIN = ['integer', 'number', 'boolean']
const SPELLINGS = [...PLAIN, 'string']

/**
 * The choices that a caller should use. When a list of types starts with a number or boolean, the other plain types are only
 * more ways to write it; and so are plain types beside a list of values.
 */
export function meantChoices(schema: Schema, root: Schema): Schema[] {
  const { type, anyOf } = resolveReference(schema, root)
  const members: unknown[] = Array.isArray(anyOf) ? anyOf : []
  if (members.some((member) => isSchema(member) && 'enum' in member)) {
    return members.flatMap((member) => (isSchema(member) && !isSpellings(member) ? meantChoices(member, root) : []))
  }
  const choices = choicesOf(schema, root)
  if (!Array.isArray(type) || !PLAIN.includes(String(type[0]))) return choices
  return choices.filter((choice, index) => index === 0 || !SPELLINGS.includes(String(choice.type)))
}

/** Keywords that only say how the texts may be spelled, or which numbers a convention cuts to a whole one. */
const ABOUT_SPELLINGS = new Set(['type', 'pattern', 'x-number-text', 'not'])

const isSpellings = (schema: Schema): boolean =>
  [schema.type].flat().every((one) => SPELLINGS.includes(String(one))) &&
  Object.keys(schema).every((keyword) => ABOUT_SPELLINGS.has(keyword))
