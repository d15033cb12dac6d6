/**
 * The runs that one runner process has at a time, by id. It knows to which run a message belongs, and which runs are left
 * when the process ends. RunnerProcess keeps one and decides what a message means for the process.
 *
 * There may be several (`concurrency`, or a batch). Then a crash is told to each of them as `shared`, and a kill after an ignored stop
 * displaces the others, blaming nobody. A printed line goes to the run only while there is one, for of several one could see what
 * belongs to another. A run's text begins and ends with it (printed-text.ts).
 */
import type { ActiveRun, RunAnswer, RunMessage } from './active-run.ts'
import type { RunOutcome } from '../runner.ts'
import type { Exit } from './runner-child.ts'

export interface OpenRun {
  readonly run: ActiveRun
  answered: boolean
  settle(outcome: RunOutcome | Promise<RunOutcome>): void
}

export class ActiveRuns {
  readonly #open = new Map<string, OpenRun>()

  get size(): number {
    return this.#open.size
  }

  /** The only run, if there is exactly one. A message without an id is about it. */
  get only(): OpenRun | undefined {
    return this.#open.size === 1 ? this.#open.values().next().value : undefined
  }

  /** The only run goes on, and was not asked to stop: another may be held behind it. */
  get canBeFollowed(): boolean {
    const { only } = this
    return only !== undefined && !only.answered && !only.run.stopping
  }

  /** How many go on: those that have no answer and do not wait for another turn. */
  get going(): number {
    return this.unanswered.filter(({ run }) => !run.isPaused).length
  }

  /** The runs that wait for their answer. */
  get unanswered(): OpenRun[] {
    return [...this.#open.values()].filter((one) => !one.answered)
  }

  /**
   * Follows a run to its outcome. Calls `begin` only once it is kept, so that no answer can come before the run is known.
   */
  async follow(run: ActiveRun, begin: () => void): Promise<RunOutcome> {
    const { id } = run.request
    if (this.#open.has(id)) throw new Error('two runs have one id')
    try {
      return await new Promise<RunOutcome>((settle) => {
        this.#open.set(id, { run, answered: false, settle })
        begin()
      })
    } finally {
      this.drop(run)
      run.end()
    }
  }

  /** The call with these runs failed, and each waits for another turn. */
  pause(ids: readonly string[]): void {
    const named = new Set(ids)
    const these = this.unanswered.filter(({ run }) => named.has(run.request.id))
    for (const { run } of these) run.pause(these.length)
  }

  /** A run that waited for another turn has it. False: there is none. */
  resume(id: string): boolean {
    const run = this.#open.get(id)?.run
    if (!run?.isPaused) return false
    run.resume()
    return true
  }

  drop(run: ActiveRun): void {
    if (this.#open.get(run.request.id)?.run === run) this.#open.delete(run.request.id)
  }

  /** Gives a message to its run. That may have ended already; then nobody needs it. */
  hear(message: RunMessage): void {
    const one = message.id === undefined ? this.only : this.#open.get(message.id)
    one?.run.hear(message)
  }

  /** The run whose answer this is, which is not asked to stop any more; or what is wrong with the answer. */
  answer(answer: RunAnswer): OpenRun | string {
    const one = this.#open.get(answer.id)
    if (one === undefined) return 'it answered a run that it was not given'
    if (answer.type === 'canceled' && !one.run.stopping) return 'it said canceled without being asked'
    if (one.answered) return 'it answered a run twice'
    one.answered = true
    one.run.stopClock()
    return one
  }

  /** The process broke the protocol. With several runs nobody knows whose words these were, so for each of them it counts as a crash. */
  fault(message: string): void {
    const [one, another] = this.unanswered
    if (!another) one?.run.fault(message)
  }

  /** The process is gone: gives each run that had no answer its outcome. `displaced`: it was killed because of one of them. */
  exited(exit: Exit, displaced: boolean): void {
    const shared = this.going > 1
    for (const { run, settle } of this.unanswered) settle(run.exited(exit, { displaced, shared }))
  }
}
