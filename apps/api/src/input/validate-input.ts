/**
 * Checks an input against its model's schema, fills defaults in and finds where its files are. Called once per submit.
 * What it costs is bounded by the checker; large inputs stop at their first fault.
 */
import { type Fault, type JobKind, type Manifest, pointerTo, ProblemError } from '@millrace/contracts'
import { CheckTooCostlyError, ChecksBusyError, type FileTypeOf, type SchemaFault } from '@millrace/schema'
import { inputSchemaOf } from './input-schema.ts'
import { parseDataUri } from './data-uri.ts'
import { invalidInput } from './invalid-input.ts'

/** In inputs of at most this many values all faults are found; in larger ones the first. */
const NODES_FOR_ALL = 1000
const MAX_TEXT = 200
const RETRY_AFTER = 2

export interface InputToCheck {
  manifest: Manifest
  /** Default `prediction`. */
  kind?: JobKind
  input: Record<string, unknown>
  /** Values in the input, as counted by `scanJson`. */
  nodes: number
  /** Whose costly checks wait for each other. Default: nobody's in particular. */
  tenant?: string
  /** Media type of the uploaded part that a text in the input stands for. Default: there are no parts. */
  partType?: (text: string) => string | undefined
  /** Whether a text names a file by id or address. Its type is checked when it is known. Default: no text does. */
  isReference?: (text: string) => boolean
}

export interface CheckedInput {
  /** With defaults. The one that was given or a copy. */
  input: Record<string, unknown>
  /** Text at each file place, by JSON pointer in the input. */
  places: Map<string, string>
  /** Media types that each of them takes. */
  accepts: Map<string, string>
  /** Where its secrets are: JSON pointers. A file may be one. */
  secrets: ReadonlySet<string>
}

/** Rejects with ProblemError `invalid_input`, `input_too_costly`, `too_many_checks`, `checks_full`, `kind_not_supported`. */
export async function validateInput(request: InputToCheck): Promise<CheckedInput> {
  const { manifest, nodes, tenant, partType = () => undefined, isReference = () => false } = request
  const schema = inputSchemaOf(manifest, request.kind ?? 'prediction')
  if (!schema) throw new ProblemError('kind_not_supported')
  const fileTypeOf: FileTypeOf = (text) =>
    partType(text) ?? parseDataUri(text)?.contentType ?? (isReference(text) || undefined)
  const { value, faults, total, places, accepts } = await schema.checker
    .check({ value: request.input, tenant, fileTypeOf, all: nodes <= NODES_FOR_ALL })
    .catch((error: unknown) => {
      throw problemOf(error, manifest)
    })
  const secrets = schema.secretsIn?.(value) ?? new Set<string>()
  if (total === 0) return { input: value as Record<string, unknown>, places, accepts, secrets }
  throw invalidInput(
    faults.map((fault) => toFault(fault, isWithin(secrets, fault.pointer))),
    total,
  )
}

const isWithin = (secrets: ReadonlySet<string>, pointer: string): boolean =>
  [...secrets].some((secret) => pointer === secret || pointer.startsWith(`${secret}/`))

function problemOf(error: unknown, { name }: Manifest): unknown {
  if (error instanceof CheckTooCostlyError)
    return new ProblemError('input_too_costly', { detail: `Of ${name}, ${error.message}.`, cause: error })
  if (!(error instanceof ChecksBusyError)) return error
  return new ProblemError(error.scope === 'tenant' ? 'too_many_checks' : 'checks_full', { retryAfter: RETRY_AFTER })
}

/** Never repeats a value of the input. Names of unknown keys are cut. The values that would fit are not named for a secret. */
function toFault({ pointer, keyword, key, ...fault }: SchemaFault, isSecret: boolean): Fault {
  const path = `/input${key === undefined ? pointer : pointerTo(pointer, key)}`
  const isChoice = keyword === 'enum' || keyword === 'const'
  const told = isSecret && isChoice ? 'is none of the values that are taken' : describe(keyword, fault)
  return { path: cut(path), code: keyword, message: cut(told) }
}

function describe(keyword: string, { message, allowed }: Pick<SchemaFault, 'message' | 'allowed'>): string {
  if (keyword === 'required') return 'is required'
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') return 'is not known to this model'
  if (keyword === 'enum') return `must be one of ${allowed}`
  if (keyword === 'const') return `must be ${allowed}`
  return message
}

const cut = (text: string): string => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text)
