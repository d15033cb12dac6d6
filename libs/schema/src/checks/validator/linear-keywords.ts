/**
 * Our own `uniqueItems` and `enum`. Ajv's take time by the square of a list, or by the size of the schema for each value.
 * These use sets and take linear time. Registered by build-validator.ts in place of Ajv's.
 */
import type { FuncKeywordDefinition, SchemaValidateFunction } from 'ajv'
import type { CheckRun, Numbered } from './check-run.ts'
import { StandIn } from './stand-ins.ts'

const isUnique: SchemaValidateFunction = function (this: CheckRun, wanted: boolean, items: unknown[]) {
  if (!wanted) return true
  const seen = new Map<unknown, number>()
  for (const [index, item] of items.entries()) {
    const key = keyOf(item, this)
    const before = seen.get(key)
    if (before !== undefined) {
      const message = `must NOT have duplicate items (items ## ${before} and ${index} are identical)`
      isUnique.errors = [{ keyword: 'uniqueItems', message, params: { i: index, j: before } }]
      return false
    }
    seen.set(key, index)
  }
  return true
}

export const uniqueItemsKeyword: FuncKeywordDefinition = {
  keyword: 'uniqueItems',
  type: 'array',
  schemaType: 'boolean',
  validate: isUnique,
  errors: true,
}

/**
 * Equal values have equal keys, and different values have different ones. A scalar is its own key. The key of an object is a
 * text with its number, so it never equals a number in the value.
 */
function keyOf(value: unknown, { numbered }: Pick<CheckRun, 'numbered'>): unknown {
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? `"${value}` : value
  return `#${idOf(value, numbered)}`
}

function idOf(value: object, numbered: Numbered): number {
  const known = numbered.ids.get(value)
  if (known !== undefined) return known
  const text = textOf(value, (inner) => `#${idOf(inner, numbered)}`)
  const id = numbered.made.get(text) ?? numbered.made.size
  numbered.made.set(text, id)
  numbered.ids.set(value, id)
  return id
}

export const enumKeyword: FuncKeywordDefinition = {
  keyword: 'enum',
  schemaType: 'array',
  compile(values: unknown[]) {
    const scalars = new Set(values.filter((one) => typeof one !== 'object' || one === null))
    const whole = (value: object): string => textOf(value, whole)
    const objects = new Set(
      values.filter((one) => typeof one === 'object' && one !== null).map((one) => whole(one as object)),
    )
    const isKnown = (value: unknown): boolean =>
      typeof value === 'object' && value !== null ? objects.size > 0 && objects.has(whole(value)) : scalars.has(value)
    const check: SchemaValidateFunction = (value: unknown) => {
      if (isKnown(value)) return true
      const message = 'must be equal to one of the allowed values'
      check.errors = [{ keyword: 'enum', message, params: { allowedValues: values } }]
      return false
    }
    return check
  },
  errors: true,
}

/** A text that is the same for equal objects and differs for all others. `inside` writes the objects in it. */
function textOf(value: object, inside: (inner: object) => string): string {
  const write = (one: unknown): string =>
    typeof one === 'object' && one !== null ? inside(one) : (JSON.stringify(one) ?? 'undefined')
  if (Array.isArray(value)) return `[${value.map(write).join()}]`
  // Two files are never equal.
  if (value instanceof StandIn) return `<${JSON.stringify(value.pointer)}>`
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${write(inner)}`).join()}}`
}
