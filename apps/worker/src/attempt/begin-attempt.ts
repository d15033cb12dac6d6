/** First step of an attempt: from a delivery to a claimed job whose heart beats. Called by run-attempt.ts. */
import { isStored, type JobId, type JobRecord } from '@millrace/contracts'
import { type ClaimResult, type Delivery, type Handled, isUnavailable } from '@millrace/queue'
import type { Leave } from '../places/gate.ts'
import { insist } from '@millrace/async'
import type { Attempt } from './attempt.ts'
import { AttemptClock } from './attempt-clock.ts'
import type { AttemptDeps } from './attempt-deps.ts'
import { AttemptFolder } from './attempt-folder.ts'
import { EventBuffer } from './events/event-buffer.ts'
import { OutputPrefixes } from './outputs/output-prefixes.ts'
import { startPulse } from './pulse.ts'
import { createStopSwitch, type StopSwitch } from './stop-switch.ts'

/** Claimed, or nothing to run and how the delivery is handled instead. */
export type Begun = { attempt: Attempt } | { handled: Handled }

/**
 * Passes the gate, claims the job and starts its heartbeat. A suspect is claimed again once nothing else runs in this
 * process, or at once to fetch its files: whatever serves them may take its time. Rejects only when the worker goes away
 * before Redis answered.
 */
export async function beginAttempt(deps: AttemptDeps, delivery: Delivery): Promise<Begun> {
  const { drain } = deps.shutdown
  const { places } = deps.links
  if (places && !places.mayTry(delivery.id)) return { handled: { outcome: 'again', afterMs: places.turnAway() } }
  let leave = await deps.gate.shared(drain)
  try {
    let startedMs = performance.now()
    let claim = await claimJob(deps, delivery, false)
    const fetchesOnly = claim.outcome === 'suspect' && (await hasLinks(deps, delivery))
    if (fetchesOnly) claim = await claimJob(deps, delivery, true)
    else if (claim.outcome === 'suspect') {
      leave()
      leave = await deps.gate.exclusive(drain)
      startedMs = performance.now()
      claim = await claimJob(deps, delivery, true)
    }
    if (claim.outcome === 'claimed') {
      return {
        attempt: createAttempt(deps, { record: claim.record, leaveGate: leave, startedMs, fetchesOnly }),
      }
    }
    leave()
    return { handled: handledWithoutRun(claim) }
  } catch (error) {
    leave()
    throw error
  }
}

/** A lost answer is asked for again: the delivery's id makes a second claim of it the same claim. */
function claimJob(deps: AttemptDeps, { id, delivery }: Delivery, alone: boolean): Promise<ClaimResult> {
  const claim = { worker: deps.workerId, delivery, version: deps.manifest.version, ...(alone && { alone }) }
  return insist(() => deps.store.claim(id, claim), {
    signal: deps.shutdown.halt,
    forMs: deps.pace.settleForMs,
    firstDelayMs: deps.pace.retryMs,
    retryable: isUnavailable,
    onFault: (error) => deps.logFault('A job could not be claimed; trying again', error),
  })
}

/** Whether files of the job are still where its input says. */
async function hasLinks({ records }: AttemptDeps, { id }: Delivery): Promise<boolean> {
  const found = await records.get(id).catch(() => undefined)
  return found?.outcome === 'found' && found.record.input_files.some((file) => !isStored(file))
}

function handledWithoutRun(claim: Exclude<ClaimResult, { outcome: 'claimed' }>): Handled {
  switch (claim.outcome) {
    case 'settled':
      return { outcome: 'done' }
    case 'early':
      return { outcome: 'again', afterMs: claim.delayMs }
    case 'suspect':
      // Asked for alone and still refused: leave it to the next delivery rather than to a tight loop.
      return { outcome: 'again', afterMs: 1000 }
    default:
      return claim satisfies never
  }
}

interface Claimed {
  record: JobRecord
  leaveGate: Leave
  startedMs: number
  fetchesOnly: boolean
}

function createAttempt(deps: AttemptDeps, { record, leaveGate, startedMs, fetchesOnly }: Claimed): Attempt {
  const hold = { id: record.id, fence: record.fence }
  const stop = createStopSwitch()
  const fields = { jobId: hold.id, model: deps.manifest.name, attempt: hold.fence }
  if (record.cancel_requested) stop.stop('canceled')
  const live = deps.live?.follow(record)
  live?.started()
  return {
    deps,
    record,
    hold,
    stop,
    pulse: startPulse({
      async beat(progress) {
        const answer = await deps.store.beat(hold, progress)
        if (progress && answer !== 'lost') live?.progress(progress)
        return answer
      },
      onCancel: () => stop.stop('canceled'),
      onLost: () => stop.stop('lost'),
      onFault: (error) => deps.logFault('A heartbeat was refused; the run goes on', error, fields),
      beatMs: deps.pace.beatMs,
      progressMs: deps.pace.progressMs,
    }),
    events: new EventBuffer({
      async append(events, first) {
        await deps.store.append(hold, events, first)
        for (const event of events) if (event.type === 'output') live?.output(event.chunk)
      },
      onFault: (error) => deps.logFault("A job's events could not be appended; trying again", error, fields),
    }),
    folder: new AttemptFolder(deps.work, hold),
    outputs: new OutputPrefixes(deps, record),
    clock: new AttemptClock(startedMs),
    leaveGate,
    fetchesOnly,
    unwatch: watch(deps, record.id, stop),
  }
}

function watch({ shutdown, cancels }: AttemptDeps, id: JobId, stop: StopSwitch): () => void {
  const onDrain = () => stop.stop('drain')
  const onHalt = () => stop.stop('halt')
  const unwatchCancels = cancels.watch(id, () => stop.stop('canceled'))
  shutdown.drain.addEventListener('abort', onDrain)
  shutdown.halt.addEventListener('abort', onHalt)
  if (shutdown.drain.aborted) onDrain()
  if (shutdown.halt.aborted) onHalt()
  return () => {
    unwatchCancels()
    shutdown.drain.removeEventListener('abort', onDrain)
    shutdown.halt.removeEventListener('abort', onHalt)
  }
}
