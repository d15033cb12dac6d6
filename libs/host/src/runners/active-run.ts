/**
 * One run as the host sees it: its clock, the wish to stop it, and its one outcome. Stopping has steps: ask the model, wait
 * for its grace, kill. An error that a callback of the request throws is reported and goes no further. Held by
 * RunnerProcess.
 */
import {
  cutText,
  type HostMessage,
  LIMITS,
  type Manifest,
  type RunnerMessage,
  type PrintStream,
} from '@millrace/contracts'
import { InvalidOutputError } from '@millrace/model'
import { acceptOutput } from '../checks/accept-output.ts'
import { followPipe } from '../printed/follow-pipe.ts'
import { LogBudget } from '../printed/log-budget.ts'
import { PrintedText, type TextSource } from '../printed/printed-text.ts'
import { partialOutputOf } from '../checks/partial-output.ts'
import type { RunOutcome, RunOutput, RunRequest } from '../runner.ts'
import { RunCheckpoints } from '../checkpoints/run-checkpoints.ts'
import { type RunMeter, wholeMeter } from './batching/device-share.ts'
import type { Exit } from './runner-child.ts'
import { isTooDeep, noteLeftOut, smallNote } from '@millrace/runner'

export type RunMessage = Extract<RunnerMessage, { type: 'progress' | 'log' | 'output' | 'checkpoint' }>
export type RunAnswer = Extract<RunnerMessage, { type: 'done' | 'failed' | 'canceled' }>

export interface StopSteps {
  ask(): void
  kill(): void
  tell(message: HostMessage): void
  /** A callback of the request threw. */
  report(error: unknown): void
}

/** How the process of a run ended, as far as it matters to the other runs in it. */
export interface ProcessEnd {
  /** It was killed because a run in it did not stop when asked. */
  displaced: boolean
  /** It held several runs. */
  shared: boolean
}

/** A timer of Node takes no longer time. */
const LONGEST_TIMER_MS = 2 ** 31 - 1
/** One pipe for each stream. A run that asks for more pipes is ignored. */
const PIPES_PER_RUN = 2

