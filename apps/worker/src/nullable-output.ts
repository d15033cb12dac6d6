/** The check of an output that may be null whatever its schema says. Called by model-worker.ts and local-model.ts. */
import type { Manifest, RunnerFile } from '@millrace/contracts'

/** `check` as it is, or, if `nullable_output` of the manifest says so, one that lets null pass. A file is no null. */
export function nullableOutput<Found>(
  { nullable_output: isNullable = false }: Pick<Manifest, 'nullable_output'>,
  check: (output: unknown, files: readonly RunnerFile[]) => Found,
): (output: unknown, files: readonly RunnerFile[]) => Found | undefined {
  if (!isNullable) return check
  return (output, files) => (output === null && files.length === 0 ? undefined : check(output, files))
}
