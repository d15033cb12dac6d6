/** What an attempt does with its job, in Redis; see AttemptStore. Made by openQueue, and by HandOut, which sends ends and beats together. */
import { type InputFile, type JobError, type JobEvent, LIMITS, type Progress } from '@millrace/contracts'
import type {
  AttemptStore,
  Failure,
  Hold,
  KeptOutput,
  NewCheckpoint,
  Phases,
  SettleResult,
  Success,
  Take,
  Taken,
} from '../ports/attempt-store.ts'
import { bytesOf, storedBytesOf } from '../record/bytes-of.ts'
import { prefixOfJob, prefixOfModel } from '../redis/keys.ts'
import type { RunScript, ScriptArgs, ScriptReply } from '../scripts/define-scripts.ts'
import { toRecord } from '../record/record-fields.ts'

/** How one attempt ends. */
export type End = ScriptArgs<'handout/take'>['ends'][number]
/** What one attempt says of itself while it runs. */
export type Beat = ScriptArgs<'handout/beat'>['attempts'][number]
export type BeatAnswer = ScriptReply<'handout/beat'>[number]

/** How ends and beats are sent. Default: each in a call of its own. */
export interface Senders {
  end(end: End): Promise<SettleResult>
  beat(beat: Beat): Promise<BeatAnswer>
}

export class RedisAttemptStore implements AttemptStore {
  readonly #run: RunScript
  readonly #lease: number
  readonly #send: Senders

