/**
 * A runner over any process that speaks the runner protocol. Holds one process at a time and replaces it: at once after
 * a crash or kill, with growing delay when it cannot even start. The worker's slots call it; TypeScript and Python
 * differ in the command alone.
 *
 * Its process is in one of these modes:
 * - none: before `start`, from the end of one process to the start of the next, and for ever after `stop`. Left by
 *   `#spawn`.
 * - loading: entered by `#spawn`. Left for `ready` when it says so, for `ending` when its set-up fails, takes too long, or
 *   breaks the protocol.
 * - ready: takes a run for each place that is free, while its heartbeats call it healthy. Left for `retiring` when it is
 *   of no more use: it lacked memory, was unhealthy three times in a row, or said that it cannot go on. Left for `ending`
 *   when it breaks the protocol, is silent while idle, or a run does not stop when asked.
 * - retiring: takes no more runs, but those that it holds may come to their end. Left for `ending` with the last of them.
 * - ending: it is being killed, or has died by itself; no run comes in any more. Left for `none` by `#exited`, which gives
 *   each run that had no answer its outcome and plans the next process.
 *
 * A process may hold several runs (`concurrency`). Then a crash is told to each of them as `shared`, and a kill after an
 * ignored stop displaces the others, blaming nobody. A printed line goes to the run only while there is one, for of several
 * one could see what belongs to another. A run's text begins and ends with it (printed-text.ts).
 */
import { WaitingLine } from '@millrace/async'
import type { Log, Manifest, PrintStream, RunnerMessage } from '@millrace/contracts'
import { ActiveRun, type RunAnswer } from './active-run.ts'
import { ActiveRuns } from './active-runs.ts'
import { CurrentProcess } from './current-process.ts'
import type { LoadFailure } from './load-failure.ts'
import { nextTurn } from './next-turn.ts'
import { RestartPace } from './restart-pace.ts'
import { runFrame } from './run-frame.ts'
import type { Runner, RunOutcome, RunRequest } from '../runner.ts'
import { type Exit, RunnerChild, type RunnerCommand } from './runner-child.ts'
import { RunnerStoppedError } from './runner-stopped-error.ts'
import { RUNNER_TIMINGS, type RunnerTimings } from './runner-timings.ts'

export interface RunnerProcessOptions {
  /** Says in log lines which runner this is. */
  label: string
  command: RunnerCommand
  logger: Log
  timings?: Partial<RunnerTimings>
  /** After so many runs that lacked memory, the process is replaced. Default: 1. */
  memoryErrors?: number
  /** Called each time the model could not be loaded, instead of a warning in the log. Loading is tried again. */
  onLoadFailed?: (failure: LoadFailure) => void
}

/** The outcome of a run that was given to no process. */
const NEVER_RAN: RunOutcome = { kind: 'crashed', exitCode: null, signal: null, shared: false, runSeconds: 0 }

export class RunnerProcess implements Runner {
  readonly #options: RunnerProcessOptions
  readonly #timings: RunnerTimings
  readonly #waiting = new WaitingLine()
  #current: CurrentProcess | undefined
  #manifest: Manifest | undefined
  readonly #runs = new ActiveRuns()
  /** How many places are taken. A place is taken before the run's frame is written, until its outcome is known. */
  #taken = 0
  loadFault: string | undefined
  readonly #pace: RestartPace
  #restart: NodeJS.Timeout | undefined
  #watch: NodeJS.Timeout | undefined
  #stopped = false

  constructor(options: RunnerProcessOptions) {
    this.#options = options
    this.#timings = { ...RUNNER_TIMINGS, ...options.timings }
    this.#pace = new RestartPace(this.#timings)
  }

  /** For logs and tests. Undefined between two processes. */
  get pid(): number | undefined {
    return this.#current?.child.pid
  }

  get ready(): boolean {
    return !this.#stopped && this.#current?.takesRuns === true && this.#taken < (this.#manifest?.concurrency ?? 1)
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
    while (!this.ready) await this.#waiting.join(undefined, { signal })
  }

