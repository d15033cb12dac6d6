/** Parts a model's answer into plain JSON and the files in it; refuses what JSON would silently change or lose. */
import { LIMITS } from '@millrace/contracts'
import { pointerTo } from './json-pointer.ts'
import { InvalidOutputError } from './model-errors.ts'
import { isModelFile, type ModelFile } from './model-file.ts'

/** Deeper values overflow the stack of some reader down the line. */
const MAX_DEPTH = 200

export interface SplitOutput {
  /** JSON value with null in place of each file. */
  value: unknown
  files: { pointer: string; file: ModelFile }[]
}

/**
 * Throws InvalidOutputError for NaN and infinities, bigints, functions, symbols, cycles, undefined in arrays, values
 * nested deeper than 200, and more than LIMITS.outputFiles files. Undefined properties are left out; dates and whatever
 * has a `toJSON` become what that gives.
 */
export function splitOutput(answer: unknown): SplitOutput {
  const files: SplitOutput['files'] = []
  const above = new Set<object>()

  const walk = (value: unknown, pointer: string): unknown => {
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
    if (typeof value === 'number') return Number.isFinite(value) ? value : refuse(pointer, `${value} is not JSON`)
    if (typeof value !== 'object') return refuse(pointer, `${typeof value} is not JSON`)
    if (isModelFile(value)) return take(value, pointer)
    if (above.has(value)) return refuse(pointer, 'the value contains itself')
    if (above.size >= MAX_DEPTH) return refuse(pointer, `the value is nested deeper than ${MAX_DEPTH}`)
    above.add(value)
    const plain = walkInside(value, pointer)
    above.delete(value)
    return plain
  }

  const walkInside = (value: object, pointer: string): unknown => {
    if ('toJSON' in value && typeof value.toJSON === 'function') return walk(value.toJSON(), pointer)
    if (Array.isArray(value)) return value.map((item, index) => walk(item, pointerTo(pointer, index)))
    if (value instanceof Map || value instanceof Set || ArrayBuffer.isView(value)) {
      return refuse(pointer, `${value.constructor.name} is not JSON; turn it into an array or an object`)
    }
    const entries = Object.entries(value).filter(([, item]) => item !== undefined)
    return Object.fromEntries(entries.map(([key, item]) => [key, walk(item, pointerTo(pointer, key))]))
  }

  const take = (file: ModelFile, pointer: string): null => {
    if (files.length >= LIMITS.outputFiles) refuse(pointer, `more than ${LIMITS.outputFiles} files`)
    files.push({ pointer, file })
    return null
  }

  return { value: walk(answer, ''), files }
}

function refuse(pointer: string, why: string): never {
  throw new InvalidOutputError(`${pointer || 'the output'}: ${why}`)
}
