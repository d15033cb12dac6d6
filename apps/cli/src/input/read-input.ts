/**
 * Reads `key=value` arguments as the input of a model. The model's schema decides how each text is read. Called by `millrace
 * submit`, `run` and `check`.
 */
import { isUtf8 } from 'node:buffer'
import { accessSync, constants, readFileSync, statSync } from 'node:fs'
import { fileAt, fileFrom } from '@millrace/client'
import { findLossyNumbers, lossyNumberMessage, type Manifest } from '@millrace/contracts'
import { nearestName } from '@millrace/process'
import { numberIn } from '@millrace/schema'
import { UsageError } from '../command/command-error.ts'
import { isStandardInput, readStandardInput } from './read-standard-input.ts'
import { isPickle, pickleRefused, refusePickle } from './refuse-pickle.ts'
import { choicesOf, fieldsOf, isObject, rangeText, type Schema, typeText } from '../schema/schema-types.ts'

/**
 * Returns the input. Throws UsageError that names the key and what was expected. `key:=json` is read as JSON whatever the
 * schema says. A key of a list may be given several times. `hint` hears of a key that the model takes no notice of, as far as
 * its schema tells, when it is nearly one that the model has.
 */
export function readInput(
  args: string[],
  { name, input_schema: root }: Pick<Manifest, 'name' | 'input_schema'>,
  hint: (text: string) => void = console.error,
) {
  const fields = fieldsOf(root, root)
  const input: Record<string, unknown> = {}
  for (const arg of args) {
    const [, key = '', sign, text = ''] = /^(.+?)(:?=)([\s\S]*)$/.exec(arg) ?? []
    if (key === '') throw new UsageError(`${arg}: write key=value, key=@file or key:=json`)
    const field = fields.find((one) => one.name === key)
    if (!field && root.additionalProperties === false)
      throw unknownKey(
        key,
        name,
        fields.map((one) => one.name),
      )
    const meant = field
      ? undefined
      : nearestName(
          key,
          fields.map((one) => one.name),
        )
    if (meant !== undefined) hint(`${name} has no input "${key}"; did you mean "${meant}"?`)
    const schema = field?.schema ?? {}
    const value = sign === ':=' ? parseJson(key, text) : readText(key, text, schema, root)
    const before = Object.hasOwn(input, key) ? input[key] : undefined
    if (before !== undefined && !(Array.isArray(before) && Array.isArray(value))) {
      throw new UsageError(`${key} is given twice`)
    }
    Object.defineProperty(input, key, {
      value:
        Array.isArray(before) && Array.isArray(value) ? [...(before as unknown[]), ...(value as unknown[])] : value,
      enumerable: true,
      configurable: true,
      writable: true,
    })
  }
  return input
}

function unknownKey(key: string, model: string, names: string[]): UsageError {
  const nearest = nearestName(key, names)
  const known = names.length > 0 ? `It takes ${names.join(', ')}.` : 'It takes nothing.'
  return new UsageError(`${model} takes no "${key}"${nearest ? `; did you mean "${nearest}"?` : ''}\n${known}`)
}

function parseJson(key: string, text: string): unknown {
  const value = jsonThat(key, text, () => true)
  if (!value) throw new UsageError(`${key}: expected JSON after :=, got ${clip(text)}`)
  return value.value
}

function readText(key: string, given: string, schema: Schema, root: Schema): unknown {
  const choices = choicesOf(schema, root)
  const text = takesFiles(schema, root) ? given : contentOf(key, given)
  // Text comes last because any text fits it. Where text is allowed, the word `null` is text; null itself is written
  // key:=null.
  const rank = (choice: Schema): number => (choice.type === 'null' ? 2 : isText(choice) ? 1 : 0)
  for (const choice of choices.toSorted((a, b) => rank(a) - rank(b))) {
    const found = readAs(key, text, choice, root)
    if (found) return found.value
  }
  const range = rangeText(schema, root)
  const files = choices.some((choice) => choice.format === 'file')
    ? `; a file is written ${key}=@path, or by the id or address of one`
    : ''
  throw new UsageError(`${key}: expected ${typeText(schema, root)}${range && ` (${range})`}, got ${clip(text)}${files}`)
}

function takesFiles(schema: Schema, root: Schema): boolean {
  return choicesOf(schema, root).some(
    ({ format, items }) => format === 'file' || (isObject(items) && takesFiles(items, root)),
  )
}

