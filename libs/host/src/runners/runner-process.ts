/**
 * A runner over any process that speaks the runner protocol. Holds one process at a time (its modes: current-process.ts) and replaces
 * it: at once after a crash or kill, with growing delay when it cannot even start. TypeScript and Python differ in the command alone.
 */
import type { Manifest, PrintStream, RunnerMessage } from '@millrace/contracts'
import { ActiveRun, type RunAnswer } from './active-run.ts'
import { ActiveRuns } from './active-runs.ts'
import { RunBatches } from './batching/run-batches.ts'
import { CurrentProcess } from './current-process.ts'
import { HoldPlace, NOT_HELD } from './hold-place.ts'
import { faultFields, LoadFaults } from './load-faults.ts'
import { nextTurn } from './next-turn.ts'
import { NEVER_RAN, NOT_BEGUN, TAKEN_BACK } from './not-run.ts'
import { RestartPace } from './restart-pace.ts'
import { heldFrame, runFrame } from './run-frame.ts'
import type { HeldRun, Runner, RunOutcome, RunRequest } from '../runner.ts'
import { type Exit, RunnerChild } from './runner-child.ts'
import { RUNNER_TIMINGS, type RunnerProcessOptions, type RunnerTimings } from './runner-process-options.ts'
import { RunPlaces } from './run-places.ts'
import { stepsToStop } from './process/steps-to-stop.ts'
import { SilenceWatch } from './process/silence-watch.ts'
import { Wear } from './process/wear.ts'

export class RunnerProcess implements Runner {
  readonly #options: RunnerProcessOptions
  readonly #timings: RunnerTimings
  readonly #places = new RunPlaces((taken) => this.#takesRuns && taken < (this.#manifest?.concurrency ?? 1))
  #current: CurrentProcess | undefined
  #manifest: Manifest | undefined
  readonly #runs = new ActiveRuns()
  #batches: RunBatches | undefined
  readonly #ahead = new HoldPlace(() => this.#places.wake())
  readonly #faults: LoadFaults
  readonly #pace: RestartPace
  #restart: NodeJS.Timeout | undefined
  readonly #wear: Wear
  readonly #silence: SilenceWatch<CurrentProcess>
  #stopped = false
  readonly #onFault = (error: unknown): void => this.#log('error', { err: error }, 'run failed in the worker')

  constructor(options: RunnerProcessOptions) {
    this.#options = options
    this.#timings = { ...RUNNER_TIMINGS, ...options.timings }
    this.#faults = new LoadFaults(options.onLoadFailed)
    this.#pace = new RestartPace(this.#timings)
    this.#wear = new Wear(options.wear, options.memoryErrors)
    const idle = () => (this.#places.taken > 0 ? undefined : this.#current)
    this.#silence = new SilenceWatch(idle, (current) => this.#replace(current, 'it is idle and silent'))
  }

  get pid(): number | undefined {
    return this.#current?.child.pid
  }

  get loadFault(): string | undefined {
    return this.#faults.last
  }

  get ready(): boolean {
    return this.#places.isFree
  }

  get canHold(): boolean {
    if (this.#stopped || !this.#current?.takesRuns || !this.#ahead.hasRoom) return false
    return this.#batches !== undefined || (this.#current.mayHold && this.#runs.canBeFollowed)
  }

  get mostHeld(): number {
    return this.#ahead.size.limit
  }

  /** Whether its process goes on to take runs; not while one waits in it already. */
  get #takesRuns(): boolean {
    return !this.#stopped && this.#ahead.isFree && this.#current?.takesRuns === true
  }

  get #isIdle(): boolean {
    return this.#runs.size === 0 && this.#ahead.isFree
  }

  async start(): Promise<Manifest> {
    if (!this.#silence.isOn && !this.#stopped) {
      this.#silence.start(this.#timings)
      this.#spawn()
    }
    await this.whenReady()
    return this.#manifest as Manifest
  }

  async whenReady(signal?: AbortSignal): Promise<void> {
    await this.#places.whenFree(signal)
  }

