/** A model's input schema as a checker, made once per manifest and kept. Called for each submit. */
import type { JobKind, Manifest } from '@millrace/contracts'
import {
  CHECK_THREADS,
  type Checker,
  CheckThreads,
  createChecker,
  findSecrets,
  type SecretPlaces,
} from '@millrace/schema'
import { sha256 } from './canonical-text.ts'
import { BoundedMap } from '../http/limits/bounded-map.ts'

export interface InputSchema {
  checker: Checker
  /** Where the secrets of an input are; undefined when it can have none. */
  secretsIn: SecretPlaces | undefined
}

const MAX_KEPT = 200
const bySchema = new WeakMap<Manifest['input_schema'], InputSchema>()
const byText = new BoundedMap<string, InputSchema>(MAX_KEPT)
/** Undefined: those that all checkers share. */
let threads: CheckThreads | undefined

/**
 * What may wait for a check is this part of 1 of what an API may hold. The threads are not divided: they keep the event
 * loop of each process free, and of one tenant only one is taken. Called before the first submit.
 */
export function shareChecks(share: number): void {
  const { waiting, waitingPerTenant } = CHECK_THREADS
  if (share < 1) threads = new CheckThreads({ waiting: waiting * share, waitingPerTenant: waitingPerTenant * share })
}

/** The checker of a manifest's input for a job of this kind; undefined when the model has no such jobs. */
export function inputSchemaOf(manifest: Manifest, kind: JobKind): InputSchema | undefined {
  const source = kind === 'training' ? manifest.training?.input_schema : manifest.input_schema
  return source && compiledOf(manifest, source)
}

function compiledOf({ name, version }: Manifest, source: Manifest['input_schema']): InputSchema {
  const known = bySchema.get(source)
  if (known) return known
  const key = sha256(`${name}\n${version}\n${JSON.stringify(source)}`)
  const compiled = byText.get(key) ?? compile(source)
  byText.delete(key)
  byText.set(key, compiled)
  bySchema.set(source, compiled)
  return compiled
}

const compile = (source: Record<string, unknown>): InputSchema => ({
  // A misspelt key at the top is a fault, not a silent default.
  checker: createChecker(source, { files: 'texts', defaults: true, closed: true }, threads),
  secretsIn: findSecrets(source),
})