/**
 * Reads `@path` where the schema does not want a file: the value is the content of the file. Throws UsageError when there is
 * none.
 */
function contentOf(key: string, text: string): string {
  if (!text.startsWith('@')) return text
  const path = text.slice(1)
  const bytes = isStandardInput(path) ? piped(key) : fileFor(key, path)
  if (!isUtf8(bytes)) throw new UsageError(`${key}: ${path} is no text, and ${key} takes no file`)
  return bytes.toString('utf8')
}

function fileFor(key: string, path: string): Buffer {
  try {
    assertReadable(path, `${key}: `)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    throw new UsageError(`${error.message}; where the text itself is meant, write ${key}:='"@${path}"'`, {
      cause: error,
    })
  }
  refusePickle(`${key}: ${path}`, path)
  return readFileSync(path)
}

function piped(key: string): Buffer {
  const bytes = readStandardInput(key)
  if (isPickle(bytes)) throw pickleRefused(`${key}: standard input`)
  return bytes
}

const isText = ({ type, format, enum: list }: Schema): boolean => type === 'string' && format !== 'file' && !list

/** Undefined when the text does not fit this choice. */
function readAs(key: string, text: string, choice: Schema, root: Schema): { value: unknown } | undefined {
  if (Array.isArray(choice.enum)) return textIn(choice.enum, text)
  if ('const' in choice) return textIn([choice.const], text)
  if (choice.format === 'file') return readFile(key, text)
  switch (choice.type) {
    case 'integer':
      if (!/^[+-]?\d+$/.test(text)) return undefined
      refuseLossy(key, text)
      return { value: Number(text) }
    case 'number':
      return jsonThat(key, numberIn(text) ?? '', () => true)
    case 'boolean':
      return textIn([true, false], text)
    case 'null':
      return textIn([null], text)
    case 'array':
      return readList(key, text, choice, root)
    case 'object':
      return jsonThat(key, text, isObject)
    case 'string':
      return { value: text }
    default:
      return jsonThat(key, text, () => true) ?? { value: text }
  }
}

const textIn = (values: unknown[], text: string): { value: unknown } | undefined =>
  values.filter((value) => String(value) === text).map((value) => ({ value }))[0]

/** Reads a whole list as JSON, or else one item of it. */
function readList(key: string, text: string, { items }: Schema, root: Schema): { value: unknown } | undefined {
  if (text.trimStart().startsWith('[')) return jsonThat(key, text, Array.isArray)
  return { value: [readText(key, text, isObject(items) ? items : {}, root)] }
}

/**
 * Undefined when the text is not JSON or its value does not fit. `key` is named in the error for a number that is too
 * precise.
 */
export function jsonThat(key: string, text: string, fits: (value: unknown) => boolean): { value: unknown } | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!fits(value)) return undefined
  refuseLossy(key, text)
  return { value }
}

/** Throws UsageError when the JSON holds a number that JavaScript cannot keep exactly: another number would be sent. */
function refuseLossy(key: string, text: string): void {
  const [lossy] = findLossyNumbers(text, 1)
  if (lossy) throw new UsageError(`${key}: ${lossyNumberMessage(lossy.number)}`)
}

function readFile(key: string, text: string): { value: unknown } | undefined {
  // The server itself understands these: a data: URI, an address, the id of an uploaded file.
  if (/^(data:|https?:\/\/|file_[0-9a-z_]+$)/.test(text)) return { value: text }
  if (!text.startsWith('@')) return undefined
  const path = text.slice(1)
  if (isStandardInput(path)) return { value: fileFrom(piped(key), { name: 'stdin' }) }
  assertReadable(path, `${key}: `)
  refusePickle(`${key}: ${path}`, path)
  return { value: fileAt(path) }
}

/** Throws UsageError when the path is not a readable file. The message begins with `before`. */
export function assertReadable(path: string, before = ''): void {
  // When the connection breaks, the file is sent again. A pipe cannot be read twice.
  if (path === '-' || isFlow(path)) {
    throw new UsageError(`${before}pipes are not taken here: write it to a file, and give that`)
  }
  try {
    accessSync(path, constants.R_OK)
    if (statSync(path).isFile()) return
  } catch {
    // The error below tells it.
  }
  throw new UsageError(`${before}${path} is no file that can be read`)
}

function isFlow(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats !== undefined && !stats.isFile() && !stats.isDirectory()
}

const clip = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
