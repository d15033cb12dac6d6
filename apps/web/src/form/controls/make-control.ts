/**
 * Turns a JSON Schema into controls. What cannot be drawn becomes a field for JSON: no schema makes the form fail, and the
 * server checks what is sent. Called by the form, and by the code beside it.
 */
import { isSchema, meantChoices, resolveReference, type Schema } from '@millrace/schema/text'
import { type Json, toJson, writeJson } from '../../json/json.ts'
import type { ChoiceControl, Control, Count, Field, Range, TextControl } from './control.ts'

/** Objects and lists inside each other; deeper ones are JSON. */
const DEEPEST = 5
/** More ways to fill one place help nobody. */
const MOST_BRANCHES = 6
/** A text that may be longer gets several lines. */
const SHORT_CHARS = 120

/** The control for a whole input. */
export const makeControl = (schema: unknown): Control => {
  const root = isSchema(schema) ? schema : {}
  return new ControlMaker(root).make(root, 0)
}

class ControlMaker {
  readonly #root: Schema

  constructor(root: Schema) {
    this.#root = root
  }

  make(given: unknown, depth: number): Control {
    if (!isSchema(given)) return { kind: 'json', ...aboutOf({}), nullable: false }
    const choices = meantChoices(given, this.#root)
    const rest = choices.filter(({ type }) => type !== 'null')
    const about = { ...aboutOf(resolveReference(given, this.#root)), nullable: rest.length < choices.length }
    const branches = merged(rest.map((choice) => this.#one(choice, depth)))
    const [only] = branches
    if (only === undefined) return { ...about, kind: 'choice', values: [null], nullable: false }
    if (branches.length > MOST_BRANCHES) return { ...about, kind: 'json' }
    return branches.length === 1
      ? { ...only, ...about, nullable: about.nullable || only.nullable }
      : { ...about, kind: 'either', branches }
  }

  /** The control for one plain schema. */
  #one(choice: Schema, depth: number): Control {
    const about = aboutOf(choice)
    if (isSecret(choice)) return { ...about, kind: 'text', as: 'secret', length: countOf(choice, 'Length') }
    const values = valuesOf(choice)
    if (values) return { ...about, kind: 'choice', values, nullable: values.includes(null) }
    if (choice.format === 'file') return { ...about, kind: 'file', accept: textOf(choice.contentMediaType) ?? '' }
    switch (choice.type) {
      case 'string':
        return {
          ...about,
          kind: 'text',
          as: lookOf(choice),
          length: countOf(choice, 'Length'),
          pattern: textOf(choice.pattern),
        }
      case 'integer':
      case 'number':
        return { ...about, kind: 'number', whole: choice.type === 'integer', range: rangeOf(choice) }
      case 'boolean':
        return { ...about, kind: 'flag' }
      default:
        return this.#holder(choice, depth) ?? { ...about, kind: 'json' }
    }
  }

  #holder(choice: Schema, depth: number): Control | undefined {
    const { type, properties, items } = choice
    if (depth >= DEEPEST) return undefined
    if ((type === 'array' || type === undefined) && isSchema(items) && !('prefixItems' in choice)) {
      const item = once(() => this.make(items, depth + 1))
      return {
        ...aboutOf(choice),
        kind: 'list',
        item,
        items: countOf(choice, 'Items'),
        unique: choice.uniqueItems === true,
      }
    }
    const isDrawn = isSchema(properties) && (depth === 0 || Object.keys(properties).length > 0)
    if ((type !== 'object' && type !== undefined) || !isDrawn) return undefined
    return { ...aboutOf(choice), kind: 'object', fields: once(() => this.#fields(choice, properties, depth)) }
  }

  #fields({ required }: Schema, properties: Schema, depth: number): Field[] {
    const needed: unknown[] = Array.isArray(required) ? required : []
    const orderOf = (schema: unknown): number => numberOf(isSchema(schema) ? schema['x-order'] : undefined) ?? 0
    return Object.entries(properties)
      .toSorted(([, a], [, b]) => orderOf(a) - orderOf(b))
      .map(([name, schema]) => ({ name, required: needed.includes(name), control: this.make(schema, depth + 1) }))
  }
}

/** Choices become one list of values, fields for JSON one field, and plain fields that are drawn alike are drawn once. */
function merged(branches: Control[]): Control[] {
  const choices = branches.filter((branch) => branch.kind === 'choice')
  const drawn = new Map<unknown, Control>()
  for (const branch of branches) {
    if (branch.kind === 'choice') drawn.set('choice', oneChoice(choices))
    else if (branch.kind === 'json') drawn.set('json', branch)
    // Two lists or objects are two branches: what they hold is not looked at before somebody opens it.
    else drawn.set(branch.kind === 'list' || branch.kind === 'object' ? branch : JSON.stringify(branch), branch)
  }
  return [...drawn.values()]
}

const oneChoice = (choices: ChoiceControl[]): ChoiceControl => ({
  ...(choices[0] as ChoiceControl),
  nullable: choices.some(({ nullable }) => nullable),
  values: [...new Map(choices.flatMap(({ values }) => values).map((value) => [writeJson(value), value])).values()],
})

/** The values of a fixed choice; those of another type than the one that is meant are other spellings of them. */
function valuesOf(choice: Schema): Json[] | undefined {
  const given: unknown[] | undefined = Array.isArray(choice.enum)
    ? choice.enum
    : 'const' in choice
      ? [choice.const]
      : undefined
  if (given === undefined) return undefined
  const typed = given.filter((value) => choice.type === undefined || typesOf(value).includes(choice.type as string))
  return (typed.length > 0 ? typed : given).map((value) => toJson(value) ?? null)
}

function typesOf(value: unknown): string[] {
  if (value === null) return ['null']
  if (typeof value === 'number') return Number.isInteger(value) ? ['integer', 'number'] : ['number']
  return [Array.isArray(value) ? 'array' : typeof value]
}

const isSecret = (schema: Schema): boolean => schema.format === 'password' || schema['x-cog-secret'] === true

const LOOKS: Record<string, TextControl['as']> = {
  email: 'email',
  'idn-email': 'email',
  uri: 'url',
  url: 'url',
  iri: 'url',
  date: 'date',
}

function lookOf({ format, maxLength, pattern }: Schema): TextControl['as'] {
  const known = typeof format === 'string' ? LOOKS[format] : undefined
  if (known) return known
  return (numberOf(maxLength) ?? Infinity) <= SHORT_CHARS || pattern !== undefined || format !== undefined
    ? 'short'
    : 'long'
}

function aboutOf(schema: Schema) {
  const examples: unknown = schema.examples
  return {
    title: textOf(schema.title),
    description: textOf(schema.description),
    default: toJson(schema.default),
    example: Array.isArray(examples) ? toJson(examples[0]) : undefined,
    deprecated: schema.deprecated === true,
    nullable: false,
  }
}

const rangeOf = (schema: Schema): Range => ({
  least: boundOf(schema.minimum),
  most: boundOf(schema.maximum),
  above: boundOf(schema.exclusiveMinimum),
  below: boundOf(schema.exclusiveMaximum),
  multipleOf: numberOf(schema.multipleOf),
})

/** Generators of schemas write the largest safe number where there is no bound. */
function boundOf(value: unknown): number | undefined {
  const bound = numberOf(value)
  return bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER ? bound : undefined
}

const countOf = (schema: Schema, of: 'Length' | 'Items'): Count => ({
  least: numberOf(schema[`min${of}`]),
  most: numberOf(schema[`max${of}`]),
})

const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)
const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => (made ??= { value: make() }).value
}
