/**
 * Splits a model's answer into plain JSON and its files. Refuses what JSON would silently change or lose. Called by
 * execute-run.ts.
 */
import { LIMITS, pointerTo } from '@millrace/contracts'
import { InvalidOutputError } from '../model-errors.ts'
import { isModelFile, type ModelFile } from '../model-file.ts'

/** Deepest nesting. Some reader of deeper values would overflow its stack. */
const MAX_DEPTH = 200

export interface SplitOutput {
  /** The JSON value, with null in the place of each file. */
  value: unknown
  files: { pointer: string; file: ModelFile }[]
}

/**
 * Dates and objects with `toJSON` become what that returns, an object of a class becomes its own fields, -0 becomes 0,
 * and undefined properties are left out; docs/models.md has the table. Throws InvalidOutputError, with the place below
 * `what`, for everything that JSON would change or lose (see `lossOf`), and for more than LIMITS.outputFiles files.
 */
export function splitOutput(answer: unknown, what = 'the output'): SplitOutput {
  const files: SplitOutput['files'] = []
  const above = new Set<object>()
  const refuse = (pointer: string, why: string): never => {
    throw new InvalidOutputError(`${pointer || what}: ${why}`)
  }

  const walk = (value: unknown, pointer: string): unknown => {
    if (value === null || typeof value === 'boolean') return value
    if (typeof value === 'string') return value.isWellFormed() ? value : refuse(pointer, HALF)
    if (typeof value === 'number') return Number.isFinite(value) ? value : refuse(pointer, `${value} is not JSON`)
    if (typeof value !== 'object') return refuse(pointer, `${typeof value} is not JSON`)
    if (isModelFile(value)) return take(value, pointer)
    if (above.has(value)) return refuse(pointer, 'the value contains itself')
    if (above.size >= MAX_DEPTH) return refuse(pointer, `the value is nested deeper than ${MAX_DEPTH}`)
    const loss = lossOf(value)
    if (loss !== undefined) return refuse(pointer, loss)
    above.add(value)
    const plain = walkInside(value, pointer)
    above.delete(value)
    return plain
  }

  const walkInside = (value: object, pointer: string): unknown => {
    if ('toJSON' in value && typeof value.toJSON === 'function') return walk(value.toJSON(''), pointer)
    if (Array.isArray(value)) return walkList(value, pointer)
    const entries = Object.entries(value).filter(([, item]) => item !== undefined)
    return Object.fromEntries(
      entries.map(([key, item]) => {
        if (!key.isWellFormed()) refuse(pointer, HALF)
        return [key, walk(item, pointerTo(pointer, key))]
      }),
    )
  }

  /** Reads every index, because `map` would skip places that were never set. */
  const walkList = (list: unknown[], pointer: string): unknown[] => {
    const plain: unknown[] = []
    for (let index = 0; index < list.length; index += 1) plain.push(walk(list[index], pointerTo(pointer, index)))
    return plain
  }

  const take = (file: ModelFile, pointer: string): null => {
    if (files.length >= LIMITS.outputFiles) refuse(pointer, `more than ${LIMITS.outputFiles} files`)
    files.push({ pointer, file })
    return null
  }

  return { value: walk(answer, ''), files }
}

const HALF = 'the text holds half a surrogate pair, which is no character'

/** Says why JSON would change or lose an object. Undefined when JSON keeps all of it. */
function lossOf(value: object): string | undefined {
  if (value instanceof Error) return `${value.name} is an error, not JSON; throw it, or give its message`
  if (typeof (value as { then?: unknown }).then === 'function') return 'a promise was not awaited'
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) {
    return `${nameOf(value)} is not JSON; give the bytes as a file by ctx.file(), or turn them into an array or base64`
  }
  if (value instanceof Date && Number.isNaN(value.getTime())) return 'an invalid Date is not JSON'
  if ('toJSON' in value && typeof value.toJSON === 'function') return undefined
  if (Array.isArray(value)) return undefined
  if (Object.getOwnPropertySymbols(value).some((key) => Object.prototype.propertyIsEnumerable.call(value, key))) {
    return 'a key is a symbol, which JSON would lose'
  }
  const isPlain = Object.prototype.toString.call(value) === '[object Object]' && isObject(value)
  return isPlain ? undefined : `${nameOf(value)} is not JSON; turn it into an array or an object`
}

/** True for a plain object, and for an object of a class that has at least one field of its own. */
function isObject(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return true
  return Object.keys(value).length > 0
}

const nameOf = (value: object): string => value.constructor?.name || Object.prototype.toString.call(value).slice(8, -1)
