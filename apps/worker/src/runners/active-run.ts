/**
 * One run as the host sees it: its clock, the wish to stop it, and the one outcome it comes to. Stopping goes in steps:
 * ask the model, wait its grace, kill. Whatever the callbacks of a request throw stays here.
 */
import type { Manifest, RunnerMessage } from '@millrace/contracts'
import { InvalidOutputError } from '@millrace/model'
import { acceptOutput, isTooDeep } from './accept-output.ts'
import { LogBudget } from './log-budget.ts'
import type { RunOutcome, RunRequest } from './runner.ts'
import type { Exit } from './runner-child.ts'

export type RunMessage = Extract<RunnerMessage, { type: 'progress' | 'log' | 'output' }>
export type RunAnswer = Extract<RunnerMessage, { type: 'done' | 'failed' | 'canceled' }>

export interface StopSteps {
  ask(): void
  kill(): void
  /** A callback of the request threw. */
  report(error: unknown): void
}

export class ActiveRun {
  readonly request: RunRequest
  readonly #steps: StopSteps
  readonly #graceMs: number
  readonly #budget = new LogBudget()
  readonly #startedAt = performance.now()
  readonly #timeout: NodeJS.Timeout
  #grace: NodeJS.Timeout | undefined
  #stopping: 'canceled' | 'timeout' | undefined
  #fault: string | undefined

  constructor(request: RunRequest, manifest: Manifest, steps: StopSteps) {
    this.request = request
    this.#steps = steps
    this.#graceMs = manifest.cancel_grace_seconds * 1000
    this.#timeout = setTimeout(() => this.#stop('timeout'), request.timeoutSeconds * 1000)
    request.signal.addEventListener('abort', this.#onAbort)
  }

  readonly #onAbort = (): void => this.#stop('canceled')

  /** Asks it to stop, as an aborted signal does. */
  cancel(): void {
    this.#stop('canceled')
  }

  #stop(why: 'canceled' | 'timeout'): void {
    if (this.#stopping !== undefined) return
    this.#stopping = why
    if (this.#graceMs > 0) this.#steps.ask()
    this.#grace = setTimeout(() => this.#steps.kill(), this.#graceMs)
  }

  /** It broke the protocol during this run; the outcome comes with the end of the process. */
  fault(message: string): void {
    this.#fault ??= message
  }

  print(level: 'debug' | 'info' | 'warn' | 'error', line: string): void {
    if (this.#budget.take(performance.now())) this.#guard(() => this.request.onLog(level, line))
  }

  hear(message: RunMessage): void {
    if (message.type === 'log') this.print(message.level, message.message)
    else if (message.type === 'progress') {
      this.#guard(() => this.request.onProgress(message.fraction, message.message))
    } else if (!isTooDeep(message.chunk)) this.#guard(() => this.request.onOutput(message.chunk))
  }

  /** The outcome of an answer. A run that answers after its time-out is late all the same; one that is done is done. */
  async answered(answer: RunAnswer): Promise<RunOutcome> {
    const runSeconds = this.#seconds()
    if (this.#stopping === 'timeout') return { kind: 'timeout', killed: false, runSeconds }
    if (answer.type === 'canceled') return { kind: 'canceled', killed: false, runSeconds }
    if (answer.type === 'failed') {
      const { code, message, traceback } = answer
      return { kind: 'failed', code, message, traceback, runSeconds }
    }
    try {
      return { kind: 'done', ...(await acceptOutput(answer, this.request.workDir)), runSeconds }
    } catch (error) {
      if (!(error instanceof InvalidOutputError)) throw error
      return { kind: 'failed', code: 'invalid_output', message: error.message, runSeconds }
    }
  }

  /** The outcome when the process ended first. */
  exited(exit: Exit): RunOutcome {
    const runSeconds = this.#seconds()
    if (this.#fault !== undefined) return { kind: 'protocol_error', message: this.#fault, runSeconds }
    if (this.#stopping !== undefined) return { kind: this.#stopping, killed: true, runSeconds }
    return { kind: 'crashed', ...exit, runSeconds }
  }

  /** True when a stop was asked, so that a `canceled` makes sense. */
  get stopping(): boolean {
    return this.#stopping !== undefined
  }

  /** It answered: nothing is asked or killed any more. */
  stopClock(): void {
    clearTimeout(this.#timeout)
    clearTimeout(this.#grace)
    this.request.signal.removeEventListener('abort', this.#onAbort)
  }

  /** Stops the clock and tells how many log lines were dropped, if any were. */
  end(): void {
    this.stopClock()
    const notice = this.#budget.notice()
    if (notice !== undefined) this.#guard(() => this.request.onLog('warn', notice))
  }

  #seconds(): number {
    return (performance.now() - this.#startedAt) / 1000
  }

  #guard(call: () => void): void {
    try {
      call()
    } catch (error) {
      this.#steps.report(error)
    }
  }
}
