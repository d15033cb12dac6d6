/**
 * Checks values by one schema. A check that is sure to be short runs in the event loop; any other runs in a thread that can
 * be stopped. The API makes one checker per input schema; the worker and the command line make one per schema of a model.
 */
import { createHash } from 'node:crypto'
import { SchemaIndex } from '../schema-index.ts'
import type { Schema } from '../subschemas.ts'
import type { CheckRules } from './validator/build-validator.ts'
import { CheckTooCostlyError } from './validator/check-errors.ts'
import type { FileTypeOf } from './validator/check-run.ts'
import { CheckThreads } from './threads/check-threads.ts'
import { type CostNote, estimateCost, LARGE } from './cost/estimate-cost.ts'
import { costsAtMost, textsIn } from './cost/value-weight.ts'
import { type SchemaRunner, schemaRunner, type Verdict } from './validator/schema-runner.ts'
import type { FileBeside } from './validator/stand-ins.ts'

export interface CheckRequest {
  /** The check may change it in place or not, so go on with the value in the verdict. */
  value: unknown
  /** Costly checks of one tenant wait for each other. Default: all checks without a tenant share one line. */
  tenant?: string
  /** For the rule `texts`: tells which texts are files. Default: no text is a file. */
  fileTypeOf?: FileTypeOf
  /** For the rule `nulls`: the files that lie beside the value. */
  filesBeside?: readonly FileBeside[]
  /** True: find all faults. Default false: stop at the first. */
  all?: boolean
}

export interface Checker {
  /** True when some place in a value may take a file. */
  readonly takesFiles: boolean
  /** Reasons why checks by this schema are slow, for its author. */
  readonly notes: readonly CostNote[]
  /** Makes the validator. Rejects with UnusableSchemaError, CheckTooCostlyError, ChecksBusyError. */
  prepare(): Promise<void>
  /** Rejects as `prepare` does. */
  check(request: CheckRequest): Promise<Verdict>
}

/** The check runs in the event loop when its estimate, an upper bound, is at most this. Microseconds. */
const INLINE_US = 5000
/** A longer schema is never looked through in the event loop. Characters of JSON. */
const MAX_LOOKED_AT = 100_000

let shared: CheckThreads | undefined

/** @param threads Default: the threads that all checkers of the process share. */
export function createChecker(schema: Schema, rules: CheckRules, threads = (shared ??= new CheckThreads())): Checker {
  const text = JSON.stringify(schema)
  const cost = text.length > MAX_LOOKED_AT ? LARGE : estimateCost(schema)
  const key = createHash('sha256')
    .update(`${JSON.stringify(rules)}\n${text}`)
    .digest('base64')
  const takes = text.length > MAX_LOOKED_AT ? text.includes('"format":"file"') : takesFiles(schema)
  let runner: SchemaRunner | undefined
  const inLoop = (): SchemaRunner => (runner ??= schemaRunner(schema, rules))

  const onThread = async (request: CheckRequest | undefined): Promise<Verdict | undefined> => {
    const { value, tenant = '', fileTypeOf, filesBeside = [], all = false } = request ?? {}
    const check = request && { value, filesBeside, all }
    const files = fileTypeOf && takes ? typesOf(value, fileTypeOf) : new Map<string, string | true>()
    return threads.run({ key, schema, rules, check, files }, tenant)
  }
  const named = async <T>(work: () => T | Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw error instanceof CheckTooCostlyError ? new CheckTooCostlyError(error.reason, cost.notes) : error
    }
  }

  return {
    takesFiles: takes,
    notes: cost.notes,
    async prepare() {
      await named(async () => {
        if (cost.isCostly) await onThread(undefined)
        else inLoop()
      })
    },
    async check(request) {
      const { value, filesBeside = [], all = false, fileTypeOf = () => undefined } = request
      const isCheap = !cost.isCostly && costsAtMost(INLINE_US, value, cost)
      return named(async () => {
        if (isCheap) return inLoop().run({ value, filesBeside, all }, fileTypeOf)
        return (await onThread(request)) as Verdict
      })
    },
  }
}

function takesFiles(schema: Schema): boolean {
  for (const { format } of new SchemaIndex(schema).schemas) if (format === 'file') return true
  return false
}

function typesOf(value: unknown, fileTypeOf: FileTypeOf): Map<string, string | true> {
  const types = new Map<string, string | true>()
  for (const text of textsIn(value)) {
    const type = fileTypeOf(text)
    if (type !== undefined) types.set(text, type)
  }
  return types
}
