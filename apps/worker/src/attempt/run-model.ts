/** Third step of an attempt, the only one that meets the model. Called by run-attempt.ts. */
import { cutText, LIMITS, type Progress } from '@millrace/contracts'
import { startTimer } from '@millrace/async'
import type { RunOutcome, RunRequest } from '@millrace/host'
import { isIll } from '../places/slot-health.ts'
import { NoRunnerReady, type SlotLease } from '../places/slot-pool.ts'
import type { Attempt } from './attempt.ts'
import { AttemptEnded, type AttemptOutcome, failed, type GivenOutput, outcomeOfStop } from './attempt-outcome.ts'
import type { FetchedInputs } from './inputs/fetch-inputs.ts'

type Done = Extract<RunOutcome, { kind: 'done' }>

/** A run that came to its end, and the folder in which its files lie. */
export type FinishedRun = Done & GivenOutput

const TRACEBACK_CHARS = 8 * 1024
/** So often a job that runners gave back unrun waits for another one. */
const MOST_RECALLS = 8
const PROGRESS_CHARS = 256

/**
 * Waits for a slot, runs, and frees the slot as soon as the runner has answered. Throws AttemptEnded for every end but `done`.
 */
export async function runModel(attempt: Attempt, inputs: FetchedInputs): Promise<FinishedRun> {
  refuseUnknownKind(attempt)
  const outcome = await runOnSlot(attempt, inputs)
  const { reason } = attempt.stop
  const folder = inputs.workDir
  if (outcome.kind === 'done') {
    // What is finished while the worker drains is kept.
    if (reason === undefined || reason === 'drain') return { ...outcome, folder }
    throw new AttemptEnded(outcomeOfStop(reason))
  }
  const partial = 'partial' in outcome && outcome.partial ? { ...outcome.partial, folder } : undefined
  // A stop outweighs what the model says after it.
  throw new AttemptEnded(reason === undefined ? outcomeOfRun(outcome, attempt, folder) : outcomeOfStop(reason), {
    partial,
  })
}

/** The version that was published when the job was taken could be trained, this one can't. */
function refuseUnknownKind({ deps, record }: Attempt): void {
  if (deps.outputChecks[record.kind]) return
  const message = `This version of the model has no jobs of the kind ${record.kind}.`
  throw new AttemptEnded(failed({ blame: 'final', code: 'invalid_input', message }))
}

/**
 * To be held by a runner is a way to wait for a slot, and takes no longer: what comes back unrun waits on in the line. A job that a few
 * runners did not come to goes back, for another worker may have a place.
 */
async function runOnSlot(attempt: Attempt, inputs: FetchedInputs): Promise<RunOutcome> {
  const { inFlight } = attempt.deps
  const until = performance.now() + inFlight.patienceMs
  for (let time = 0; ; time++) {
    const lease = await takeSlot(attempt, until, time === 0 && inFlight.mayHold)
    const outcome = await answerOf(attempt, startRun(attempt, inputs, lease, until))
    const isBack = lease.isHeld && outcome.kind === 'displaced' && !attempt.clock.hasBegunToRun
    if (!isBack || time === MOST_RECALLS) return outcome
  }
}

/**
 * After a crash a job gets a runner for itself, where a runner takes several at a time: the next crash then is its own,
 * and takes nobody along. A training is never answered together with others.
 */
async function takeSlot({ deps, stop, record }: Attempt, until: number, mayHold: boolean): Promise<SlotLease> {
  try {
    const alone = record.crashes > 0 || (deps.manifest.batch !== null && record.kind === 'training')
    const patienceMs = Math.max(0, until - performance.now())
    return await deps.slots.acquire(stop.running, { patienceMs, alone, mayHold, job: record.id })
  } catch (error) {
    if (!(error instanceof NoRunnerReady)) throw error
    deps.inFlight.tooMany()
    throw new AttemptEnded({ kind: 'released' }, { cause: error })
  }
}

function startRun(attempt: Attempt, inputs: FetchedInputs, lease: SlotLease, until: number): Promise<RunOutcome> {
  const { record, hold, stop, pulse, events, clock } = attempt
  const { isFull } = attempt.deps.inFlight
  const request: RunRequest = {
    id: `${hold.id}-${hold.fence}`,
    kind: record.kind,
    ...inputs,
    signal: stop.running,
    timeoutSeconds: record.timeout_seconds,
    onBegin() {
      clock.runBegan(lease.slot, isFull ? lease.freeMs : 0)
      lease.begun()
    },
    onProgress: (fraction, message) => pulse.progress(toProgress(fraction, message)),
    onLog: (level, message) => events.log(level, message),
    onOutput: (chunk) => events.output(chunk),
    onCheckpoint: (given) => attempt.checkpoints.keep(given, inputs.workDir),
    leaving: attempt.deps.leaving,
  }
  const given = lease.isHeld ? holdRun(request, lease, until) : lease.runner.run(request)
  const ended = given.then((outcome) => {
    clock.runEnded(outcome.runSeconds)
    return judged(attempt, outcome, lease)
  })
  const run = ended.finally(() => lease.release())
  attempt.folder.lendUntil(run)
  return run
}

