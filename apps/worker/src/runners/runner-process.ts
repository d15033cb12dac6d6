/**
 * A runner over any process that speaks the runner protocol. Holds one process at a time and replaces it: at once after
 * a crash or kill, with growing delay when it cannot even start. The worker's slots call it; TypeScript and Python
 * differ in the command alone.
 */
import type { Manifest, RunnerMessage } from '@millrace/contracts'
import { ActiveRun, type RunAnswer } from './active-run.ts'
import { LogBudget } from './log-budget.ts'
import { runFrame } from './run-frame.ts'
import type { Runner, RunOutcome, RunRequest } from './runner.ts'
import { type Exit, RunnerChild, type RunnerCommand } from './runner-child.ts'
import type { RunnerLogger } from './runner-logger.ts'
import { RUNNER_TIMINGS, type RunnerTimings } from './runner-timings.ts'
import { Waiters } from './waiters.ts'

export interface RunnerProcessOptions {
  /** For log lines: which runner this is. */
  label: string
  command: RunnerCommand
  logger: RunnerLogger
  timings?: Partial<RunnerTimings>
  /** Hears each time that the model could not be loaded, in place of the log's warnings. It is tried again. */
  onLoadFailed?: (failure: LoadFailure) => void
}

/** Why a model could not be loaded: its own words, or how its process ended. */
export interface LoadFailure {
  message: string
  /** As the model's language prints it. */
  traceback?: string
}

/** Whoever waited for a runner that was stopped gets this. */
export class RunnerStoppedError extends Error {
  constructor() {
    super('the runner was stopped')
    this.name = 'RunnerStoppedError'
  }
}

interface Current {
  child: RunnerChild
  readyAt: number | undefined
  runs: number
  /** It is to be replaced; takes no more runs. */
  retiring: boolean
  /** It broke the protocol; nothing it says is believed any more. */
  broken: boolean
  /** It was told that it could not load. */
  failed: boolean
  printed: LogBudget
}

interface Busy {
  run: ActiveRun
  answered: boolean
  settle(outcome: RunOutcome | Promise<RunOutcome>): void
}

export class RunnerProcess implements Runner {
  readonly #options: RunnerProcessOptions
  readonly #timings: RunnerTimings
  readonly #waiters = new Waiters()
  #current: Current | undefined
  #manifest: Manifest | undefined
  #busy: Busy | undefined
  /** Taken by a run from before its frame is written until its outcome is known. */
  #taken = false
  #failures = 0
  #restart: NodeJS.Timeout | undefined
  #watch: NodeJS.Timeout | undefined
  #suspected = false
  #stopped = false

  constructor(options: RunnerProcessOptions) {
    this.#options = options
    this.#timings = { ...RUNNER_TIMINGS, ...options.timings }
  }

  /** Process id of the present process, for logs and tests; undefined between two. */
  get pid(): number | undefined {
    return this.#current?.child.pid
  }

  get ready(): boolean {
    const current = this.#current
    return current?.readyAt !== undefined && !current.retiring && !this.#taken && !this.#stopped
  }

  async start(): Promise<Manifest> {
    if (!this.#watch && !this.#stopped) {
      this.#watch = setInterval(() => this.#checkSilence(), this.#timings.checkMs).unref()
      this.#spawn()
    }
    await this.whenReady()
    return this.#manifest as Manifest
  }

  async whenReady(signal?: AbortSignal): Promise<void> {
    while (!this.ready) await this.#waiters.wait(signal)
  }

  async run(request: RunRequest): Promise<RunOutcome> {
    try {
      await this.whenReady(request.signal)
    } catch {
      if (request.signal.aborted) return { kind: 'canceled', killed: false, runSeconds: 0 }
      return { kind: 'crashed', exitCode: null, signal: null, runSeconds: 0 }
    }
    this.#taken = true
    try {
      return await this.#runTaken(request, this.#current as Current)
    } catch (error) {
      this.#log('error', { err: error }, 'run failed in the worker')
      return { kind: 'crashed', exitCode: null, signal: null, runSeconds: 0 }
    } finally {
      this.#taken = false
      this.#wake()
    }
  }

