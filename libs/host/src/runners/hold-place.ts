/**
 * The place for runs that were sent ahead: they wait in the runner behind the one that goes on. There is one, or as many as the model
 * takes in one call. An empty folder in the work folder of each decides who has it: whoever removes that, the runner to begin the run
 * or this side to take it back. So it comes back at once, however busy the runner is, and never both have it. RunnerProcess keeps one.
 *
 * What waits here is no run yet, and no fault of the process falls on it. It comes back whenever the process is not to go on with
 * it, and is a run from the moment on in which the process says `began`.
 */
import { mkdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { NOT_BEGUN, TAKEN_BACK } from './not-run.ts'
import type { HeldRun, RunOutcome, RunRequest } from '../runner.ts'

/** Of a run that could not be held. */
export const NOT_HELD: HeldRun = { outcome: Promise.resolve(TAKEN_BACK), recall: () => true }

/** No two folders have one name, for a runner may still know of a run that was taken back. */
let folders = 0

interface Waiting {
  request: RunRequest
  folder: string
  settle(outcome: RunOutcome | Promise<RunOutcome>): void
}

export class HoldPlace {
  readonly #onFree: () => void
  /** How many may wait. */
  size: { readonly limit: number } = { limit: 1 }
  /** By their ids, in the order in which they came. */
  readonly #waiting = new Map<string, Waiting>()
  #late: NodeJS.Timeout | undefined

  /** `onFree` is called when a run was taken back. */
  constructor(onFree: () => void) {
    this.#onFree = onFree
  }

  /** Nothing waits. */
  get isFree(): boolean {
    return this.#waiting.size === 0
  }

  /** One more may wait. */
  get hasRoom(): boolean {
    return this.#waiting.size < this.size.limit
  }

  /** Holds a run and calls `send` with the name of its folder. Only while it has room. */
  put(request: RunRequest, send: (name: string) => void): HeldRun {
    const name = `.held-${++folders}`
    const folder = join(request.workDir, name)
    try {
      mkdirSync(folder)
    } catch {
      return NOT_HELD
    }
    let settle: Waiting['settle'] = () => undefined
    const outcome = new Promise<RunOutcome>((resolve) => (settle = resolve))
    const own: Waiting = { request, folder, settle }
    this.#waiting.set(request.id, own)
    const recall = () => this.#recall(own)
    request.signal.addEventListener('abort', recall)
    send(name)
    return { outcome: outcome.finally(() => request.signal.removeEventListener('abort', recall)), recall }
  }

  /** Takes back all that wait. False: the runner has one of them, and begins it. */
  recall(): boolean {
    for (const one of [...this.#waiting.values()]) this.#recall(one)
    return this.isFree
  }

  /** Takes back the newest, until no more wait than may. */
  shrink(): void {
    for (const one of [...this.#waiting.values()].reverse()) if (this.#waiting.size > this.size.limit) this.#recall(one)
  }

  /** The run before it has its answer: what the runner has not taken by now comes back. If it does not begin what it took, `onLate` is called. */
  expect(withinMs: number, onLate: () => void): void {
    if (!this.recall()) this.#late ??= setTimeout(onLate, withinMs)
  }

  /** The runner says that it begins that run; `follow` gives its outcome. False: it does not wait here. */
  begin(id: string, follow: (request: RunRequest) => Promise<RunOutcome>): boolean {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) return false
    this.#drop(waiting)
    waiting.settle(follow(waiting.request))
    return true
  }

  /** The process is gone. It never said that it begins what waits, so the model did not. */
  giveUp(): void {
    this.recall()
    for (const one of [...this.#waiting.values()]) this.#giveBack(one)
  }

  #recall(own: Waiting): boolean {
    if (this.#waiting.get(own.request.id) !== own) return false
    try {
      rmdirSync(own.folder)
    } catch {
      return false
    }
    this.#giveBack(own)
    return true
  }

  #giveBack(own: Waiting): void {
    this.#drop(own)
    own.settle(own.request.signal.aborted ? NOT_BEGUN : TAKEN_BACK)
    this.#onFree()
  }

  #drop({ request }: Waiting): void {
    this.#waiting.delete(request.id)
    if (!this.isFree) return
    clearTimeout(this.#late)
    this.#late = undefined
  }
}
