/**
 * Checks an input against its model's schema, fills defaults in place and finds where its files are. Called once per
 * submit. What it costs is bounded: large inputs stop at their first fault, slow schemas are stopped by a watchdog.
 */
import { type Fault, type JobKind, LIMITS, type Manifest, ProblemError } from '@millrace/contracts'
import type { ErrorObject } from 'ajv'
import { inputSchemaOf } from './compile-input-schema.ts'
import type { FileContext } from './file-keyword.ts'
import { pointerTo } from './json-pointer.ts'
import { runBounded } from './run-bounded.ts'

/** Inputs of at most so many values are told all their faults; larger ones the first. */
const NODES_FOR_ALL = 1000
const CHECK_MS = 250
const MAX_TEXT = 200

export interface InputToCheck {
  manifest: Manifest
  /** Default `prediction`. */
  kind?: JobKind
  /** Changed in place: defaults are filled. */
  input: Record<string, unknown>
  /** Values in the input, as counted by `scanJson`. */
  nodes: number
  /** Media type of the uploaded part that a stand-in text in the input means. Default: there are none. */
  partType?: FileContext['partType']
  /** See FileContext. */
  isReference?: FileContext['isReference']
  accepts?: FileContext['accepts']
}

/** The text at each place of a file, by JSON pointer in the input. Throws ProblemError. */
export function validateInput(request: InputToCheck): Map<string, string> {
  const { input, nodes, partType = () => undefined, isReference, accepts } = request
  const schema = inputSchemaOf(request.manifest, request.kind ?? 'prediction')
  if (!schema) throw new ProblemError('kind_not_supported')
  const places = new Map<string, string>()
  const faultsOf = (check: typeof schema.check): ErrorObject[] => {
    const context: FileContext = { partType, isReference, accepts, places }
    return check.call(context, input) ? [] : [...(check.errors ?? [])]
  }
  const bounded = (check: typeof schema.check): ErrorObject[] | undefined =>
    schema.needsWatchdog ? runBounded(() => faultsOf(check), CHECK_MS)?.value : faultsOf(check)

  const first = bounded(schema.check)
  if (first === undefined) throw invalidInput([SLOW])
  if (first.length === 0) return places
  const all = nodes <= NODES_FOR_ALL ? bounded(schema.checkAll()) : undefined
  const secrets = [...(schema.secretsIn?.(input) ?? [])]
  const isSecret = (at: string): boolean => secrets.some((secret) => at === secret || at.startsWith(`${secret}/`))
  throw invalidInput((all?.length ? all : first).map((error) => toFault(error, isSecret(error.instancePath))))
}

const SLOW: Fault = { path: '/input', code: 'pattern', message: 'checking it against the schema took too long' }

/** The refusal for these faults: at most 20 are told, the rest counted. Also for faults found outside the schema. */
export function invalidInput(faults: Fault[]): ProblemError {
  return new ProblemError('invalid_input', {
    errors: faults.slice(0, LIMITS.faultsShown),
    errorsTotal: faults.length > LIMITS.faultsShown ? faults.length : undefined,
  })
}

/** Never repeats a value of the input; names of unknown keys are cut. Of a secret the values that fit are not told. */
function toFault({ instancePath, keyword, params, message = 'does not fit' }: ErrorObject, isSecret: boolean): Fault {
  const key: unknown = params.missingProperty ?? params.additionalProperty ?? params.unevaluatedProperty
  const path = `/input${typeof key === 'string' ? pointerTo(instancePath, key) : instancePath}`
  const isChoice = keyword === 'enum' || keyword === 'const'
  const told = isSecret && isChoice ? 'is none of the values that are taken' : describe(keyword, params, message)
  return { path: cut(path), code: keyword, message: cut(told) }
}

function describe(keyword: string, params: ErrorObject['params'], message: string): string {
  if (keyword === 'required') return 'is required'
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') return 'is not known to this model'
  if (keyword === 'enum') return `must be one of ${JSON.stringify(params.allowedValues)}`
  if (keyword === 'const') return `must be ${JSON.stringify(params.allowedValue)}`
  return message
}

const cut = (text: string): string => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text)
