/**
 * One attempt at a job, from the moment it was given out to its settlement: begin, fetch inputs, run, store outputs, settle. Read
 * this file and you know the worker. Called by the service of a model; never rejects.
 */
import type { Attempt } from './attempt.ts'
import type { AttemptDeps } from './attempt-deps.ts'
import { AttemptEnded, type AttemptOutcome, failed, type GivenOutput, outcomeOfStop } from './attempt-outcome.ts'
import { isStored, type JobRecord } from '@millrace/contracts'
import { beginAttempt } from './begin-attempt.ts'
import { fetchInputs } from './inputs/fetch-inputs.ts'
import { keepPartial } from './outputs/keep-partial.ts'
import { runModel } from './run-model.ts'
import { settleAttempt } from './settle-attempt.ts'
import { storeOutputs } from './outputs/store-outputs.ts'
import { describeError } from '../fault-log.ts'

/** Does one job that was given out, to its end. */
export async function runAttempt(deps: AttemptDeps, record: JobRecord, makeRoom: () => void): Promise<void> {
  let attempt: Attempt | undefined
  try {
    attempt = beginAttempt(deps, record, makeRoom)
    const outcome = await keepPartial(attempt, await carryOut(attempt))
    const isBack = await settleAttempt(attempt, outcome)
    report(attempt, outcome, isBack)
  } catch (error) {
    deps.logFault('The end of a job could not be told; it is given out again', error, { jobId: record.id })
  } finally {
    if (attempt) endAttempt(attempt)
    makeRoom()
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

function report({ deps, clock, record }: Attempt, outcome: AttemptOutcome, again: boolean): void {
  const runSeconds = clock.deviceMs === undefined ? undefined : clock.deviceMs / 1000
  const waitSeconds = waitOf(record, clock.waitedMs)
  const whose = { jobId: record.id, tenant: record.tenant, model: record.model }
  deps.onAttempt?.({ ...whose, outcome, again, waitSeconds, runSeconds })
  const measured = clock.measured()
  if (measured) deps.inFlight.record({ ...measured, inputBytes: bytesOf(record) })
}

const bytesOf = ({ input_files }: JobRecord): number =>
  input_files.reduce((sum, file) => sum + (isStored(file) ? file.size : 0), 0)

/** In the line, and then in this worker. Undefined when its model did not begin, or nobody knows since when it waited. */
function waitOf({ attempts }: JobRecord, waitedMs: number | undefined): number | undefined {
  const inLine = attempts.at(-1)?.queue_seconds
  return inLine === undefined || inLine === null || waitedMs === undefined ? undefined : inLine + waitedMs / 1000
}

function endAttempt(attempt: Attempt): void {
  attempt.pulse.stop()
  attempt.events.close()
  attempt.unwatch()
  attempt.folder.leave()
}