  async run(request: RunRequest): Promise<RunOutcome> {
    try {
      await this.#places.take(request.signal)
    } catch {
      return request.signal.aborted ? NOT_BEGUN : NEVER_RAN
    }
    return this.#places.until(this.#runTaken(request, this.#current as CurrentProcess), this.#onFault)
  }

  hold(request: RunRequest): HeldRun {
    const [current, frameFor] = [this.#current, heldFrame(request, this.#batches !== undefined)]
    if (!current || !frameFor || !this.canHold || request.signal.aborted) return NOT_HELD
    const send = this.#batches ? 'sendTogether' : 'sendFrame'
    return this.#ahead.put(request, (held) => current.child[send](frameFor(held)))
  }

  async renew(): Promise<void> {
    const current = this.#current?.runs ? this.#current : undefined
    if (current) this.#displace(current, 'its device is checked')
    await current?.child.exited
  }

  async stop(graceMs: number): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#restart)
    this.#silence.stop()
    this.#places.close()
    const current = this.#current
    if (current?.readyAt === undefined) return current?.child.kill(Math.min(graceMs, this.#timings.termMs))
    this.#ahead.recall()
    for (const { run } of this.#runs.unanswered) run.cancel()
    await current.shutDown(graceMs)
  }

  async #runTaken(request: RunRequest, current: CurrentProcess): Promise<RunOutcome> {
    const frame = await runFrame(request)
    // Reads what was printed since the last run, so that none of it counts as this run's.
    await nextTurn()
    if (request.signal.aborted) return NOT_BEGUN
    // The process may have died while the frame was made. Its end was told already, and this run had no part in it.
    if (this.#current !== current) return TAKEN_BACK
    return this.#follow(request, current, () => current.child.sendFrame(frame))
  }

  /** Follows a run from its begin to its outcome. */
  #follow(request: RunRequest, current: CurrentProcess, begin?: () => void): Promise<RunOutcome> {
    const steps = stepsToStop(request.id, current.child, {
      // Of a batch one may stop, and the process goes on.
      recall: () => void (this.#batches ?? this.#ahead.recall()),
      displace: () => this.#displace(current, 'it did not stop when asked'),
      report: (error) => this.#log('error', { err: error }, 'callback of a run threw'),
    })
    const run = new ActiveRun(request, this.#manifest as Manifest, steps, this.#batches?.begin())
    return this.#runs.follow(run, () => {
      this.#wear.began(current)
      begin?.()
      run.begun()
      // One that was held may have been told to stop after it was taken.
      if (request.signal.aborted || this.#stopped) run.cancel()
    })
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
        return this.#becomeReady(current, { ...message, manifest: this.#wear.limit(message.manifest) })
      case 'began':
        return this.#began(current, message.id)
      case 'batch_failed':
        return this.#batchFailed(message)
      case 'setup_failed': // One that cannot go on says this too: then it answers the run that is at fault, and ends.
        this.#log(this.#options.onLoadFailed ? 'info' : 'error', faultFields(message), 'model cannot be set up')
        current.retiring = true
        this.#faults.failed(current, message)
        if (this.#isIdle) this.#replace(current, 'its setup failed')
        return
      case 'log':
        if (message.stream) current.heardText()
        if (message.id === undefined && this.#runs.size === 0) return current.saidAlone('log', message.message)
        return this.#runs.hear(message)
      case 'done':
      case 'failed':
      case 'canceled':
        return this.#answered(current, message)
      default:
        this.#runs.hear(message)
    }
  }

  #beat(current: CurrentProcess, beat: Extract<RunnerMessage, { type: 'heartbeat' }>): void {
    if (beat.healthy === undefined) return
    const health = current.heardBeat(beat.healthy)
    if (health === 'healthy') return this.#places.wake()
    this.#ahead.recall()
    this.#log('warn', { detail: beat.message, beats: current.unhealthyBeats }, 'runner is not healthy')
    if (health !== 'hopeless' || current.retiring) return
    current.retiring = true
    if (this.#isIdle) this.#replace(current, 'it is not healthy')
  }

  #becomeReady(current: CurrentProcess, { manifest, holds = false }: Extract<RunnerMessage, { type: 'ready' }>): void {
    if (current.readyAt !== undefined) return this.#faulted(current, 'it said ready twice')
    current.becameReady(holds && manifest.concurrency === 1)
    this.#batches = current.holds ? RunBatches.of(manifest, this.#batches) : undefined
    this.#ahead.size = this.#batches ?? { limit: 1 }
    this.#faults.last = undefined
    this.#manifest = manifest
    this.#log('info', { model: manifest.name, version: manifest.version }, 'runner ready')
    this.#places.wake()
  }

  #batchFailed({ ids, out_of_memory }: Extract<RunnerMessage, { type: 'batch_failed' }>): void {
    this.#runs.pause(ids)
    if (out_of_memory) this.#batches?.lackedMemory(ids.length)
    this.#ahead.shrink()
    const level = out_of_memory ? 'warn' : 'info'
    this.#log(level, { runs: ids.length, limit: this.mostHeld }, 'a batch failed; its runs are called again')
  }

  #began(current: CurrentProcess, id: string): void {
    if (this.#runs.resume(id)) return
    const follow = (request: RunRequest) => {
      this.#places.add()
      return this.#places.until(this.#follow(request, current), this.#onFault)
    }
    if (!this.#ahead.begin(id, follow)) this.#faulted(current, 'it began a run that it does not hold')
  }

  #answered(current: CurrentProcess, answer: RunAnswer): void {
    const one = this.#runs.answer(answer)
    if (typeof one === 'string') return this.#faulted(current, one)
    const why = this.#wear.ended(current, answer.type === 'failed' && answer.out_of_memory)
    if (why) this.#log('warn', { why }, 'the process takes no more runs')
    // What the run printed before it answered may still be in the other pipes.
    void nextTurn().then(() => {
      this.#runs.drop(one.run)
      one.settle(one.run.answered(answer))
      const onLate = () => this.#replace(current, 'it did not begin the run that it took')
      if (!this.#batches || current.retiring) this.#ahead.expect(this.#timings.beginMs, onLate)
      if (current.retiring && this.#isIdle) this.#replace(current, 'it cannot go on')
    })
  }

  #faulted(current: CurrentProcess, message: string): void {
    this.#log('warn', { detail: message }, 'runner broke the protocol')
    current.broken = true
    this.#faults.failed(current, { message })
    this.#runs.fault(message)
    this.#replace(current, message, 0)
  }

  #printed(current: CurrentProcess, stream: PrintStream, chunk: Buffer): void {
    if (current !== this.#current) return
    const { only, size } = this.#runs
    if (!this.#isIdle) current.heardText()
    if (size === 0) current.saidAlone(stream, chunk)
    // What is held may have begun, unless it can be taken back.
    else if (only && !this.#batches && this.#ahead.recall()) only.run.printed(stream, chunk)
    else if (current.mute()) this.#log('info', {}, 'what a model prints while it holds several runs is not kept')
  }

  /** The same, and none of its runs is blamed. */
  #displace(current: CurrentProcess, why: string): void {
    current.displacing = true
    this.#replace(current, why)
  }

  /** Ends the process. `#exited` does the rest. */
  #replace(current: CurrentProcess, why: string, termMs = this.#timings.termMs): void {
    current.retiring = true
    this.#ahead.recall()
    this.#log('info', { why }, 'runner is replaced')
    void current.child.kill(termMs)
  }

  #exited(current: CurrentProcess, exit: Exit): void {
    current.endSetup()
    this.#current = undefined
    if (!current.retiring) this.#batches?.crashed(exit.signal, this.#runs.going)
    this.#ahead.giveUp()
    this.#runs.exited(exit, current.displacing)
    if (this.#stopped) return
    this.#faults.failed(current, { message: `its process ended (${exit.signal ?? exit.exitCode ?? 'not started'})` })
    const { failedStart, delayMs } = this.#pace.after(current)
    const told = failedStart && this.#options.onLoadFailed !== undefined
    this.#log(told ? 'info' : 'warn', { ...exit, restartInMs: delayMs }, 'runner ended')
    this.#restart = setTimeout(() => this.#spawn(), delayMs)
  }

  #log(level: 'info' | 'warn' | 'error', fields: Record<string, unknown>, message: string): void {
    this.#options.logger[level]({ runner: this.#options.label, pid: this.pid, ...fields }, message)
  }
}
