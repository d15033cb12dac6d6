/**
 * What settle-attempt.ts does when Redis is too crowded for the output that an attempt ends with: the output goes to the
 * object store, so that jobs end however full Redis is.
 */
import type { KeptOutput } from '@millrace/queue'
import { StorageError } from '@millrace/storage'
import type { Attempt } from '../attempt.ts'
import { type AttemptOutcome, outcomeOfStop } from '../attempt-outcome.ts'
import { withPartialPatience } from './keep-partial.ts'
import { moveOutput, outputUnavailable } from './store-outputs.ts'

/** The same outcome with its output elsewhere; without it, or as a failure of the platform, when the store stays away. */
export async function lightenOutcome(attempt: Attempt, outcome: AttemptOutcome): Promise<AttemptOutcome> {
  if (outcome.kind === 'succeeded') return lightenSuccess(attempt, outcome)
  if (!('partial' in outcome) || outcome.partial === undefined) return outcome
  const { partial: given, ...rest } = outcome
  const partial: KeptOutput | undefined = await withPartialPatience(attempt, (patience) =>
    moveOutput(attempt, given, patience),
  )
  return partial ? { ...rest, partial } : rest
}

async function lightenSuccess(
  attempt: Attempt,
  outcome: Extract<AttemptOutcome, { kind: 'succeeded' }>,
): Promise<AttemptOutcome> {
  const { deps, stop } = attempt
  try {
    const output = await moveOutput(attempt, outcome.output, { signal: stop.storing, forMs: deps.pace.storeForMs })
    return { ...outcome, output }
  } catch (error) {
    if (stop.storing.aborted && stop.reason !== undefined) return outcomeOfStop(stop.reason)
    if (!(error instanceof StorageError)) throw error
    return outputUnavailable(error, outcome.runSeconds)
  }
}
