/** Makes an input that fits a model's schema, with a value for every field. Called by `millrace check`. */
import { linearRegExp } from '@millrace/schema'
import type { LocalFile } from '@millrace/host'
import { choicesOf, fieldsOf, isObject, type Schema } from '../schema/schema-types.ts'
import { sampleFile } from './sample-file.ts'

export interface SampleInput {
  /** It has null in place of each file. */
  input: Record<string, unknown>
  files: LocalFile[]
  /** Required fields for which no value could be made, with the reason. */
  missing: { name: string; why: string }[]
  /** Fields that the schema does not describe. They were given some text. */
  guessed: string[]
}

export interface SampleOptions {
  /** Fields that the user has given. They are used as they are. */
  given: Record<string, unknown>
  /** True: leave out every field that is not required. */
  onlyRequired?: boolean
}

/** No value can be made. The message says why. */
class Unmakeable extends Error {}

/** At this depth a schema refers to itself, so the search stops. */
const DEEPEST = 6

export function makeSampleInput(root: Schema, { given, onlyRequired = false }: SampleOptions): SampleInput {
  const files: LocalFile[] = []
  const missing: SampleInput['missing'] = []
  const guessed: string[] = []
  const input: Record<string, unknown> = {}
  for (const { name, schema, required } of fieldsOf(root, root)) {
    if (name in given || (onlyRequired && !required)) continue
    try {
      if (isOpen(schema, root)) guessed.push(name)
      const made = sampleOf({ schema, root, pointer: `/${escaped(name)}`, hint: hintOf(name, schema), depth: 0 }, files)
      if (made !== undefined) input[name] = made
    } catch (error) {
      if (!(error instanceof Unmakeable)) throw error
      if (required) missing.push({ name, why: error.message })
    }
  }
  return { input: { ...input, ...given }, files, missing, guessed }
}

interface Place {
  schema: Schema
  root: Schema
  pointer: string
  hint: string
  depth: number
}

/** Undefined: the field is better left out. Throws Unmakeable. */
function sampleOf(place: Place, files: LocalFile[]): unknown {
  const { schema, root, hint, pointer, depth } = place
  if (depth > DEEPEST) throw new Unmakeable('it refers to itself without end')
  const choices = choicesOf(schema, root)
  const file = choices.find(({ format }) => format === 'file')
  if (file) return takeFile(place, file, files)
  for (const one of [schema, ...choices]) {
    if ('const' in one) return one.const
    if (one.default !== undefined && one.default !== null) return one.default
    for (const list of [one.examples, one.enum]) if (Array.isArray(list) && list.length > 0) return list[0]
  }
  if (schema.default === null) return undefined
  const [choice = {}] = choices.filter(({ type }) => type !== 'null')
  switch (choice.type) {
    case 'string':
      return textOf(choice)
    case 'integer':
    case 'number':
      return numberOf(choice)
    case 'boolean':
      return true
    case 'array': {
      const length = Math.max(1, Number(choice.minItems ?? 1))
      if (choice.maxItems === 0) return []
      const items = isObject(choice.items) ? choice.items : { type: 'string' }
      return Array.from({ length }, (_, index) =>
        sampleOf({ schema: items, root, pointer: `${pointer}/${index}`, hint, depth: depth + 1 }, files),
      )
    }
    case 'object':
      return objectOf(choice, place, files)
    case 'null':
      return null
    default:
      return isObject(choice.properties) ? objectOf(choice, place, files) : 'hello'
  }
}

/** True when the schema says nothing but words for people. */
const isOpen = (schema: Schema, root: Schema): boolean =>
  choicesOf(schema, root).every((choice) => Object.keys(choice).every((key) => /^(title|description|x-.*)$/.test(key)))

function takeFile({ pointer, hint }: Place, choice: Schema, files: LocalFile[]): null {
  // The field takes any file, but its author means one kind.
  const { contentMediaType, 'x-media-type-hint': meant = contentMediaType } = choice
  const wanted = typeof meant === 'string' ? meant : ''
  const made = sampleFile(wanted, hint)
  if (!made) throw new Unmakeable(`a file of the type ${wanted} cannot be made here`)
  files.push({ pointer, source: made.bytes, name: made.name, contentType: made.contentType })
  return null
}

function objectOf(choice: Schema, { root, pointer, depth }: Place, files: LocalFile[]): Record<string, unknown> {
  const made: Record<string, unknown> = {}
  for (const { name, schema, required } of fieldsOf(choice, root)) {
    if (!required) continue
    const place = { schema, root, pointer: `${pointer}/${escaped(name)}`, hint: hintOf(name, schema), depth: depth + 1 }
    made[name] = sampleOf(place, files)
  }
  return made
}

const FORMATS: Record<string, string> = {
  uri: 'https://example.com',
  url: 'https://example.com',
  email: 'you@example.com',
  date: '2030-01-31',
  time: '12:00:00Z',
  'date-time': '2030-01-31T12:00:00Z',
  duration: 'PT1S',
  uuid: '123e4567-e89b-42d3-a456-426614174000',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  hostname: 'example.com',
}

function textOf({ format, minLength, maxLength, pattern }: Schema): string {
  const known = typeof format === 'string' ? FORMATS[format] : undefined
  const text = known ?? 'hello'.padEnd(Number(minLength ?? 0), ' hello').slice(0, Number(maxLength ?? 10_000))
  if (typeof pattern === 'string' && !matches(pattern, text)) {
    throw new Unmakeable(`its text must match ${pattern}, and it has neither a default nor an example`)
  }
  return text
}

function matches(pattern: string, text: string): boolean {
  try {
    return (linearRegExp(pattern) ?? new RegExp(pattern, 'u')).test(text)
  } catch {
    return false
  }
}

/** 1 when it fits, else the nearest number that does. */
function numberOf(schema: Schema): number {
  const bound = (key: string, none: number): number => (typeof schema[key] === 'number' ? schema[key] : none)
  const [above, below] = [bound('exclusiveMinimum', -Infinity), bound('exclusiveMaximum', Infinity)]
  const low = Math.max(bound('minimum', -Infinity), above)
  const high = Math.min(bound('maximum', Infinity), below)
  const unit = bound('multipleOf', schema.type === 'integer' ? 1 : 0)
  const near = low > 1 ? low : high < 1 ? high : 1
  if (unit > 0) {
    const first = near === high ? Math.floor(near / unit) * unit : Math.ceil(near / unit) * unit
    return first <= above ? first + unit : first >= below ? first - unit : first
  }
  if (near > above && near < below) return near
  // The bound itself is excluded: take the middle to the other bound, or one step inside.
  if (low > -Infinity && high < Infinity) return (low + high) / 2
  return near === low ? near + 1 : near - 1
}

const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1')

const hintOf = (name: string, { description }: Schema): string =>
  `${name} ${typeof description === 'string' ? description : ''}`
