/**
 * The place for one run that was sent ahead: it waits in the runner behind the run that goes on. An empty folder in its work
 * folder decides who has it: whoever removes that, the runner to begin the run or this side to take it back. So it comes back at
 * once, however busy the runner is, and never both have it. RunnerProcess keeps one.
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
  #waiting: Waiting | undefined
  #late: NodeJS.Timeout | undefined

  /** `onFree` is called when a run was taken back. */
  constructor(onFree: () => void) {
    this.#onFree = onFree
  }

  get isFree(): boolean {
    return this.#waiting === undefined
  }

  /** Holds a run and calls `send` with the name of its folder. Only while it is free. */
  put(request: RunRequest, send: (name: string) => void): HeldRun {
    const name = `.held-${++folders}`
    const folder = join(request.workDir, name)
    try {
      mkdirSync(folder)
    } catch {
      return NOT_HELD
    }
    const outcome = new Promise<RunOutcome>((settle) => (this.#waiting = { request, folder, settle }))
    const own = this.#waiting
    const recall = () => this.#waiting === own && this.recall()
    request.signal.addEventListener('abort', recall)
    send(name)
    return { outcome: outcome.finally(() => request.signal.removeEventListener('abort', recall)), recall }
  }

  /** Takes back what waits. False: the runner has it, and begins it. */
  recall(): boolean {
    if (this.#waiting === undefined) return true
    try {
      rmdirSync(this.#waiting.folder)
    } catch {
      return false
    }
    this.#end(this.#waiting)
    return true
  }

  /** The run before it has its answer: what the runner has not taken by now comes back. If it does not begin what it took, `onLate` is called. */
  expect(withinMs: number, onLate: () => void): void {
    if (!this.recall()) this.#late ??= setTimeout(onLate, withinMs)
  }

  /** The runner says that it begins that run; `follow` gives its outcome. False: it does not wait here. */
  begin(id: string, follow: (request: RunRequest) => Promise<RunOutcome>): boolean {
    const waiting = this.#waiting
    if (waiting?.request.id !== id) return false
    this.#clear()
    waiting.settle(follow(waiting.request))
    return true
  }

  /** The process is gone. It never said that it begins what waits, so the model did not. */
  giveUp(): void {
    if (!this.recall() && this.#waiting) this.#end(this.#waiting)
  }

  #end({ request, settle }: Waiting): void {
    this.#clear()
    settle(request.signal.aborted ? NOT_BEGUN : TAKEN_BACK)
    this.#onFree()
  }

  #clear(): void {
    this.#waiting = undefined
    clearTimeout(this.#late)
    this.#late = undefined
  }
}