  async run(request: RunRequest): Promise<RunOutcome> {
    try {
      if (this.ready && !request.signal.aborted) this.#taken += 1
      else await this.#take(request.signal)
    } catch {
      if (request.signal.aborted) return { kind: 'canceled', killed: false, runSeconds: 0 }
      return NEVER_RAN
    }
    try {
      return await this.#runTaken(request, this.#current as CurrentProcess)
    } catch (error) {
      this.#log('error', { err: error }, 'run failed in the worker')
      return NEVER_RAN
    } finally {
      this.#taken -= 1
      this.#wake()
    }
  }

  /** Waits for a place and takes it in one step, so that two waiting runs never take the same place. */
  async #take(signal: AbortSignal): Promise<void> {
    while (!this.ready) await this.#waiting.join(undefined, { signal })
    this.#taken += 1
  }

  async stop(graceMs: number): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#restart)
    clearInterval(this.#watch)
    this.#waiting.close(new RunnerStoppedError())
    const current = this.#current
    if (current === undefined) return
    // A model that is still loading has nothing to clean up.
    if (current.readyAt === undefined) return current.child.kill(Math.min(graceMs, this.#timings.termMs))
    for (const { run } of this.#runs.unanswered) run.cancel()
    current.child.send({ type: 'shutdown' })
    const timer = setTimeout(() => void current.child.kill(0), graceMs)
    await current.child.exited
    clearTimeout(timer)
  }

  async #runTaken(request: RunRequest, current: CurrentProcess): Promise<RunOutcome> {
    const frame = await runFrame(request)
    // Reads what was printed since the last run, so that none of it counts as this run's.
    await nextTurn()
    if (request.signal.aborted) return { kind: 'canceled', killed: false, runSeconds: 0 }
    const run = new ActiveRun(request, this.#manifest as Manifest, {
      ask: () => current.child.send({ type: 'cancel', id: request.id }),
      kill: () => {
        current.displacing = true
        this.#replace(current, 'it did not stop when asked')
      },
      report: (error) => this.#log('error', { err: error }, 'callback of a run threw'),
    })
    try {
      // The process may have died while the frame was made. Its end was told already, and this run had no part in it.
      if (this.#current !== current) return { kind: 'displaced', runSeconds: 0 }
      return await this.#runs.hold(run, () => {
        current.runs += 1
        current.child.sendFrame(frame)
      })
    } finally {
      this.#runs.drop(run)
      run.end()
    }
  }

  #spawn(): void {
    const child = new RunnerChild(this.#options.command, {
      onMessage: (message) => this.#hear(current, message),
      onFault: (message) => this.#faulted(current, message),
      onPrinted: (stream, chunk) => this.#printed(current, stream, chunk),
      onExit: (exit) => this.#exited(current, exit),
    })
    const current = new CurrentProcess(child, (stream, line) => this.#log('info', { stream, line }, 'model is loading'))
    this.#current = current
  }

  #hear(current: CurrentProcess, message: RunnerMessage): void {
    if (current.broken) return
    switch (message.type) {
      case 'heartbeat':
        return this.#beat(current, message)
      case 'ready':
        return this.#becomeReady(current, message.manifest)
      case 'setup_failed':
        // A runner that cannot go on says this too: then it answers the run that it knows to be at fault, and ends.
        this.#log(this.#options.onLoadFailed ? 'info' : 'error', { detail: message.message }, 'model cannot be set up')
        current.retiring = true
        this.#loadFailed(current, message)
        if (this.#runs.size === 0) this.#replace(current, 'its setup failed')
        return
      case 'log':
        if (message.id === undefined && this.#runs.size === 0) current.saidAlone('log', message.message)
        else (message.id === undefined ? this.#runs.only : this.#runs.get(message.id))?.run.hear(message)
        return
      case 'progress':
      case 'output':
        // The earlier run may have ended already. Then nobody needs this message.
        this.#runs.get(message.id)?.run.hear(message)
        return
      default:
        this.#answered(current, message)
    }
  }

  #beat(current: CurrentProcess, beat: Extract<RunnerMessage, { type: 'heartbeat' }>): void {
    if (beat.healthy === undefined) return
    const health = current.heardBeat(beat.healthy)
    if (health === 'healthy') return this.#wake()
    this.#log('warn', { detail: beat.message, beats: current.unhealthyBeats }, 'runner is not healthy')
    if (health !== 'hopeless' || current.retiring) return
    // The runs that it holds may still end.
    current.retiring = true
    if (this.#runs.size === 0) this.#replace(current, 'it is not healthy')
  }

  #becomeReady(current: CurrentProcess, manifest: Manifest): void {
    if (current.readyAt !== undefined) return this.#faulted(current, 'it said ready twice')
    current.endSetup()
    current.readyAt = performance.now()
    this.loadFault = undefined
    this.#manifest = manifest
    this.#log('info', { model: manifest.name, version: manifest.version }, 'runner ready')
    this.#wake()
  }

  #answered(current: CurrentProcess, answer: RunAnswer): void {
    const held = this.#runs.get(answer.id)
    if (held === undefined) return this.#faulted(current, 'it answered a run that it was not given')
    if (answer.type === 'canceled' && !held.run.stopping) {
      return this.#faulted(current, 'it said canceled without being asked')
    }
    if (held.answered) return this.#faulted(current, 'it answered a run twice')
    held.answered = true
    held.run.stopClock()
    const lacksMemory = answer.type === 'failed' && answer.out_of_memory
    if (lacksMemory && current.lackedMemory(this.#options.memoryErrors ?? 1)) this.#log('warn', {}, 'ran out of memory')
    // What the run printed before it answered may still be in the other pipes.
    void nextTurn().then(() => {
      this.#runs.drop(held.run)
      held.settle(held.run.answered(answer))
      if (current.retiring && this.#runs.size === 0) this.#replace(current, 'it cannot go on')
    })
  }

  #faulted(current: CurrentProcess, message: string): void {
    this.#log('warn', { detail: message }, 'runner broke the protocol')
    current.broken = true
    this.#loadFailed(current, { message })
    // With several runs nobody knows whose words these were, so for each of them it counts as a crash.
    const { unanswered } = this.#runs
    if (unanswered.length === 1) unanswered[0]?.run.fault(message)
    this.#replace(current, message, 0)
  }

  #printed(current: CurrentProcess, stream: PrintStream, chunk: Buffer): void {
    if (current !== this.#current) return
    const { only, size } = this.#runs
    if (only) only.run.printed(stream, chunk)
    else if (size === 0) current.saidAlone(stream, chunk)
    else if (current.mute()) this.#log('info', {}, 'what a model prints while it holds several runs is not kept')
  }

  /** Tells once per process why it did not become ready. It tells nothing of a process that was ready. */
  #loadFailed(current: CurrentProcess, { message, traceback }: LoadFailure): void {
    if (current.readyAt !== undefined || current.failed) return
    current.failed = true
    this.loadFault = message
    this.#options.onLoadFailed?.({ message, ...(traceback !== undefined && { traceback }) })
  }

  /** Ends the process. `#exited` does the rest. */
  #replace(current: CurrentProcess, why: string, termMs = this.#timings.termMs): void {
    current.retiring = true
    this.#log('info', { why }, 'runner is replaced')
    void current.child.kill(termMs)
  }

  #exited(current: CurrentProcess, exit: Exit): void {
    current.endSetup()
    this.#current = undefined
    const { unanswered } = this.#runs
    const how = { displaced: current.displacing, shared: unanswered.length > 1 }
    for (const { run, settle } of unanswered) settle(run.exited(exit, how))
    if (this.#stopped) return
    this.#loadFailed(current, { message: `its process ended (${exit.signal ?? exit.exitCode ?? 'not started'})` })
    const { failedStart, delayMs } = this.#pace.after(current)
    const told = failedStart && this.#options.onLoadFailed !== undefined
    this.#log(told ? 'info' : 'warn', { ...exit, restartInMs: delayMs }, 'runner ended')
    this.#restart = setTimeout(() => this.#spawn(), delayMs)
  }

  #checkSilence(): void {
    const current = this.#current
    if (current?.readyAt === undefined || current.retiring || this.#taken > 0) return
    if (current.isSilent(this.#timings.silenceMs)) this.#replace(current, 'it is idle and silent')
  }

  #wake(): void {
    if (this.ready) this.#waiting.serveAll()
  }

  #log(level: 'info' | 'warn' | 'error', fields: Record<string, unknown>, message: string): void {
    this.#options.logger[level]({ runner: this.#options.label, pid: this.pid, ...fields }, message)
  }
}
