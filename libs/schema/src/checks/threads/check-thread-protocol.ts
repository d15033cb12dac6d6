/** What the event loop and its threads for costly checks say to each other. */
import type { Schema } from '../../subschemas.ts'
import type { CheckRules } from '../validator/build-validator.ts'
import type { CostlyReason } from '../validator/check-errors.ts'
import type { CheckOrder, Verdict } from '../validator/schema-runner.ts'

export interface ThreadOrder {
  /** Names schema and rules. */
  key: string
  /** Absent when this thread has been told before. */
  schema?: Schema
  rules: CheckRules
  /** Absent when only the validator is to be made. */
  check?: CheckOrder
  /** What is a file of the texts in the value; see FileTypeOf. */
  files: Map<string, string | true>
}

/** `first` may be followed by another answer to the same order, all others end it. */
export type ThreadAnswer =
  | { kind: 'ready' }
  | { kind: 'first' | 'done'; verdict: Verdict }
  | { kind: 'made' }
  | { kind: 'costly'; reason: CostlyReason }
  | { kind: 'unusable'; message: string }
