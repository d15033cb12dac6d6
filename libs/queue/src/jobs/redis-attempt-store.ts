/** What an attempt does with its job, in Redis; see AttemptStore. One script call per verb. */
import { type InputFile, type JobError, type JobEvent, type JobId, LIMITS, type Progress } from '@millrace/contracts'
import type {
  AttemptStore,
  Claim,
  ClaimResult,
  Failure,
  Hold,
  KeptOutput,
  SettleResult,
  Success,
} from '../ports/attempt-store.ts'
import type { RunScript, ScriptArgs } from '../scripts/define-scripts.ts'
import { toRecord } from '../record/record-fields.ts'

export class RedisAttemptStore implements AttemptStore {
  readonly #run: RunScript
  readonly #silenceMs: number

  /** A delivery of a running job is a mistake of the transport while its worker was heard within `silenceMs`. */
  constructor(run: RunScript, silenceMs: number) {
    this.#run = run
    this.#silenceMs = silenceMs
  }

  async claim(id: JobId, claim: Claim): Promise<ClaimResult> {
    const { worker, delivery, alone = false, version } = claim
    const silence = this.#silenceMs
    const reply = await this.#run('jobs/claim', { id, worker, delivery, alone, version, silence })
    return reply.outcome === 'claimed' ? { outcome: 'claimed', record: toRecord(id, reply.record) } : reply
  }

  beat({ id, fence }: Hold, progress?: Progress): Promise<'ok' | 'cancel' | 'lost'> {
    const event = progress && progressEvent(progress)
    return this.#run('jobs/beat', { id, fence, progress, event })
  }

  async append({ id, fence }: Hold, events: JobEvent[], first: number): Promise<void> {
    if (events.length > 0) await this.#run('jobs/append', { id, fence, first, events })
  }

  resolveInputs({ id, fence }: Hold, files: InputFile[]): Promise<boolean> {
    return this.#run('jobs/resolve', { id, fence, files })
  }

  succeed(hold: Hold, success: Success): Promise<SettleResult> {
    const { output, runSeconds, modelMetrics: model_metrics } = success
    return this.#settle(hold, { action: 'succeed', model_metrics, ...ranFor(runSeconds), ...keptOf(output) })
  }

  fail(hold: Hold, { blame, error, runSeconds, partial }: Failure): Promise<SettleResult> {
    const told: JobError = { ...error, message: error.message.slice(0, LIMITS.messageChars), attempt: hold.fence }
    const failure = { action: 'fail', blame, error: told, code: error.code } as const
    return this.#settle(hold, { ...failure, ...ranFor(runSeconds), ...keptOf(partial) })
  }

  stop(hold: Hold, partial?: KeptOutput): Promise<SettleResult> {
    return this.#settle(hold, { action: 'stop', ...keptOf(partial) })
  }

  release(hold: Hold, begun: boolean): Promise<SettleResult> {
    return this.#settle(hold, { action: 'release', begun })
  }

  #settle({ id, fence }: Hold, end: Omit<ScriptArgs<'jobs/settle'>, 'id' | 'fence'>): Promise<SettleResult> {
    return this.#run('jobs/settle', { id, fence, ...end })
  }
}

const ranFor = (seconds: number | undefined) => seconds !== undefined && { run_ms: Math.round(seconds * 1000) }

const keptOf = (kept: KeptOutput | undefined) => kept && { output: kept.value, output_files: kept.files }

const progressEvent = ({ fraction, message }: Progress): JobEvent => ({
  type: 'progress',
  fraction,
  ...(message !== null && { message }),
})
