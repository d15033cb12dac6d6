/**
 * An action on all jobs that match, from its count to its end: what is counted is asked for again by number, so that nothing is done to
 * more jobs than somebody has seen. Held by the dialog of an action.
 */
import { signal } from '@preact/signals'
import type { JobAction, JobActionKind, JobActionRequest, JobFilter } from '@millrace/contracts'
import { call, CallError } from '../data/call.ts'

export type ActionStep =
  | { at: 'counting' }
  /** `isAgain`: it was counted once more, because the first count did not hold. */
  | { at: 'asking'; matched: number; isAgain: boolean }
  | { at: 'running'; action: JobAction }
  | { at: 'ended'; action: JobAction }
  | { at: 'failed'; fault: CallError }

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 2000

export class ActionRun {
  readonly step = signal<ActionStep>({ at: 'counting' })
  readonly kind: JobActionKind
  #filter: JobFilter
  readonly #stop = new AbortController()

  constructor(kind: JobActionKind, filter: JobFilter) {
    this.kind = kind
    this.#filter = filter
  }

  /** Counts what matches now; jobs that are submitted later are not meant. */
  count(isAgain = false): Promise<void> {
    return this.#try(async () => {
      this.step.value = { at: 'counting' }
      const counted = await this.#follow(await this.#begin({ dry_run: true }), () => undefined)
      const { created_before = counted.created_at } = this.#filter
      this.#filter = { ...this.#filter, created_before }
      this.step.value = { at: 'asking', matched: counted.matched ?? 0, isAgain }
    })
  }

  /** Does it to as many jobs as were counted. If there are more or less now, it counts again. */
  confirm(matched: number): Promise<void> {
    return this.#try(async () => {
      const told = (action: JobAction): void => {
        this.step.value = { at: 'running', action }
      }
      const ended = await this.#do(matched, told)
      if (ended === undefined || ended.status === 'refused') await this.count(true)
      else this.step.value = { at: 'ended', action: ended }
    })
  }

  /** Stops an action that goes on. What it did stays done. */
  cancel(): Promise<void> {
    const step = this.step.value
    if (step.at !== 'running') return Promise.resolve()
    return this.#try(async () => {
      await call(`v1/job-actions/${step.action.id}/cancel`, { method: 'POST' })
    })
  }

  /** The dialog is gone. An action that was begun goes on: the server does it. */
  close(): void {
    this.#stop.abort()
  }

  /** Undefined when the count did not hold any more. */
  async #do(matched: number, told: (action: JobAction) => void): Promise<JobAction | undefined> {
    try {
      return await this.#follow(await this.#begin({ expect_count: matched }), told)
    } catch (error) {
      if (error instanceof CallError && error.status === 409) return undefined
      throw error
    }
  }

  #begin(rest: Pick<JobActionRequest, 'dry_run' | 'expect_count'>): Promise<JobAction> {
    const body: JobActionRequest = { filter: this.#filter, action: this.kind, ...rest }
    return call<JobAction>('v1/job-actions', { method: 'POST', body, signal: this.#stop.signal })
  }

  async #follow(action: JobAction, told: (action: JobAction) => void): Promise<JobAction> {
    let pause = FIRST_PAUSE_MS
    for (;;) {
      if (action.finished_at !== null) return action
      told(action)
      await new Promise((resolve) => setTimeout(resolve, pause))
      pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)
      action = await this.#read(action)
    }
  }

  /** The server may be restarting: the action goes on afterwards, and so does whoever follows it. */
  async #read(action: JobAction): Promise<JobAction> {
    try {
      return await call<JobAction>(`v1/job-actions/${action.id}`, { signal: this.#stop.signal })
    } catch (error) {
      if (error instanceof CallError && (error.code === 'unreachable' || error.status >= 500)) return action
      throw error
    }
  }

  async #try(act: () => Promise<void>): Promise<void> {
    try {
      await act()
    } catch (error) {
      if (this.#stop.signal.aborted) return
      if (!(error instanceof CallError)) throw error
      this.step.value = { at: 'failed', fault: error }
    }
  }
}
