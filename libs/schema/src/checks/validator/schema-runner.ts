/**
 * Runs one check from its order to its verdict, in the event loop or in a thread. Orders and verdicts are plain values.
 * Called by create-checker.ts and check-thread-main.ts.
 */
import type { ErrorObject } from 'ajv'
import type { Schema } from '../../subschemas.ts'
import { buildValidator, type CheckRules, type Validator } from './build-validator.ts'
import { CheckTooCostlyError, UnusableSchemaError } from './check-errors.ts'
import { type FileTypeOf, newCheckRun } from './check-run.ts'
import { type FileBeside, withStandIns } from './stand-ins.ts'

/** Where and how a value differs from its schema. It never repeats the value, except for the name of a key. */
export interface SchemaFault {
  /** JSON pointer in the value. */
  pointer: string
  /** The keyword that failed, or `file`. */
  keyword: string
  /** The message of the validator. */
  message: string
  /** The key that is missing, or that is not known. */
  key?: string
  /** For `enum` and `const`: the allowed values as JSON, cut to a length. */
  allowed?: string
}

export interface Verdict {
  /** The value that was checked. It has the defaults when the rules fill them in. */
  value: unknown
  /** The first 20 faults. Empty when the value fits. */
  faults: SchemaFault[]
  /** How many faults were found in all. */
  total: number
  /** The text at each place of a file, by JSON pointer. */
  places: Map<string, string>
  /** The media types that each of these places takes. */
  accepts: Map<string, string>
}

export interface CheckOrder {
  value: unknown
  filesBeside: readonly FileBeside[]
  /** True: look for all faults, not only the first. */
  all: boolean
}

export interface SchemaRunner {
  /** Throws CheckTooCostlyError. `onFirst` gets the first verdict before the search for more faults. */
  run(order: CheckOrder, fileTypeOf: FileTypeOf, onFirst?: (verdict: Verdict) => void): Verdict
}

const MAX_TOLD = 20

/** Makes the validator at once. Throws UnusableSchemaError, CheckTooCostlyError. */
export function schemaRunner(schema: Schema, rules: CheckRules): SchemaRunner {
  const build = (all: boolean): Validator => bounded(() => buildValidator(schema, rules, all))
  const first = build(false)
  let every: Validator | undefined
  return {
    run(order, fileTypeOf, onFirst) {
      const verdict = runOnce(first, order, fileTypeOf)
      if (verdict.total === 0 || !order.all) return verdict
      onFirst?.(verdict)
      const more = orUndefined(() => runOnce((every ??= build(true)), order, fileTypeOf))
      return more === undefined || more.total === 0 ? verdict : more
    },
  }
}

/** Returns undefined when the work is too costly: the first fault is known, and it is enough. */
function orUndefined<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (error instanceof CheckTooCostlyError) return undefined
    throw error
  }
}

function runOnce(validator: Validator, { value, filesBeside }: CheckOrder, fileTypeOf: FileTypeOf): Verdict {
  const run = newCheckRun(fileTypeOf)
  const { places, accepts } = run
  const verdict = (faults: SchemaFault[], total: number): Verdict => ({ value, faults, total, places, accepts })
  return bounded(() =>
    withStandIns(
      value,
      filesBeside,
      (whole) => {
        const errors = validator(whole, run)
        return verdict(errors.slice(0, MAX_TOLD).map(toFault), errors.length)
      },
      ({ pointer }) => verdict([{ pointer, keyword: 'file', message: 'there is no free place for a file here' }], 1),
    ),
  )
}

/** Nesting that is too deep ends in a RangeError. */
function bounded<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof RangeError) throw new CheckTooCostlyError('depth')
    if (error instanceof UnusableSchemaError) throw error
    // Ajv throws on a few odd schemas only when it runs.
    throw new UnusableSchemaError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}

const MAX_ALLOWED = 300
const MAX_VALUES = 50

function toFault({ instancePath, keyword, params, message = 'does not fit' }: ErrorObject): SchemaFault {
  const key: unknown = params.missingProperty ?? params.additionalProperty ?? params.unevaluatedProperty
  const allowed: unknown = keyword === 'enum' ? params.allowedValues : params.allowedValue
  const some: unknown = Array.isArray(allowed) ? allowed.slice(0, MAX_VALUES) : allowed
  return {
    pointer: instancePath,
    keyword,
    message,
    ...(typeof key === 'string' && { key }),
    ...(some !== undefined && { allowed: (JSON.stringify(some) ?? '').slice(0, MAX_ALLOWED) }),
  }
}
