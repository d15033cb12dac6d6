/**
 * One attempt at a job, from delivery to settlement: begin, fetch inputs, run, store outputs, settle. Read this file
 * and you know the worker. Called by the consumer of a model through model-worker.ts; never throws.
 */
import type { Delivery, Handled } from '@millrace/queue'
import type { Attempt, AttemptDeps } from './attempt-deps.ts'
import { AttemptEnded, type AttemptOutcome, failed, outcomeOfStop } from './attempt-outcome.ts'
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
    return { again: draining ? 0 : UNBEGUN_MS }
  }
}

async function carryOut(attempt: Attempt): Promise<AttemptOutcome> {
  try {
    const inputs = await fetchInputs(attempt)
    const run = await runModel(attempt, inputs)
    return await storeOutputs(attempt, run)
  } catch (error) {
    return outcomeOfError(attempt, error)
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

function report({ deps, times, record }: Attempt, outcome: AttemptOutcome, handled: Handled): void {
  const { fetchMs, runMs, runEndedMs } = times
  const runSeconds = runMs === undefined ? undefined : runMs / 1000
  deps.onAttempt?.({ jobId: record.id, model: record.model, outcome, again: handled !== 'done', runSeconds })
  if (fetchMs === undefined || runMs === undefined || runEndedMs === undefined) return
  deps.inFlight.record({ fetchMs, runMs, storeMs: performance.now() - runEndedMs })
}

function endAttempt(attempt: Attempt): void {
  const { deps, workDir } = attempt
  attempt.pulse.stop()
  attempt.events.close()
  attempt.unwatch()
  attempt.leaveGate()
  // Not waited for: the next job need not wait until a folder is gone.
  if (workDir !== undefined) void attempt.runOver.then(() => deps.work.remove(workDir))
}
