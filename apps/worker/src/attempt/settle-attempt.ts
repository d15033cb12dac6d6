/** Last step of an attempt: how it ended is written down. Called by run-attempt.ts. */
import { isUnavailable, type Phases, type SettleResult } from '@millrace/queue'
import { type Deadline, insist, startGrace } from '@millrace/async'
import type { Attempt } from './attempt.ts'
import type { AttemptClock } from './attempt-clock.ts'
import type { AttemptDeps } from './attempt-deps.ts'
import type { AttemptOutcome } from './attempt-outcome.ts'
import { lightenOutcome } from './outputs/lighten-outcome.ts'

/** How long an answer other than "not now" is asked for again: it will hardly change. Milliseconds. */
const REFUSED_MS = 30_000

/**
 * Tells the record how the attempt ended, again and again until Redis answers, so that a finished result
 * outlives an outage of Redis; meanwhile its heart beats on. A fenced attempt changes nothing and takes its objects away. Answers
 * whether the job is back in the line.
 */
export async function settleAttempt(attempt: Attempt, outcome: AttemptOutcome): Promise<boolean> {
  attempt.makeRoom()
  if (outcome.kind === 'lost') {
    await attempt.outputs.discard()
    return false
  }
  const { result, settled } = await settle(attempt, outcome)
  logEnd(attempt, settled, result)
  if (result.outcome !== 'done' || settled.kind !== 'succeeded') await attempt.outputs.discard()
  return result.outcome === 'queued'
}

type Told = Exclude<AttemptOutcome, { kind: 'lost' }>
type Settled = Exclude<SettleResult, { outcome: 'crowded' }>

/** What was written, and what came of it. An output that Redis has no room for is moved out of it first. */
async function settle(attempt: Attempt, outcome: Told): Promise<{ settled: Told; result: Settled }> {
  const result = await tell(attempt, () => write(attempt, outcome))
  if (result.outcome !== 'crowded') return { settled: outcome, result }
  const lighter = await lightenOutcome(attempt, outcome)
  if (lighter.kind === 'lost') return { settled: outcome, result: { outcome: 'fenced' } }
  return settle(attempt, lighter)
}

function write({ deps: { store }, hold, clock }: Attempt, outcome: Told): Promise<SettleResult> {
  const usedSeconds = clock.deviceMs === undefined ? undefined : clock.deviceMs / 1000
  const phases = phasesOf(clock)
  switch (outcome.kind) {
    case 'succeeded': {
      const { kind: _kind, ...success } = outcome
      return store.succeed(hold, success, phases)
    }
    case 'failed':
      return store.fail(hold, { ...outcome, ...(usedSeconds !== undefined && { usedSeconds }) }, phases)
    case 'stopped':
      return store.stop(hold, outcome.partial, usedSeconds, phases)
    case 'released':
      return store.release(hold, clock.hasBegunToRun, outcome.againMs, usedSeconds, phases)
    default:
      return outcome satisfies never
  }
}

const phasesOf = ({ waitedMs, fetchedMs, device }: AttemptClock): Phases => ({
  ...(waitedMs !== undefined && { waitedSeconds: waitedMs / 1000, device }),
  ...(fetchedMs !== undefined && { fetchedSeconds: fetchedMs / 1000 }),
})

/** What the model said comes first, as far as it can be told: after the end nothing is appended any more. */
async function tell({ deps, hold, events }: Attempt, write: () => Promise<SettleResult>): Promise<SettleResult> {
  const giveUp = graceOf(deps)
  const refusedUntil = performance.now() + REFUSED_MS
  try {
    return await insist(
      async () => {
        await events.flush(deps.pace.drainWaitMs / 2)
        return await write()
      },
      {
        signal: giveUp.signal,
        forMs: deps.pace.settleForMs,
        firstDelayMs: deps.pace.retryMs,
        retryable: (error) => isUnavailable(error) || performance.now() < refusedUntil,
        onFault: (error) => deps.logFault('The end of a job could not be written; trying again', error, hold),
      },
    )
  } finally {
    giveUp.end()
  }
}

/** Shared by the attempts of a model, for hardly one ends in a halt. Who ends after that has a time of its own. */
function graceOf({ pace, shutdown: { halt } }: AttemptDeps): Pick<Deadline, 'signal' | 'end'> {
  if (halt.aborted) return startGrace(pace.drainWaitMs, halt)
  let grace = graces.get(halt)
  if (!grace) graces.set(halt, (grace = startGrace(pace.drainWaitMs, halt)))
  return { signal: grace.signal, end: () => undefined }
}

const graces = new WeakMap<AbortSignal, Deadline>()

function logEnd({ deps, hold, clock }: Attempt, outcome: Told, result: SettleResult): void {
  const fields = {
    jobId: hold.id,
    model: deps.manifest.name,
    attempt: hold.fence,
    outcome: outcome.kind,
    settled: result.outcome,
    runMs: clock.runMs === undefined ? undefined : Math.round(clock.runMs),
    ...(outcome.kind === 'failed' && { code: outcome.error.code, blame: outcome.blame }),
  }
  if (result.outcome === 'fenced') deps.logger.warn(fields, 'An attempt had lost its job; nothing was changed')
  else if (outcome.kind === 'succeeded') deps.logger.debug(fields, 'A job succeeded')
  else deps.logger.info(fields, 'An attempt ended')
}
