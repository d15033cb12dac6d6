/**
 * Makes a validator from a schema. This is the one place that knows Ajv. For any schema, the cost of a run grows with the
 * size of the schema times the size of the value, and with the length of its texts; estimate-cost.ts names the exceptions.
 * Called by schema-runner.ts.
 */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { numberTextKeyword } from '../../text/number-text-keyword.ts'
import { linearRegExp } from '../../patterns/linear-regexp.ts'
import { SchemaIndex } from '../../schema-index.ts'
import type { Schema } from '../../subschemas.ts'
import type { CheckRun } from './check-run.ts'
import { FILE_KEYWORD, fileKeyword } from './file-keyword.ts'
import { hasRepeats } from '../../in-place.ts'
import { enumKeyword, uniqueItemsKeyword } from './linear-keywords.ts'
import { faultsOf, partKeyword, remembering } from './part-keyword.ts'
import { prepareParts } from './prepare-parts.ts'

/** The rules that depend on who checks: the API checks inputs, a worker checks answers. */
export interface CheckRules {
  /**
   * How a file looks in the value. `texts`: a text that means a file. `nulls`: null, and the files are given beside the
   * value.
   */
  files: 'texts' | 'nulls'
  /** True: fill in defaults, in place. A branch of a choice never fills them in. */
  defaults: boolean
  /** True: an object at the top takes no keys but those that its schema names, unless the schema speaks of other keys. */
  closed: boolean
}

/** Returns the faults of a value: an empty list when it fits. */
export type Validator = (value: unknown, run: CheckRun) => ErrorObject[]

/**
 * Throws an Error that says what is wrong with the schema.
 *
 * @param all True: find every fault, within limits. False: only the first.
 */
export function buildValidator(schema: Schema, rules: CheckRules, all: boolean): Validator {
  const index = new SchemaIndex(schema)
  const parts = prepareParts(index, rules)
  const scalars = hasRepeats(index)
  const looksAtAll = parts.some(usesUnevaluated) || (rules.files === 'texts' && parts.some(takesFile))
  const made = new Map<string, { part: ValidateFunction; compile: () => ValidateFunction }>()
  const partOf = (number: number, inChoice: boolean): ValidateFunction => {
    const ajv = inChoice ? choosing : filling
    // The two differ only when defaults are filled in.
    const key = `${number} ${ajv === filling}`
    const known = made.get(key)
    if (known) return known.part
    let compiled: ValidateFunction | undefined
    const compile = () => (compiled ??= ajv.compile(parts[number] as object))
    const part = remembering(compile, scalars)
    made.set(key, { part, compile })
    return part
  }
  const filling = newAjv({ rules, all, looksAtAll, defaults: rules.defaults })
  const choosing = rules.defaults ? newAjv({ rules, all, looksAtAll, defaults: false }) : filling
  for (const ajv of new Set([filling, choosing])) ajv.addKeyword(partKeyword(partOf))
  const whole = filling.compile(parts[0] as object)
  // The map grows during this loop, because compiling a part adds the parts that it uses.
  for (const { compile } of made.values()) compile()
  return (value, run) => (whole.call(run, value) ? [] : faultsOf(whole))
}

interface AjvOptions {
  rules: CheckRules
  all: boolean
  /** True: look at all branches of a choice, even when one has fitted. Other branches may name more keys, or files. */
  looksAtAll: boolean
  defaults: boolean
}

function newAjv({ rules, all, looksAtAll, defaults }: AjvOptions): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors: all,
    strict: false,
    useDefaults: defaults,
    coerceTypes: false,
    // The schema is not checked against the meta-schema: compiling that one takes five times as long as the rest.
    validateSchema: false,
    meta: false,
    passContext: true,
    logger: false,
    ownProperties: true,
    loopRequired: 20,
    code: { optimize: false, regExp: Object.assign(toRegExp, { code: 'linear' }) },
  })
  ajv.opts.unevaluated = looksAtAll
  ajv.opts.dynamicRef = false
  formats.default(ajv)
  ajv.removeKeyword('uniqueItems').addKeyword(uniqueItemsKeyword)
  ajv.removeKeyword('enum').addKeyword(enumKeyword)
  ajv.addKeyword(numberTextKeyword)
  return ajv.addKeyword(fileKeyword(rules.files))
}

/**
 * A pattern that has no linear form goes to the engine of the language. Such a schema is checked only where it can be
 * stopped.
 */
const toRegExp = (pattern: string): { test(text: string): boolean } => {
  const linear = linearRegExp(pattern)
  return linear ? Object.assign(linear, { toString: () => pattern }) : new RegExp(pattern, 'u')
}

const takesFile = (value: unknown): boolean => (JSON.stringify(value) ?? '').includes(`"${FILE_KEYWORD}":`)

const usesUnevaluated = (value: unknown): boolean =>
  /"unevaluated(Properties|Items)":/.test(JSON.stringify(value) ?? '')
