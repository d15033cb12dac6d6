/** What RunnerProcess knows of the one process it has at present; a new one begins with a new page. */
import { LogBudget } from './log-budget.ts'
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
  readonly #printed = new LogBudget()
  #muted = false

  constructor(child: RunnerChild) {
    this.child = child
  }

  /** Whether it may be given a run, as far as its own state goes. */
  get takesRuns(): boolean {
    return this.readyAt !== undefined && !this.retiring && this.unhealthyBeats === 0
  }

  /** Since it was ready; 0 when it never was. Milliseconds. */
  get livedMs(): number {
    return this.readyAt === undefined ? 0 : performance.now() - this.readyAt
  }

  /** True when one more line that it prints while it loads may be shown. */
  maySay(now: number): boolean {
    return this.readyAt === undefined && this.#printed.take(now)
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
