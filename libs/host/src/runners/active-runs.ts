/**
 * The runs that one runner process holds at a time, by id: whose words are whose, and who is left when it ends.
 * RunnerProcess keeps one; what a message means is decided there.
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

  /** The run that everything said without an id is about: the only one there is. */
  get only(): HeldRun | undefined {
    return this.#held.size === 1 ? this.#held.values().next().value : undefined
  }

  /** Those that wait for their answer. */
  get unanswered(): HeldRun[] {
    return [...this.#held.values()].filter((held) => !held.answered)
  }

  /** Holds a run until `drop`; `begin` is called once answers to it are understood. Resolves with its outcome. */
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
