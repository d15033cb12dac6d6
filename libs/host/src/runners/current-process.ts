/** What RunnerProcess knows of the one process it has at present; a new one begins with a new page. */
import type { PrintStream } from '@millrace/contracts'
import { LogBudget } from '../printed/log-budget.ts'
import { PrintedText } from '../printed/printed-text.ts'
import type { RunnerChild } from './runner-child.ts'

/** A runner that calls itself unhealthy so many times in a row is replaced. */
const UNHEALTHY_BEATS = 3

export class CurrentProcess {
  readonly child: RunnerChild
  /** Milliseconds of performance.now(); undefined while it loads. */
  readyAt: number | undefined
  /** Runs that it was given. */
  runs = 0
  /** It is to be replaced; takes no more runs. */
  retiring = false
  /** It broke the protocol; nothing it says is believed any more. */
  broken = false
  /** It was told that it could not load. */
  failed = false
  /** It is being killed because a run did not stop when asked. */
  displacing = false
  /** Heartbeats in a row that said it is not healthy. */
  unhealthyBeats = 0
  #memoryErrors = 0
  #suspected = false
  readonly #budget = new LogBudget()
  readonly #onSetupLine: (stream: PrintStream | 'log', line: string) => void
  readonly #setupText: PrintedText
  #muted = false

  /** `onSetupLine` hears what it says and prints while it loads. */
  constructor(child: RunnerChild, onSetupLine: (stream: PrintStream | 'log', line: string) => void) {
    this.child = child
    this.#onSetupLine = (stream, line) => {
      if (this.#budget.take(performance.now())) onSetupLine(stream, line)
    }
    this.#setupText = new PrintedText({ onLine: this.#onSetupLine })
  }

  /** Whether it may be given a run, as far as its own state goes. */
  get takesRuns(): boolean {
    return this.readyAt !== undefined && !this.retiring && this.unhealthyBeats === 0
  }

  /** Since it was ready; 0 when it never was. Milliseconds. */
  get livedMs(): number {
    return this.readyAt === undefined ? 0 : performance.now() - this.readyAt
  }

  /**
   * One of its runs lacked memory. What they hold may never be given back: true when it is to be replaced for that, now
   * that it was the `limit`-th; those that run may come to their end.
   */
  lackedMemory(limit: number): boolean {
    this.#memoryErrors += 1
    if (this.#memoryErrors < limit) return false
    this.retiring = true
    return true
  }

  /** Whether it has been silent for longer, as it also was when this was asked last: the asker may have slept itself. */
  isSilent(forMs: number): boolean {
    const suspected = this.#suspected
    this.#suspected = performance.now() - this.child.lastHeard > forMs
    return suspected && this.#suspected
  }

  /** Takes what is said or printed while it holds no run. Between runs it may still speak of the last: it is dropped. */
  saidAlone(stream: PrintStream | 'log', said: string | Buffer): void {
    if (this.readyAt !== undefined) return
    if (stream === 'log') this.#onSetupLine(stream, String(said))
    else this.#setupText.push(stream, Buffer.from(said))
  }

  /** It is ready, or it ended before that: nothing more belongs to its set-up. */
  endSetup(): void {
    this.#setupText.end()
  }

  /** True the first time: the log is told once that what it prints is dropped. */
  mute(): boolean {
    const first = !this.#muted
    this.#muted = true
    return first
  }

  /** Takes in what a heartbeat says of its health. */
  heardBeat(healthy: boolean): 'healthy' | 'unhealthy' | 'hopeless' {
    this.unhealthyBeats = healthy ? 0 : this.unhealthyBeats + 1
    if (healthy) return 'healthy'
    return this.unhealthyBeats < UNHEALTHY_BEATS ? 'unhealthy' : 'hopeless'
  }
}