/** Asked while the slot is still lent, so that one that is taken out is lent to nobody in between. A run for which it is blamed is as if it never was. */
function judged({ record, deps }: Attempt, outcome: RunOutcome, lease: SlotLease): RunOutcome {
  const { timeout_seconds, training } = deps.manifest
  const usualSeconds = record.kind === 'training' && training ? training.timeout_seconds : timeout_seconds
  // A client may give its job too little time. That says nothing about the device.
  if (outcome.kind === 'timeout' && record.timeout_seconds < usualSeconds) return outcome
  const ill = isIll(outcome)
  const isSpared = ill !== undefined && lease.judge(record.id, ill)
  return isSpared ? { kind: 'displaced', runSeconds: outcome.runSeconds } : outcome
}

/** Behind the run that its runner has, until that is done, another runner is free, or it has waited long enough. */
function holdRun(request: RunRequest, lease: SlotLease, until: number): Promise<RunOutcome> {
  const { outcome, recall } = lease.runner.hold(request)
  lease.onFree(recall)
  const endWait = startTimer(Math.max(0, until - performance.now()), recall)
  return outcome.finally(endWait)
}

const toProgress = (fraction: number, message: string | undefined): Progress => ({
  fraction: Math.min(Math.max(fraction, 0), 1),
  message: message === undefined ? null : cutText(message, PROGRESS_CHARS),
})

/** The run's answer; an attempt that is lost or must go now does not wait for it, a drain waits a little. */
async function answerOf({ deps, stop }: Attempt, run: Promise<RunOutcome>): Promise<RunOutcome> {
  let timer: NodeJS.Timeout | undefined
  let unwatch = (): void => undefined
  try {
    return await new Promise<RunOutcome>((resolve, reject) => {
      const onStop = () => {
        if (stop.reason === 'drain') timer ??= setTimeout(() => reject(stop.running.reason), deps.pace.drainWaitMs)
        // A canceled run is waited for: the model has its grace, then the runner kills it.
        else if (stop.reason !== undefined && stop.reason !== 'canceled') reject(stop.running.reason)
      }
      run.then(resolve, reject)
      unwatch = stop.listen(onStop)
      onStop()
    })
  } finally {
    unwatch()
    clearTimeout(timer)
  }
}

function outcomeOfRun(outcome: Exclude<RunOutcome, Done>, attempt: Attempt, folder: string): AttemptOutcome {
  const { runSeconds } = outcome
  switch (outcome.kind) {
    case 'failed': {
      const { code, traceback } = outcome
      const message = withoutFolder(outcome.message, folder)
      const details = { ...outcome.details, ...(traceback && { traceback: tailOf(withoutFolder(traceback, folder)) }) }
      const blame = code === 'model_error' ? 'model' : 'final'
      return failed({
        ...{ blame, code, message, runSeconds },
        details: Object.keys(details).length > 0 ? details : undefined,
      })
    }
    case 'timeout': {
      // What made a checkpoint in its time does not begin where it did.
      const blame = attempt.checkpoints.hasKept ? 'model' : 'final'
      const message = `The model did not finish within ${attempt.record.timeout_seconds} seconds.`
      return failed({ blame, code: 'timeout', message, runSeconds })
    }
    case 'crashed': {
      const details = { exit_code: outcome.exitCode, signal: outcome.signal }
      return failed({ blame: 'crash', code: 'runner_crashed', message: crashMessage(outcome), details, runSeconds })
    }
    case 'protocol_error':
      return failed({ blame: 'final', code: 'protocol_error', message: outcome.message, runSeconds })
    case 'displaced':
      return { kind: 'released' }
    case 'canceled': {
      const message = 'The model stopped although nobody had asked it to.'
      return failed({ blame: 'platform', code: 'internal', message, runSeconds })
    }
    default:
      return outcome satisfies never
  }
}

/** Where a worker lays files is nobody else's concern. A client is told what a file is called, not where it was. */
const withoutFolder = (text: string, folder: string): string => text.replaceAll(`${folder}/`, '')

/** The end of a traceback says most: the raise itself. */
const tailOf = (traceback: string): string =>
  traceback.length <= TRACEBACK_CHARS ? traceback : `…${traceback.slice(1 - TRACEBACK_CHARS)}`

function crashMessage({ exitCode, signal, shared }: Extract<RunOutcome, { kind: 'crashed' }>): string {
  const how = signal ? `was ended by ${signal}` : `exited with code ${exitCode ?? 'unknown'}`
  const hint = signal === 'SIGKILL' ? ' It may have run out of memory.' : ''
  const others = shared ? ' It held other runs too, so any of them may be the cause.' : ''
  return cutText(`The model's process ${how} before it answered.${hint}${others}`, LIMITS.messageChars)
}