  /** `leaseMs`: how long a job is a worker's own without a beat. */
  constructor(run: RunScript, leaseMs: number, send?: Senders) {
    this.#run = run
    this.#lease = leaseMs
    this.#send = send ?? {
      end: async (end) => only((await this.#exchange(prefixOfJob(end.id), [end])).ended),
      beat: async (beat) =>
        only(await run('handout/beat', { prefix: prefixOfJob(beat.id), lease: leaseMs, lines: [], attempts: [beat] })),
    }
  }

  async take(take: Take): Promise<Taken> {
    return toTaken(await this.#exchange(prefixOfModel(take.model), [], take))
  }

  beat({ id, fence }: Hold, progress?: Progress, waitedSeconds?: number): Promise<BeatAnswer> {
    const event = progress && progressEvent(progress)
    return this.#send.beat({ id, fence, progress, event, ...waitedFor(waitedSeconds) })
  }

  async append({ id, fence }: Hold, events: JobEvent[], first: number): Promise<void> {
    if (events.length > 0) await this.#run('jobs/append', { id, fence, first, events })
  }

  resolveInputs({ id, fence }: Hold, files: InputFile[]): Promise<boolean> {
    return this.#run('jobs/resolve', { id, fence, files })
  }

  async keepCheckpoint({ id, fence }: Hold, checkpoint: NewCheckpoint, isSpared = false) {
    const { version, folder, stored_bytes: bytes, ...text } = checkpoint
    return (await this.#run('checkpoints/keep', { id, fence, version, folder, bytes, text, is_spared: isSpared }))
      .outcome
  }

  succeed(hold: Hold, success: Success, phases?: Phases): Promise<SettleResult> {
    const { output, runSeconds, modelMetrics: model_metrics } = success
    return this.#settle(hold, phases, { action: 'succeed', model_metrics, ...ranFor(runSeconds), ...keptOf(output) })
  }

  fail(hold: Hold, failure: Failure, phases?: Phases): Promise<SettleResult> {
    const { blame, error, runSeconds, usedSeconds, partial } = failure
    // As the script counts starts; see `note_phases` there.
    const hasBegun = [runSeconds, usedSeconds, phases?.waitedSeconds].some((told) => told !== undefined)
    const starts = (hold.attempt ?? hold.fence) - (hasBegun || blame === 'model' || blame === 'crash' ? 0 : 1)
    const told: JobError = { ...error, message: error.message.slice(0, LIMITS.messageChars), attempt: starts }
    const end = { action: 'fail', blame, error: told, code: error.code, is_own: isOwn(blame, error) } as const
    return this.#settle(hold, phases, { ...end, ...ranFor(runSeconds), ...usedFor(usedSeconds), ...keptOf(partial) })
  }

  stop(hold: Hold, partial?: KeptOutput, usedSeconds?: number, phases?: Phases): Promise<SettleResult> {
    return this.#settle(hold, phases, { action: 'stop', ...usedFor(usedSeconds), ...keptOf(partial) })
  }

  release(hold: Hold, begun: boolean, delayMs = 0, usedSeconds?: number, phases?: Phases): Promise<SettleResult> {
    const end = { action: 'release', begun, delay: Math.round(delayMs) } as const
    return this.#settle(hold, phases, { ...end, ...usedFor(usedSeconds) })
  }

  #settle({ id, fence }: Hold, phases: Phases = {}, end: Omit<End, 'id' | 'fence'>): Promise<SettleResult> {
    const { waitedSeconds, fetchedSeconds } = phases
    const device = phases.device?.replaceAll(/\s/g, ' ').slice(0, DEVICE_CHARS)
    const told = { ...waitedFor(waitedSeconds), ...fetchedFor(fetchedSeconds), ...(device && { device }) }
    return this.#send.end({ id, fence, ...end, ...told })
  }

  #exchange(prefix: string, ends: End[], take: Take = NO_TAKE): Promise<ScriptReply<'handout/take'>> {
    return this.#run('handout/take', exchangeOf(prefix, this.#lease, ends, take))
  }
}

/** What the record keeps of the name of a device. */
const DEVICE_CHARS = 64

/** Whether it says something of the version that ran. A wrong input, a source that is away and faults of the platform do not. */
const isOwn = (blame: Failure['blame'], { code }: Failure['error']): boolean =>
  blame === 'model' || blame === 'crash' || (blame === 'final' && code !== 'invalid_input')

const NO_TAKE: Take = {
  ...{ model: '', worker: '', version: '', lines: [], places: 0, alone: false, process: '', seq: 0 },
}

/** The arguments of a call that tells ends and takes what there is room for, if a take goes with it. */
export function exchangeOf(
  prefix: string,
  lease: number,
  ends: readonly End[],
  take: Take = NO_TAKE,
): ScriptArgs<'handout/take'> {
  const { worker, version, process, seq, places: n, alone, lines } = take
  return { prefix, worker, version, process, seq, n, alone, lease, lines, ends }
}

export const toTaken = ({ taken, nextMs, becomesIdle }: ScriptReply<'handout/take'>): Taken => ({
  records: taken.map(({ id, record }) => toRecord(id, record)),
  nextMs,
  becomesIdle,
})

/** Of a call with one part. */
function only<T>(answers: readonly T[]): T {
  const [answer] = answers
  if (answer === undefined) throw new TypeError('a script answered for fewer parts than it was given')
  return answer
}

const waitedFor = (seconds: number | undefined) => seconds !== undefined && { waited_ms: Math.round(seconds * 1000) }
const fetchedFor = (seconds: number | undefined) => seconds !== undefined && { fetched_ms: Math.round(seconds * 1000) }
const ranFor = (seconds: number | undefined) => seconds !== undefined && { run_ms: Math.round(seconds * 1000) }
const usedFor = (seconds: number | undefined) => seconds !== undefined && { used_ms: Math.round(seconds * 1000) }

/** What reads the same when it is absent is not sent. */
const keptOf = (kept: KeptOutput | undefined) =>
  kept && {
    output: kept.value,
    bytes: bytesOf(kept),
    stored: storedBytesOf(kept),
    ...(kept.files.length > 0 && { output_files: kept.files }),
  }

const progressEvent = ({ fraction, message }: Progress): JobEvent => ({
  type: 'progress',
  fraction,
  ...(message !== null && { message }),
})
