/**
 * A schema as a validator: the one place that knows Ajv. What a run costs grows with the schema times the value and with
 * the length of its texts, whatever the schema, except for what estimate-cost.ts names. Called by schema-runner.ts.
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

/** What a check is for. */
export interface CheckRules {
  /** What stands at the place of a file: a text that means one, or null, with the files told beside the value. */
  files: 'texts' | 'nulls'
  /** Whether defaults are filled in, in place; never by a branch of a choice. */
  defaults: boolean
  /** Whether an object at the top that says nothing of other keys takes none. */
  closed: boolean
}

/** The faults of a value; none when it fits. */
export type Validator = (value: unknown, run: CheckRun) => ErrorObject[]

/**
 * Throws an Error that says what is wrong with the schema.
 *
 * @param all Find every fault, as far as they are told, and not only the first.
 */
export function buildValidator(schema: Schema, rules: CheckRules, all: boolean): Validator {
  const index = new SchemaIndex(schema)
  const parts = prepareParts(index, rules)
  const scalars = hasRepeats(index)
  const looksAtAll = parts.some(usesUnevaluated) || (rules.files === 'texts' && parts.some(takesFile))
  const made = new Map<string, { part: ValidateFunction; compile: () => ValidateFunction }>()
  const partOf = (number: number, inChoice: boolean): ValidateFunction => {
    const ajv = inChoice ? choosing : filling
    // Only where defaults are filled in is there a difference.
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
  // Grows on the way, by what each part uses.
  for (const { compile } of made.values()) compile()
  return (value, run) => (whole.call(run, value) ? [] : faultsOf(whole))
}

interface AjvOptions {
  rules: CheckRules
  all: boolean
  /** Whether the branches of a choice are looked at even when one has fitted: for the keys they name, or their files. */
  looksAtAll: boolean
  defaults: boolean
}

function newAjv({ rules, all, looksAtAll, defaults }: AjvOptions): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors: all,
    strict: false,
    useDefaults: defaults,
    coerceTypes: false,
    // Not held against the meta-schema: compiling that takes five times as long as the rest.
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

/** What has no linear form is left to the language: such a schema is only checked where it can be stopped. */
const toRegExp = (pattern: string): { test(text: string): boolean } => {
  const linear = linearRegExp(pattern)
  return linear ? Object.assign(linear, { toString: () => pattern }) : new RegExp(pattern, 'u')
}

const takesFile = (value: unknown): boolean => (JSON.stringify(value) ?? '').includes(`"${FILE_KEYWORD}":`)

const usesUnevaluated = (value: unknown): boolean =>
  /"unevaluated(Properties|Items)":/.test(JSON.stringify(value) ?? '')
