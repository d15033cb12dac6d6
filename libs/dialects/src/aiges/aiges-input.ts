/**
 * The body of a call over HTTP to a host of AIGES wrappers, as an input: parameters stand below the name of the service, data is base64
 * below the name of its kind. Called by the routes of aiges.
 */
import type { Manifest } from '@millrace/contracts'
import { AIGES, AigesRefusal } from './aiges-codes.ts'

type Json = Record<string, unknown>

/** The names below which the data of a key may stand. */
const KINDS = ['text', 'image', 'audio', 'video', 'other'] as const

/** What the client said of each output that it expects: it is said again in the answer. */
export type Expected = Map<string, Json>

/** Throws AigesRefusal. */
export function aigesInput(
  body: unknown,
  { input_schema }: Pick<Manifest, 'input_schema'>,
): { input: Json; expected: Expected } {
  if (!isObject(body)) throw new AigesRefusal(AIGES.malformed, 'the body is no JSON object')
  const declared = isObject(input_schema.properties) ? input_schema.properties : {}
  const places = new Places(declared)
  const expected: Expected = new Map()
  for (const [name, value] of Object.entries(objectAt(body, 'parameter'))) {
    if (!isObject(value)) places.put('parameter', name, value)
    else
      for (const [key, one] of Object.entries(value)) {
        if (isObject(one)) expected.set(key, one)
        else places.put('parameter', key, one)
      }
  }
  for (const [key, value] of Object.entries(objectAt(body, 'payload'))) {
    places.put('payload', key, dataOf(key, value, isFile(declared[key])))
  }
  return { input: places.input, expected }
}

/** A name that the wrapper does not declare stands inside `parameter` or `payload`, where the input has these. */
class Places {
  readonly input: Json = {}
  readonly #declared: Json

  constructor(declared: Json) {
    this.#declared = declared
  }

  put(namespace: 'parameter' | 'payload', key: string, value: unknown): void {
    const isOwn = Object.hasOwn(this.#declared, key) && key !== 'parameter' && key !== 'payload'
    if (isOwn || !Object.hasOwn(this.#declared, namespace)) return define(this.input, key, value)
    const inner = isObject(this.input[namespace]) ? this.input[namespace] : {}
    define(inner, key, value)
    this.input[namespace] = inner
  }
}

function dataOf(key: string, value: unknown, wantsFile: boolean): unknown {
  if (!isObject(value)) throw new AigesRefusal(AIGES.payload, `payload.${key} is no object`)
  const kind = KINDS.find((one) => Object.hasOwn(value, one))
  if (kind === undefined) throw new AigesRefusal(AIGES.payload, `payload.${key} has none of ${KINDS.join(', ')}`)
  const data = value[kind]
  if (typeof data === 'object' && data !== null) return data
  if (typeof data !== 'string')
    throw new AigesRefusal(AIGES.payload, `payload.${key}.${kind} is neither base64 nor JSON`)
  if (!isBase64(data)) throw new AigesRefusal(AIGES.payload, `payload.${key}.${kind} is not base64`)
  const isText = kind === 'text' || kind === 'other'
  const text = isText && !wantsFile ? textOf(data, value.encoding) : undefined
  // The wrapper gets the bytes. Their type is found out by looking at them.
  return text ?? `data:application/octet-stream;base64,${data}`
}

const isBase64 = (text: string): boolean => text.length % 4 !== 1 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)

/** Undefined: the bytes are no text. */
function textOf(base64: string, encoding: unknown): string | undefined {
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))
  for (const label of [encoding, 'utf-8']) {
    try {
      if (typeof label === 'string') return new TextDecoder(label, { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch {
      // Not in this one, or no such encoding.
    }
  }
  return undefined
}

const isFile = (schema: unknown): boolean => isObject(schema) && schema.format === 'file'

const objectAt = (body: Json, key: string): Json => {
  const value = body[key]
  if (value === undefined || value === null) return {}
  if (!isObject(value)) throw new AigesRefusal(AIGES.malformed, `${key} is no object`)
  return value
}

const define = (target: Json, key: string, value: unknown): void =>
  void Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