export class ActiveRun {
  readonly request: RunRequest
  readonly #steps: StopSteps
  readonly #graceMs: number
  readonly #checkpoints: RunCheckpoints
  readonly #budget = new LogBudget()
  readonly #meter: RunMeter
  #timeout: NodeJS.Timeout | undefined
  #grace: NodeJS.Timeout | undefined
  #stopping: 'canceled' | 'timeout' | undefined
  #fault: string | undefined
  /** Its batch failed, and it waits for its next turn. */
  #isPaused = false
  /** The model reports its progress itself, so its progress bars are ignored. */
  #tellsProgress = false
  /** How many named pipes are read for it. */
  #pipes = 0
  #ended = false
  /** How many of its log messages were longer than a log keeps. */
  #cuts = 0
  readonly #printed = new PrintedText({
    onLine: (stream, line) => this.print(stream === 'stderr' ? 'warn' : 'info', line),
    onFraction: (fraction) => {
      if (!this.#tellsProgress) this.#guard(() => this.request.onProgress(fraction, undefined))
    },
  })

  constructor(request: RunRequest, manifest: Manifest, steps: StopSteps, meter: RunMeter = wholeMeter()) {
    this.request = request
    this.#steps = steps
    this.#meter = meter
    this.#graceMs = manifest.cancel_grace_seconds * 1000
    this.#checkpoints = new RunCheckpoints(request, steps.tell)
    this.#startTimeout()
    request.signal.addEventListener('abort', this.#onAbort)
  }

  /** It was given to the model. */
  begun(): void {
    this.#guard(() => this.request.onBegin?.())
    this.#checkpoints.begun()
  }

  #startTimeout(times = 1): void {
    clearTimeout(this.#timeout)
    const ms = Math.min(this.request.timeoutSeconds * 1000 * times, LONGEST_TIMER_MS)
    this.#timeout = setTimeout(() => this.#stop('timeout'), ms)
  }

  /**
   * Its batch failed, and is called again in so many turns at most. Until it has its own, what the process does does not fall on it, and
   * its time is long enough for all the turns before.
   */
  pause(turns: number): void {
    if (this.#isPaused) return
    this.#isPaused = true
    this.#meter.pause()
    if (this.#stopping === undefined) this.#startTimeout(turns)
  }

  /** It begins again, with its whole time before it. */
  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#meter.resume()
    if (this.#stopping === undefined) this.#startTimeout()
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  readonly #onAbort = (): void => this.#stop('canceled')

  /** Asks the run to stop, as an aborted signal does. */
  cancel(): void {
    this.#stop('canceled')
  }

  #stop(why: 'canceled' | 'timeout'): void {
    if (this.#stopping !== undefined) return
    this.#stopping = why
    if (this.#graceMs > 0) this.#steps.ask()
    this.#grace = setTimeout(() => this.#steps.kill(), this.#graceMs)
  }

  /** The runner broke the protocol during this run. The outcome follows when the process ends. */
  fault(message: string): void {
    this.#fault ??= message
  }

  print(level: 'debug' | 'info' | 'warn' | 'error', line: string): void {
    if (!this.#budget.take(performance.now())) return
    if (line.length > LIMITS.logLineChars) this.#cuts += 1
    this.#guard(() => this.request.onLog(level, cutText(line, LIMITS.logLineChars)))
  }

  /** Takes a piece of printed text, cut anywhere. */
  printed(stream: PrintStream, chunk: Buffer, source: TextSource = 'piped'): void {
    if (!this.#ended) this.#printed.push(stream, chunk, source)
  }

  #follow(stream: PrintStream, path: string): void {
    if (this.#pipes === PIPES_PER_RUN) return
    this.#pipes += 1
    this.#guard(() => followPipe(this.request.workDir, path, (chunk) => this.printed(stream, chunk)))
  }

  hear(message: RunMessage): void {
    if (message.type === 'log' && message.stream && message.path !== undefined)
      this.#follow(message.stream, message.path)
    else if (message.type === 'log' && message.stream)
      this.printed(message.stream, Buffer.from(message.message), 'told')
    else if (message.type === 'log') this.print(message.level, message.message)
    else if (message.type === 'progress') {
      this.#tellsProgress = true
      this.#guard(() => this.request.onProgress(message.fraction, message.message))
    } else if (message.type === 'checkpoint') void this.#checkpoints.hear(message)
    else if (!isTooDeep(message.chunk)) this.#guard(() => this.request.onOutput(message.chunk))
  }

  /** The outcome of an answer. An answer after the time-out still counts as timed out, unless it says that the run is done. */
  async answered(answer: RunAnswer): Promise<RunOutcome> {
    this.#printed.end()
    const runSeconds = this.#meter.seconds
    if (answer.type !== 'done' || this.#stopping === 'timeout') {
      const partial = answer.type === 'done' ? undefined : await this.#partialOf(answer)
      const rest = { ...(partial && { partial }), runSeconds }
      if (this.#stopping === 'timeout') return { kind: 'timeout', killed: false, ...rest }
      if (answer.type !== 'failed') return { kind: 'canceled', killed: false, ...rest }
      const { code, message, traceback } = answer
      return { kind: 'failed', code, message, traceback, ...this.#note('details', answer.details), ...rest }
    }
    try {
      const output = await acceptOutput(answer, this.request.workDir)
      return { kind: 'done', ...output, ...this.#note('metrics', answer.metrics), runSeconds }
    } catch (error) {
      if (!(error instanceof InvalidOutputError)) throw error
      return { kind: 'failed', code: 'invalid_output', message: error.message, runSeconds }
    }
  }

  /** The partial output that the answer names. */
  async #partialOf({ output, output_path, files = [] }: Exclude<RunAnswer, { type: 'done' }>) {
    if ((output ?? output_path) === undefined && files.length === 0) return undefined
    return this.#keepable(() => acceptOutput({ output, output_path, files }, this.request.workDir))
  }

  /** When a part can't be kept, the outcome stays the same: the part is dropped, and the log says so. */
  async #keepable(read: () => Promise<RunOutput | undefined>): Promise<RunOutput | undefined> {
    try {
      return await read()
    } catch {
      this.print('warn', 'what was given before the end was left out: it is no output that can be kept')
      return undefined
    }
  }

  #note<Name extends 'details' | 'metrics'>(
    name: Name,
    note: Record<string, unknown> | undefined,
  ): { [key in Name]?: Record<string, unknown> } {
    const small = note && smallNote(note)
    if (note && !small) this.print('warn', noteLeftOut(name))
    return (small ? { [name]: small } : {}) as { [key in Name]?: Record<string, unknown> }
  }

  /** The outcome when the process ended without an answer. */
  async exited(exit: Exit, how: ProcessEnd): Promise<RunOutcome> {
    const runSeconds = this.#meter.seconds
    const stopped = this.#stopping
    this.stopClock()
    this.#printed.end()
    if (stopped === undefined && this.#fault === undefined && (how.displaced || this.#isPaused)) {
      return { kind: 'displaced', runSeconds }
    }
    const partial = await this.#keepable(() => partialOutputOf(this.request.workDir))
    const rest = { ...(partial && { partial }), runSeconds }
    if (this.#fault !== undefined) return { kind: 'protocol_error', message: this.#fault, ...rest }
    if (stopped !== undefined) return { kind: stopped, killed: true, ...rest }
    return { kind: 'crashed', ...exit, shared: how.shared, ...rest }
  }

  /** True when a stop was asked for. Only then may a model answer `canceled`. */
  get stopping(): boolean {
    return this.#stopping !== undefined
  }

  /** The run has answered, so it is no longer asked to stop or killed. */
  stopClock(): void {
    this.#checkpoints.end()
    this.#meter.pause()
    clearTimeout(this.#timeout)
    clearTimeout(this.#grace)
    this.request.signal.removeEventListener('abort', this.#onAbort)
  }

  /** Stops the clock and ends the printed text. Then it tells how many log lines were dropped or cut, if any were. */
  end(): void {
    this.stopClock()
    this.#ended = true
    this.#checkpoints.close()
    this.#printed.end()
    const cuts = this.#cuts + this.#printed.cuts
    const notices = [
      this.#budget.notice(),
      cuts > 0 && `${cuts} log lines were cut: longer than ${LIMITS.logLineChars} bytes`,
    ]
    for (const notice of notices) if (notice) this.#guard(() => this.request.onLog('warn', notice))
  }

  #guard(call: () => void): void {
    try {
      call()
    } catch (error) {
      this.#steps.report(error)
    }
  }
}
