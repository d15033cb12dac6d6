/**
 * The state of the one process that RunnerProcess has at present. A new process gets a new state.
 *
 * It is in one of these modes:
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
 */
import type { PrintStream } from '@millrace/contracts'
import { LogBudget } from '../printed/log-budget.ts'
import { PrintedText } from '../printed/printed-text.ts'
import type { RunnerChild } from './runner-child.ts'

/** After so many reports in a row that it is unhealthy, a runner is replaced. */
const UNHEALTHY_BEATS = 3
/** Many models print once, in their first run. */
const FIRST_RUNS = 2

export class CurrentProcess {
  readonly child: RunnerChild
  /** When it became ready, in milliseconds of performance.now(). Undefined while it loads. */
  readyAt: number | undefined
  /** How many runs it was given. */
  runs = 0
  /** It will be replaced, so it takes no more runs. */
  retiring = false
  /** It said that it can hold a run behind the one that goes on. */
  holds = false
  /** It broke the protocol. Nothing that it says is believed any more. */
  broken = false
  /** It is being killed because a run did not stop when asked. */
  displacing = false
  /** Heartbeats in a row that said it is not healthy. */
  unhealthyBeats = 0
  #memoryErrors = 0
  #prints = false
  #suspected = false
  readonly #budget = new LogBudget()
  readonly #onSetupLine: (stream: PrintStream | 'log', line: string) => void
  readonly #setupText: PrintedText
  #muted = false

  /** `onSetupLine` is called with each line that the process logs or prints while it loads. */
  constructor(child: RunnerChild, onSetupLine: (stream: PrintStream | 'log', line: string) => void) {
    this.child = child
    this.#onSetupLine = (stream, line) => {
      if (this.#budget.take(performance.now())) onSetupLine(stream, line)
    }
    this.#setupText = new PrintedText({ onLine: this.#onSetupLine })
  }

  /** True when its own state lets it take a run. */
  get takesRuns(): boolean {
    return this.readyAt !== undefined && !this.retiring && this.unhealthyBeats === 0
  }

  /**
   * True when it may be given a run behind the one that goes on. Never one whose runs print: of the text in its pipes nobody could
   * tell then whose it is.
   */
  get mayHold(): boolean {
    return this.holds && this.takesRuns && !this.#prints && this.runs > FIRST_RUNS
  }

  /** Text of a run came. */
  heardText(): void {
    if (this.runs > FIRST_RUNS) this.#prints = true
  }

  /** Its model is loaded. `holds`: it can hold a run behind the one that goes on. What comes now no longer belongs to the set-up. */
  becameReady(holds: boolean): void {
    this.endSetup()
    this.readyAt = performance.now()
    this.holds = holds
  }

  /** Asks it to shut down, kills it after the grace, and resolves when it is gone. */
  async shutDown(graceMs: number): Promise<void> {
    this.child.send({ type: 'shutdown' })
    const timer = setTimeout(() => void this.child.kill(0), graceMs)
    await this.child.exited
    clearTimeout(timer)
  }

  /** How long it has lived since it was ready; 0 when it never was. Milliseconds. */
  get livedMs(): number {
    return this.readyAt === undefined ? 0 : performance.now() - this.readyAt
  }

  /**
   * Notes that one of its runs lacked memory. Returns true at the `limit`-th time: then the process is replaced, because it
   * may never give its memory back. Runs in progress may still end.
   */
  lackedMemory(limit: number): boolean {
    this.#memoryErrors += 1
    if (this.#memoryErrors < limit) return false
    this.retiring = true
    return true
  }

  /**
   * True when it has been silent for longer than this, both now and at the last call. One look is not enough, because this
   * process may have been asleep itself.
   */
  isSilent(forMs: number): boolean {
    const suspected = this.#suspected
    this.#suspected = performance.now() - this.child.lastHeard > forMs
    return suspected && this.#suspected
  }

  /**
   * Takes what is said or printed while it holds no run. After the set-up it is dropped, because it may still belong to the
   * last run.
   */
  saidAlone(stream: PrintStream | 'log', said: string | Buffer): void {
    if (this.readyAt !== undefined) return
    if (stream === 'log') this.#onSetupLine(stream, String(said))
    else this.#setupText.push(stream, Buffer.from(said))
  }

  /** The process is ready, or it ended before that. What comes now no longer belongs to the set-up. */
  endSetup(): void {
    this.#setupText.end()
  }

  /** True the first time only, so that the log tells once that printed text is dropped. */
  mute(): boolean {
    const first = !this.#muted
    this.#muted = true
    return first
  }

  /** Notes the health that a heartbeat reports. */
  heardBeat(healthy: boolean): 'healthy' | 'unhealthy' | 'hopeless' {
    this.unhealthyBeats = healthy ? 0 : this.unhealthyBeats + 1
    if (healthy) return 'healthy'
    return this.unhealthyBeats < UNHEALTHY_BEATS ? 'unhealthy' : 'hopeless'
  }
}
