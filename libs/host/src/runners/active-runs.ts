/**
 * The runs that one runner process holds at a time, by id. It knows to which run a message belongs, and which runs are left
 * when the process ends. RunnerProcess keeps one and decides what a message means.
 */
import type { ActiveRun } from './active-run.ts'
import type { RunOutcome } from '../runner.ts'

export interface HeldRun {
  readonly run: ActiveRun
  answered: boolean
  settle(outcome: RunOutcome | Promise<RunOutcome>): void
}

export class ActiveRuns {
  readonly #held = new Map<string, HeldRun>()

  get size(): number {
    return this.#held.size
  }

  get(id: string): HeldRun | undefined {
    return this.#held.get(id)
  }

  /** The only run, if there is exactly one. A message without an id is about it. */
  get only(): HeldRun | undefined {
    return this.#held.size === 1 ? this.#held.values().next().value : undefined
  }

  /** The runs that wait for their answer. */
  get unanswered(): HeldRun[] {
    return [...this.#held.values()].filter((held) => !held.answered)
  }

  /**
   * Holds a run until `drop`. Calls `begin` only once it is held, so that no answer can come before the run is known.
   * Resolves with the outcome.
   */
  hold(run: ActiveRun, begin: () => void): Promise<RunOutcome> {
    const { id } = run.request
    if (this.#held.has(id)) throw new Error('two runs have one id')
    return new Promise((settle) => {
      this.#held.set(id, { run, answered: false, settle })
      begin()
    })
  }

  drop(run: ActiveRun): void {
    if (this.#held.get(run.request.id)?.run === run) this.#held.delete(run.request.id)
  }
}
