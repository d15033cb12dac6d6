/** The check of an output that may be null whatever its schema says. Called by model-worker.ts and local-model.ts. */
import type { Manifest } from '@millrace/contracts'
import type { AnswerCheck } from './compile-output-check.ts'

/**
 * Returns `check` itself, or, when the manifest says `nullable_output`, a check that also lets null pass. A file does not
 * count as null.
 */
export function nullableOutput(
  { nullable_output: isNullable = false }: Pick<Manifest, 'nullable_output'>,
  check: AnswerCheck,
): AnswerCheck {
  if (!isNullable) return check
  return async (output, files) => (output === null && files.length === 0 ? undefined : check(output, files))
}
