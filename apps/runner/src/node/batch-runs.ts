/**
 * The runs of a model that takes several in one call, in its process: they wait until the model is free, then as many as may go together
 * begin at once. Greedy: it waits for more only as long as the model says. Made by model-process.ts.
 */
import { rmdirSync } from 'node:fs'
import { join } from 'node:path'
import type { HostMessage, Manifest } from '@millrace/contracts'
import { type AnyModel, type BatchItem, callBatch } from '@millrace/model'
import type { AnswerableRun } from './answer-run.ts'
import { BatchCall } from './batch-call.ts'
import type { HostPipe } from './host-pipe.ts'
import { lookAround } from './look-around.ts'

type RunOrder = Extract<HostMessage, { type: 'run' }>

export interface BatchRunsOptions {
  model: AnyModel
  /** The value that its `setup` returned. */
  state: unknown
  batch: NonNullable<Manifest['batch']>
  pipe: Pick<HostPipe, 'send'>
  /** Begins a run, whose model is called by `call`. */
  begin(order: RunOrder, call: (item: BatchItem) => Promise<unknown>): AnswerableRun
}

interface Waiting {
  order: RunOrder
  sinceMs: number
}

export class BatchRuns {
  readonly #options: BatchRunsOptions
  #waiting: Waiting[] = []
  /** A call goes on, or is about to. */
  #isBusy = false
  /** The end of the last run that was alone. */
  #alone: Promise<void> = Promise.resolve()
  #isStopping = false
  #onFull: () => void = () => undefined

  constructor(options: BatchRunsOptions) {
    this.#options = options
  }

  /** A run was sent ahead. It begins when the model is free, unless the host has taken it back by then. */
  put(order: RunOrder): void {
    this.#waiting.push({ order, sinceMs: performance.now() })
    if (this.#waiting.length >= this.#options.batch.max_size) this.#onFull()
    void this.#work()
  }

  /** No call begins before that run, which is alone, has ended. */
  after(run: AnswerableRun): void {
    this.#alone = run.ended
  }

  /** Begins nothing more. */
  stop(): void {
    this.#isStopping = true
    this.#waiting = []
  }

  async #work(): Promise<void> {
    if (this.#isBusy) return
    this.#isBusy = true
    while (this.#waiting.length > 0) {
      await this.#gather()
      const orders = this.#take()
      if (orders.length > 0) await this.#callFor(orders)
    }
    this.#isBusy = false
  }

  /** Until all is read that was sent by now; and, if the model says so, until there are enough or the first has waited so long. */
  async #gather(): Promise<void> {
    await this.#alone
    await lookAround()
    const { max_size, max_wait_ms } = this.#options.batch
    const [first] = this.#waiting
    if (max_wait_ms === 0 || first === undefined || this.#waiting.length >= max_size) return
    const leftMs = first.sinceMs + max_wait_ms - performance.now()
    if (leftMs <= 0) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, leftMs)
      this.#onFull = () => (clearTimeout(timer), resolve())
    })
    this.#onFull = () => undefined
  }

  /** As many as one call may have: whoever removes the folder of a run has it. */
  #take(): RunOrder[] {
    const taken: RunOrder[] = []
    while (!this.#isStopping && taken.length < this.#options.batch.max_size) {
      const next = this.#waiting.shift()?.order
      if (next === undefined) break
      if (isTaken(next)) taken.push(next)
    }
    return taken
  }

  async #callFor(orders: readonly RunOrder[]): Promise<void> {
    const { model, state, pipe, begin } = this.#options
    const began = (ids: readonly string[]) => {
      for (const id of ids) pipe.send({ type: 'began', id })
    }
    const ids = orders.map(({ id }) => id)
    began(ids)
    const call = new BatchCall({
      ids,
      call: (items) => callBatch(model, state, items),
      onFailed: (failed, lacksMemory) =>
        pipe.send({ type: 'batch_failed', ids: failed, ...(lacksMemory && { out_of_memory: true }) }),
      onAgain: began,
    })
    const ends = orders.map(async (order) => {
      const run = begin(order, (item) => call.join(order.id, item))
      await run.ended
      call.left(order.id)
    })
    await Promise.all([call.over, ...ends])
  }
}

function isTaken({ work_dir: workDir, held }: RunOrder): boolean {
  if (held === undefined) return false
  try {
    rmdirSync(join(workDir, held))
    return true
  } catch {
    return false
  }
}
