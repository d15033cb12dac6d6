/**
 * One attempt at a job, from delivery to settlement: begin, fetch inputs, run, store outputs, settle. Read this file
 * and you know the worker. Called by the consumer of a model through model-worker.ts; never throws.
 */
import type { Delivery, Handled } from '@millrace/queue'
import type { Attempt } from './attempt.ts'
import type { AttemptDeps } from './attempt-deps.ts'
import { AttemptEnded, type AttemptOutcome, failed, type GivenOutput, outcomeOfStop } from './attempt-outcome.ts'
import { beginAttempt } from './begin-attempt.ts'
import { fetchInputs } from './inputs/fetch-inputs.ts'
import { keepPartial } from './outputs/keep-partial.ts'
import { runModel } from './run-model.ts'
import { settleAttempt } from './settle-attempt.ts'
import { storeOutputs } from './outputs/store-outputs.ts'
import { describeError } from '../fault-log.ts'

/** How soon a delivery that could not even be begun is due again. Milliseconds. */
const UNBEGUN_MS = 1000

/** Handles one delivery. The answer tells the transport whether the job is to be delivered again, and when. */
export async function runAttempt(deps: AttemptDeps, delivery: Delivery): Promise<Handled> {
  try {
    const begun = await beginAttempt(deps, delivery)
    if ('handled' in begun) return begun.handled
    const { attempt } = begun
    try {
      const outcome = await keepPartial(attempt, await carryOut(attempt))
      const handled = await settleAttempt(attempt, outcome)
      report(attempt, outcome, handled)
      return handled
    } finally {
      endAttempt(attempt)
    }
  } catch (error) {
    const draining = deps.shutdown.drain.aborted
    if (!draining) deps.logFault('A delivery could not be handled; it comes again', error, { jobId: delivery.id })
    return { outcome: 'again', afterMs: draining ? 0 : UNBEGUN_MS }
  }
}

/** How it ended, and what the model had given so far if it did not succeed. */
export interface Ended {
  outcome: AttemptOutcome
  partial?: GivenOutput
}

async function carryOut(attempt: Attempt): Promise<Ended> {
  try {
    const inputs = await fetchInputs(attempt)
    const run = await runModel(attempt, inputs)
    return { outcome: await storeOutputs(attempt, run) }
  } catch (error) {
    const partial = error instanceof AttemptEnded ? error.partial : undefined
    return { outcome: outcomeOfError(attempt, error), partial }
  }
}

function outcomeOfError({ deps, hold, stop }: Attempt, error: unknown): AttemptOutcome {
  if (error instanceof AttemptEnded) {
    if (error.cause) deps.logFault('An attempt ended early', error.cause, { jobId: hold.id, attempt: hold.fence })
    return error.outcome
  }
  if (stop.reason !== undefined) return outcomeOfStop(stop.reason)
  deps.logger.error({ jobId: hold.id, attempt: hold.fence, ...describeError(error) }, 'The worker itself failed a job')
  return failed({ blame: 'platform', code: 'internal', message: 'Millrace itself failed; the job is tried again.' })
}

function report({ deps, clock, record }: Attempt, outcome: AttemptOutcome, handled: Handled): void {
  const runSeconds = clock.runMs === undefined ? undefined : clock.runMs / 1000
  deps.onAttempt?.({ jobId: record.id, model: record.model, outcome, again: handled.outcome === 'again', runSeconds })
  const measured = clock.measured()
  if (measured) deps.inFlight.record(measured)
}

function endAttempt(attempt: Attempt): void {
  attempt.pulse.stop()
  attempt.events.close()
  attempt.unwatch()
  attempt.leaveGate()
  attempt.folder.leave()
}
