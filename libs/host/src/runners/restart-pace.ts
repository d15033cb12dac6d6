/** Decides how soon a runner's next process is started after the last one has ended. Kept by RunnerProcess. */
import type { CurrentProcess } from './current-process.ts'
import type { RunnerTimings } from './runner-process-options.ts'

export class RestartPace {
  readonly #timings: RunnerTimings
  /** How many starts in a row failed. */
  #failures = 0

  constructor(timings: RunnerTimings) {
    this.#timings = timings
  }

  /**
   * Notes how that process did. The next one starts at once after a process that worked, and with growing delay after one
   * that could not start.
   */
  after({ runs, livedMs }: Pick<CurrentProcess, 'runs' | 'livedMs'>): { failedStart: boolean; delayMs: number } {
    const { steadyMs, restartMinMs, restartMaxMs } = this.#timings
    const failedStart = runs === 0 && livedMs < steadyMs
    this.#failures = failedStart ? this.#failures + 1 : 0
    const delayMs = failedStart ? Math.min(restartMaxMs, restartMinMs * 2 ** (this.#failures - 1)) : 0
    return { failedStart, delayMs }
  }
}
