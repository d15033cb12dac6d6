/**
 * The messages between the event loop and a thread for costly checks. Used by both ends: check-thread.ts and
 * check-thread-main.ts.
 */
import type { Schema } from '../../subschemas.ts'
import type { CheckRules } from '../validator/build-validator.ts'
import type { CostlyReason } from '../validator/check-errors.ts'
import type { CheckOrder, Verdict } from '../validator/schema-runner.ts'

export interface ThreadOrder {
  /** Stands for a schema together with its rules. */
  key: string
  /** Left out when this thread already knows the schema of this key. */
  schema?: Schema
  rules: CheckRules
  /** Left out when the thread should only make the validator. */
  check?: CheckOrder
  /** The texts of the value that are files; see FileTypeOf. */
  files: Map<string, string | true>
}

/** After `first`, another answer to the same order may follow. Every other answer is the last. */
export type ThreadAnswer =
  | { kind: 'ready' }
  | { kind: 'first' | 'done'; verdict: Verdict }
  | { kind: 'made' }
  | { kind: 'costly'; reason: CostlyReason }
  | { kind: 'unusable'; message: string }
