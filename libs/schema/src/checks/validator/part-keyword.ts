/**
 * The keyword by which one part of a schema uses another: a call that remembers its results. Each part is checked once per
 * run on each value. So a recursive union costs the size of the value times that of the schema; without memory each level
 * would cost twice the one above. The list of faults is cut on the way for the same reason. Registered by
 * build-validator.ts.
 */
import { _, type CodeKeywordDefinition, type ErrorObject, type KeywordCxt, Name, type ValidateFunction } from 'ajv'
import { callRef } from 'ajv/dist/vocabularies/core/ref.js'
import type { CheckRun, Remembered } from './check-run.ts'
import { PART_KEYWORD } from './prepare-parts.ts'

/** The most faults that one part reports of one value. */
const MAX_FAULTS = 40

/** The validator of a part. `inChoice`: it decides between branches, so it must not change the value. */
export type PartOf = (number: number, inChoice: boolean) => ValidateFunction

export const partKeyword = (partOf: PartOf): CodeKeywordDefinition => ({
  keyword: PART_KEYWORD,
  schemaType: 'number',
  code(cxt: KeywordCxt) {
    const part = partOf(cxt.schema as number, cxt.it.compositeRule === true)
    callRef(cxt, cxt.gen.scopeValue('validate', { ref: part }))
    const { gen, it } = cxt
    // A part that does not fit evaluates no keys and no items. When all faults are wanted, the caller goes on and adds its
    // own.
    for (const [known, none] of [[it.props, _`{}`] as const, [it.items, _`0`] as const]) {
      if (known instanceof Name) gen.if(_`${known} === undefined`, () => gen.assign(known, none))
    }
  },
})

interface Place {
  instancePath: string
}

/**
 * A validator that asks `made` once about each value in a run. `made` is called when it is first needed.
 *
 * @param scalars True: remember results for scalars too. Needed where two ways lead to one part on the same value.
 */
export function remembering(made: () => ValidateFunction, scalars: boolean): ValidateFunction {
  const ask = function (this: CheckRun, value: unknown, at: Place): boolean {
    if (!scalars && (typeof value !== 'object' || value === null)) {
      const check = made()
      const valid = check.call(this, value, at as never) as boolean
      return Object.assign(ask, { errors: check.errors, evaluated: {} }) && valid
    }
    const known = recall(this, ask, value, at)
    if (known.result !== undefined) return tell(known.result)
    const check = made()
    const valid = check.call(this, value, at as never) as boolean
    const { evaluated } = check as { evaluated?: Remembered['evaluated'] }
    const result = { valid, errors: (check.errors ?? []).slice(0, MAX_FAULTS), evaluated: copyOf(evaluated) }
    known.keep(result)
    return tell(result)
  }
  const tell = ({ valid, errors, evaluated }: Remembered): boolean => {
    // Copies, because the caller adds to them.
    Object.assign(ask, { errors: valid ? null : [...errors], evaluated: copyOf(evaluated) })
    return valid
  }
  return ask as unknown as ValidateFunction
}

/** An object is its own key. A scalar is found by its place too: the same text elsewhere may be another file. */
function recall(run: CheckRun, ask: object, value: unknown, { instancePath }: Place) {
  let table = run.remembered.get(ask)
  if (!table) {
    table = new Map()
    run.remembered.set(ask, table)
  }
  if (typeof value === 'object' && value !== null) return entry(table as Map<unknown, Remembered>, value)
  let here = table.get(instancePath) as Map<unknown, Remembered> | undefined
  if (!here) {
    here = new Map()
    table.set(instancePath, here)
  }
  return entry(here, value)
}

const entry = (table: Map<unknown, Remembered>, key: unknown) => ({
  result: table.get(key),
  keep: (result: Remembered): void => {
    table.set(key, result)
  },
})

/**
 * A copy of what was evaluated, in a form that the caller can go on with. Keys: an object, or `true` for all. Items: a
 * number. Ajv has `true` for all items, and would then count it as one.
 */
function copyOf(evaluated: Remembered['evaluated']): Remembered['evaluated'] {
  if (evaluated === undefined) return undefined
  const { props, items = 0 } = evaluated
  return { props: props === true ? true : { ...(props as object) }, items: items === true ? Number.MAX_VALUE : items }
}

/** The faults of a validator that has just said no. */
export const faultsOf = (check: ValidateFunction): ErrorObject[] => [...(check.errors ?? [])]
