/** What a model gave before its job failed or was stopped. Called by run-attempt.ts, between the run and the settling. */
import { startDeadline } from '@millrace/async'
import { LIMITS } from '@millrace/contracts'
import type { KeptOutput } from '@millrace/queue'
import type { Attempt } from '../attempt.ts'
import type { AttemptOutcome, GivenOutput } from '../attempt-outcome.ts'
import { inlineOf, keepOutput } from './store-outputs.ts'

/**
 * The same outcome, with what the model had given so far kept beside it where the job ends with this attempt. What can't
 * be kept is dropped: it never changes how the attempt ended.
 */
export async function keepPartial(
  attempt: Attempt,
  { outcome, partial: given }: { outcome: AttemptOutcome; partial?: GivenOutput },
): Promise<AttemptOutcome> {
  if (given === undefined || !endsTheJob(attempt, outcome)) return outcome
  const partial =
    inlineOf(given) ?? (await withPartialPatience(attempt, (patience) => keepOutput(attempt, given, patience)))
  return partial ? { ...outcome, partial } : outcome
}

/** Tries to keep it for as long as a partial output is worth; undefined, and a word in the log, when that was in vain. */
export async function withPartialPatience(
  { deps, hold }: Attempt,
  keep: (patience: { signal: AbortSignal; forMs: number }) => Promise<KeptOutput>,
): Promise<KeptOutput | undefined> {
  // Not the signals of the attempt: a cancel has aborted them.
  const reason = () => new Error('the store took too long')
  const giveUp = startDeadline(deps.pace.partialForMs, { signal: deps.shutdown.halt, reason })
  try {
    return await keep({ signal: giveUp.signal, forMs: deps.pace.partialForMs })
  } catch (error) {
    deps.logFault('What a job gave before its end could not be kept', error, hold)
    return undefined
  } finally {
    giveUp.end()
  }
}

type Ending = Extract<AttemptOutcome, { partial?: KeptOutput }>

/** As far as this process knows: the script decides. */
function endsTheJob({ record }: Attempt, outcome: AttemptOutcome): outcome is Ending {
  if (outcome.kind === 'stopped') return true
  if (outcome.kind !== 'failed') return false
  if (outcome.blame === 'model') return record.failures + 1 >= record.max_attempts
  if (outcome.blame === 'crash') return record.crashes + 1 >= LIMITS.crashes
  return outcome.blame === 'final'
}