  async stop(graceMs: number): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#restart)
    clearInterval(this.#watch)
    this.#waiters.reject(new RunnerStoppedError())
    const current = this.#current
    if (current === undefined) return
    // A model that still loads has nothing to put in order.
    if (current.readyAt === undefined) return current.child.kill(Math.min(graceMs, this.#timings.termMs))
    this.#busy?.run.cancel()
    current.child.send({ type: 'shutdown' })
    const timer = setTimeout(() => void current.child.kill(0), graceMs)
    await current.child.exited
    clearTimeout(timer)
  }

  async #runTaken(request: RunRequest, current: Current): Promise<RunOutcome> {
    const frame = await runFrame(request)
    if (request.signal.aborted) return { kind: 'canceled', killed: false, runSeconds: 0 }
    const run = new ActiveRun(request, this.#manifest as Manifest, {
      ask: () => current.child.send({ type: 'cancel', id: request.id }),
      kill: () => this.#replace(current, 'it did not stop when asked'),
      report: (error) => this.#log('error', { err: error }, 'callback of a run threw'),
    })
    try {
      return await new Promise<RunOutcome>((settle) => {
        this.#busy = { run, answered: false, settle }
        current.runs += 1
        // It may have died while the frame was made: then its end was already told.
        if (this.#current === current) current.child.sendFrame(frame)
        else settle(run.exited({ exitCode: null, signal: null }))
      })
    } finally {
      this.#busy = undefined
      run.end()
    }
  }

  #spawn(): void {
    const child = new RunnerChild(this.#options.command, {
      onMessage: (message) => this.#hear(current, message),
      onFault: (message) => this.#faulted(current, message),
      onPrinted: (stream, line) => this.#print(current, stream, line),
      onExit: (exit) => this.#exited(current, exit),
    })
    const current: Current = {
      child,
      readyAt: undefined,
      runs: 0,
      retiring: false,
      broken: false,
      failed: false,
      printed: new LogBudget(),
    }
    this.#current = current
    this.#suspected = false
  }

  #hear(current: Current, message: RunnerMessage): void {
    if (current.broken) return
    switch (message.type) {
      case 'heartbeat':
        return
      case 'ready':
        return this.#becomeReady(current, message.manifest)
      case 'setup_failed':
        // Also said by a runner that cannot go on: then it first answers its run, and ends.
        this.#log(this.#options.onLoadFailed ? 'info' : 'error', { detail: message.message }, 'model cannot be set up')
        current.retiring = true
        this.#loadFailed(current, message)
        if (this.#busy === undefined) this.#replace(current, 'its setup failed')
        return
      case 'log':
      case 'progress':
      case 'output':
        // Late words of an earlier run are of no interest to anyone.
        if (this.#busy && (message.id ?? this.#busy.run.request.id) === this.#busy.run.request.id) {
          this.#busy.run.hear(message)
        } else if (message.type === 'log') this.#print(current, 'log', message.message)
        return
      default:
        this.#answered(current, message)
    }
  }

  #becomeReady(current: Current, manifest: Manifest): void {
    if (current.readyAt !== undefined) return this.#faulted(current, 'it said ready twice')
    current.readyAt = performance.now()
    this.#manifest = manifest
    this.#log('info', { model: manifest.name, version: manifest.version }, 'runner ready')
    this.#wake()
  }

  #answered(current: Current, answer: RunAnswer): void {
    const busy = this.#busy
    if (busy === undefined || busy.run.request.id !== answer.id) {
      return this.#faulted(current, 'it answered a run that it was not given')
    }
    if (answer.type === 'canceled' && !busy.run.stopping) {
      return this.#faulted(current, 'it said canceled without being asked')
    }
    if (busy.answered) return this.#faulted(current, 'it answered a run twice')
    busy.answered = true
    busy.run.stopClock()
    // What it printed before it answered is in the other pipes, and is read in this same turn.
    setImmediate(() => {
      this.#busy = undefined
      busy.settle(busy.run.answered(answer))
      if (current.retiring) this.#replace(current, 'it cannot go on')
    })
  }

  #faulted(current: Current, message: string): void {
    this.#log('warn', { detail: message }, 'runner broke the protocol')
    current.broken = true
    this.#loadFailed(current, { message })
    this.#busy?.run.fault(message)
    this.#replace(current, message, 0)
  }

  #print(current: Current, stream: 'stdout' | 'stderr' | 'log', line: string): void {
    if (current !== this.#current) return
    if (this.#busy) return this.#busy.run.print(stream === 'stderr' ? 'warn' : 'info', line)
    // Between runs a line may still speak of the last input, so only what is printed while loading is shown.
    const loading = current.readyAt === undefined
    if (loading && current.printed.take(performance.now())) this.#log('info', { stream, line }, 'model is loading')
  }

  /** Tells once per process why it did not become ready; of one that was ready, nothing. */
  #loadFailed(current: Current, { message, traceback }: LoadFailure): void {
    if (current.readyAt !== undefined || current.failed) return
    current.failed = true
    this.#options.onLoadFailed?.({ message, ...(traceback !== undefined && { traceback }) })
  }

  /** Ends the process; what follows is up to `#exited`. */
  #replace(current: Current, why: string, termMs = this.#timings.termMs): void {
    current.retiring = true
    this.#log('info', { why }, 'runner is replaced')
    void current.child.kill(termMs)
  }

  #exited(current: Current, exit: Exit): void {
    const busy = this.#busy
    this.#current = undefined
    if (busy && !busy.answered) busy.settle(busy.run.exited(exit))
    if (this.#stopped) return
    this.#loadFailed(current, { message: `its process ended (${exit.signal ?? exit.exitCode ?? 'not started'})` })
    const lived = current.readyAt === undefined ? 0 : performance.now() - current.readyAt
    const failedStart = current.runs === 0 && lived < this.#timings.steadyMs
    this.#failures = failedStart ? this.#failures + 1 : 0
    const { restartMinMs, restartMaxMs } = this.#timings
    const delay = failedStart ? Math.min(restartMaxMs, restartMinMs * 2 ** (this.#failures - 1)) : 0
    const told = failedStart && this.#options.onLoadFailed !== undefined
    this.#log(told ? 'info' : 'warn', { ...exit, restartInMs: delay }, 'runner ended')
    this.#restart = setTimeout(() => this.#spawn(), delay)
  }

  #checkSilence(): void {
    const current = this.#current
    if (current === undefined || !this.ready) return
    const silent = performance.now() - current.child.lastHeard > this.#timings.silenceMs
    if (silent && this.#suspected) this.#replace(current, 'it is idle and silent')
    this.#suspected = silent
  }

  #wake(): void {
    if (this.ready) this.#waiters.resolve()
  }

  #log(level: 'info' | 'warn' | 'error', fields: Record<string, unknown>, message: string): void {
    this.#options.logger[level]({ runner: this.#options.label, pid: this.pid, ...fields }, message)
  }
}
