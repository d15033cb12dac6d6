import { type Handled, isUnavailable, type SettleResult } from '@millrace/queue'
import { insist } from '@millrace/async'
import type { Attempt } from './attempt-deps.ts'
import type { AttemptOutcome } from './attempt-outcome.ts'
import { lightenOutcome } from './outputs/lighten-outcome.ts'

/** How long an answer other than "not now" is asked for again: it will hardly change. Milliseconds. */
const REFUSED_MS = 30_000

/**
 * Last step: tells the record how the attempt ended, again and again until Redis answers, so that a finished result
 * outlives an outage of Redis. A fenced attempt changes nothing and takes its objects away.
 */
export async function settleAttempt(attempt: Attempt, outcome: AttemptOutcome): Promise<Handled> {
  attempt.pulse.stop()
  if (outcome.kind === 'lost') {
    await discardOutputs(attempt)
    return 'done'
  }
  const { result, settled } = await settle(attempt, outcome)
  logEnd(attempt, settled, result)
  switch (result.outcome) {
    case 'done':
      if (settled.kind !== 'succeeded') await discardOutputs(attempt)
      return 'done'
    case 'queued':
      await discardOutputs(attempt)
      return { again: Math.max(result.delayMs, (outcome.kind === 'released' && outcome.againMs) || 0) }
    case 'fenced':
      await discardOutputs(attempt)
      return 'done'
    default:
      return result satisfies never
  }
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

function write({ deps: { store }, hold, times }: Attempt, outcome: Told): Promise<SettleResult> {
  switch (outcome.kind) {
    case 'succeeded': {
      const { kind: _kind, ...success } = outcome
      return store.succeed(hold, success)
    }
    case 'failed':
      return store.fail(hold, outcome.blame, outcome.error, outcome.runSeconds, outcome.partial)
    case 'stopped':
      return store.stop(hold, outcome.partial)
    case 'released':
      return store.release(hold, times.runStartedMs !== undefined)
    default:
      return outcome satisfies never
  }
}

/** What the model said comes first, as far as it can be told: after the end nothing is appended any more. */
async function tell({ deps, hold, events }: Attempt, write: () => Promise<SettleResult>): Promise<SettleResult> {
  const { halt } = deps.shutdown
  const giveUp = new AbortController()
  const refusedUntil = performance.now() + REFUSED_MS
  let timer: NodeJS.Timeout | undefined
  const onHalt = () => {
    timer = setTimeout(() => giveUp.abort(halt.reason), deps.pace.drainWaitMs)
  }
  if (halt.aborted) onHalt()
  else halt.addEventListener('abort', onHalt, { once: true })
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
    clearTimeout(timer)
    halt.removeEventListener('abort', onHalt)
  }
}

/**
 * Deletes what this attempt stored, unless the record names it: an answer can be lost after the commit, and then a
 * second `succeed` may read as fenced. What stays by accident goes with the purge of the job.
 */
async function discardOutputs({ deps, hold, outputPrefixes }: Attempt): Promise<void> {
  if (outputPrefixes.length === 0) return
  try {
    const record = await deps.store.get(hold.id)
    const kept = record === undefined || record === 'purged' ? [] : keysOf(record)
    for (const prefix of outputPrefixes) {
      if (!kept.some((key) => key.startsWith(prefix))) await deps.objects.deletePrefix(prefix)
    }
  } catch (error) {
    deps.logFault("Objects of an attempt that doesn't count could not be deleted", error, hold)
  }
}

function keysOf({ output, output_files }: Attempt['record']): string[] {
  const json = output && 'stored' in output ? [output.stored.key] : []
  return [...json, ...output_files.map((file) => file.key)]
}

function logEnd({ deps, hold, times }: Attempt, outcome: Told, result: SettleResult): void {
  const fields = {
    jobId: hold.id,
    model: deps.manifest.name,
    attempt: hold.fence,
    outcome: outcome.kind,
    settled: result.outcome,
    runMs: times.runMs === undefined ? undefined : Math.round(times.runMs),
    ...(outcome.kind === 'failed' && { code: outcome.error.code, blame: outcome.blame }),
  }
  if (result.outcome === 'fenced') deps.logger.warn(fields, 'An attempt had lost its job; nothing was changed')
  else if (outcome.kind === 'succeeded') deps.logger.debug(fields, 'A job succeeded')
  else deps.logger.info(fields, 'An attempt ended')
}
