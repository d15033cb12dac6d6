/**
 * JSON whose numbers stay as they were written: 9007199254740993 and 1.0 are shown, filled in and sent with their own
 * digits. The form, the results and the code beside them hold values in this shape.
 */

/** A number by its text. */
export class JsonNumber {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** Objects are maps: a key may be `__proto__`, and keys keep their order. */
export type Json = null | boolean | string | JsonNumber | Json[] | JsonObject
export type JsonObject = Map<string, Json>

/** Deeper values are shown as text. No model that people use comes near. */
const DEEPEST = 200

const TOKEN = /\s*("[^"\\]*(?:\\.[^"\\]*)*"|[-\d][-+.\deE]*|[[\]{}:,]|true|false|null)/y

/** Undefined when the text is no JSON, or nested too deep to be looked at. */
export function parseJson(text: string): Json | undefined {
  try {
    JSON.parse(text)
  } catch {
    return undefined
  }
  return new JsonReader(text).read()
}

/** Reads a text that JSON.parse has taken, so that no token of it is a surprise. */
class JsonReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  read(depth = 0): Json | undefined {
    const token = this.#next()
    if (depth > DEEPEST) return undefined
    if (token === '{') return this.#object(depth + 1)
    if (token === '[') return this.#list(depth + 1)
    if (token.startsWith('"')) return JSON.parse(token) as string
    if (token === 'null') return null
    return token === 'true' || token === 'false' ? token === 'true' : new JsonNumber(token)
  }

  #object(depth: number): JsonObject | undefined {
    const found: JsonObject = new Map()
    if (this.#ends('}')) return found
    do {
      const key = JSON.parse(this.#next()) as string
      this.#next()
      const value = this.read(depth)
      if (value === undefined) return undefined
      found.set(key, value)
    } while (this.#next() === ',')
    return found
  }

  #list(depth: number): Json[] | undefined {
    const found: Json[] = []
    if (this.#ends(']')) return found
    do {
      const value = this.read(depth)
      if (value === undefined) return undefined
      found.push(value)
    } while (this.#next() === ',')
    return found
  }

  /** True, and past it, when the next token is this one. */
  #ends(token: string): boolean {
    const from = this.#at
    if (this.#next() === token) return true
    this.#at = from
    return false
  }

  #next(): string {
    TOKEN.lastIndex = this.#at
    const token = TOKEN.exec(this.#text)?.[1] ?? ''
    this.#at = TOKEN.lastIndex
    return token
  }
}

/** The JSON text of a value. `indent`: how many spaces a level is set in by; 0 for one line. */
export function writeJson(value: Json, indent = 0, before = ''): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (value instanceof JsonNumber) return value.text
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  const inner = indent === 0 ? '' : `\n${before}${' '.repeat(indent)}`
  const deeper = inner.slice(1)
  const parts = Array.isArray(value)
    ? value.map((item) => writeJson(item, indent, deeper))
    : [...value].map(
        ([key, item]) => `${JSON.stringify(key)}:${indent === 0 ? '' : ' '}${writeJson(item, indent, deeper)}`,
      )
  if (parts.length === 0) return `${open}${close}`
  return `${open}${inner}${parts.join(`,${inner}`)}${indent === 0 ? '' : `\n${before}`}${close}`
}

/** A value that JSON.parse made: a default or an example of a schema. Undefined for what JSON does not know. */
export function toJson(value: unknown): Json | undefined {
  const text = JSON.stringify(value) as string | undefined
  return text === undefined ? undefined : parseJson(text)
}

export const isObject = (value: Json | undefined): value is JsonObject => value instanceof Map

/** The value that keys lead to; undefined where there is none. */
export function jsonAt(value: Json | undefined, keys: readonly string[]): Json | undefined {
  return keys.reduce<Json | undefined>((holder, key) => {
    if (Array.isArray(holder)) return holder[Number(key)]
    return isObject(holder) ? holder.get(key) : undefined
  }, value)
}
