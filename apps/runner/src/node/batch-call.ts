/**
 * One call of the model for several runs. Each run comes with its checked input, or ends before that; when all have, the model is called
 * once for those that came. If that call raises, they are called again: one by one, or in halves where the memory was not enough for all.
 * Made by batch-runs.ts.
 */
import { AsyncResource } from 'node:async_hooks'
import type { BatchItem } from '@millrace/model'
import { lackedMemory } from './lacked-memory.ts'
import { outsideRuns } from './run-text.ts'

interface BatchCallOptions {
  /** The runs, by their ids. */
  ids: readonly string[]
  /** Calls the model. Gives as many outputs. */
  call(items: readonly BatchItem[]): Promise<unknown[]>
  /** A call for these runs raised; each will begin again, or has its answer. */
  onFailed(ids: string[], lacksMemory: boolean): void
  /** These runs begin again. */
  onAgain(ids: string[]): void
}

/** A run that came. */
interface Member extends BatchItem {
  id: string
  /** It has no output yet, and is not stopped. */
  isOpen: boolean
  /** A part of its output was sent, so it cannot begin again. */
  hasEmitted: boolean
  resolve(output: unknown): void
  reject(error: unknown): void
  /** Calls something as code of this run. */
  within<Result>(act: () => Result): Result
}

export class BatchCall {
  readonly #options: BatchCallOptions
  /** Ids of those that have not come yet. */
  readonly #awaited: Set<string>
  readonly #members: Member[] = []
  /** Those in the call that goes on. */
  #called: readonly Member[] = []
  #end: () => void = () => undefined
  /** Resolves when the model is left. */
  readonly over = new Promise<void>((resolve) => (this.#end = resolve))

  constructor(options: BatchCallOptions) {
    this.#options = options
    this.#awaited = new Set(options.ids)
  }

  /** The run with that id comes. Resolves with its output; rejects when it failed, or when it is stopped and others go on. */
  join(id: string, { input, ctx }: BatchItem): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const own: Member = {
        ...{ id, input, isOpen: true, hasEmitted: false },
        ctx: { ...ctx, emit: (chunk) => ((own.hasEmitted = true), ctx.emit(chunk)) },
        resolve: (output) => this.#close(own, () => resolve(output)),
        reject: (error) => this.#close(own, () => reject(error)),
        within: AsyncResource.bind(<Result>(act: () => Result) => act()),
      }
      ctx.signal.addEventListener('abort', () => this.#stopped(own))
      this.#members.push(own)
      this.left(id)
    })
  }

  /** The run with that id does not come any more. */
  left(id: string): void {
    if (this.#awaited.delete(id) && this.#awaited.size === 0) void this.#callAll().finally(this.#end)
  }

  #close(own: Member, tell: () => void): void {
    if (!own.isOpen) return
    own.isOpen = false
    tell()
  }

  /** The others go on without it. The model hears of it itself when nobody else is in its call. */
  #stopped(own: Member): void {
    const isLast = this.#called.includes(own) && !this.#called.some((other) => other !== own && other.isOpen)
    if (!isLast) own.reject(own.ctx.signal.reason)
  }

  async #callAll(): Promise<void> {
    for (const own of this.#members) if (own.ctx.signal.aborted) own.reject(own.ctx.signal.reason)
    await this.#callSome(this.#members)
  }

  /** Calls the model for those of them that are open, and again for fewer if that raises. Never rejects. */
  async #callSome(members: readonly Member[]): Promise<void> {
    const called = members.filter(({ isOpen }) => isOpen)
    if (called.length === 0) return
    this.#called = called
    try {
      const outputs = await this.#call(called)
      for (const [i, own] of called.entries()) settle(own, outputs[i])
    } catch (error) {
      await this.#callAgain(called, error)
    }
  }

  /** What is printed while several are in the call belongs to none of them. */
  #call(called: readonly Member[]): Promise<unknown[]> {
    const [only] = called
    const call = () => this.#options.call(called)
    return called.length === 1 && only ? only.within(call) : outsideRuns(call)
  }

  async #callAgain(called: readonly Member[], error: unknown): Promise<void> {
    for (const own of called) {
      if (called.length === 1 || own.hasEmitted || own.ctx.signal.aborted) own.reject(error)
    }
    const left = called.filter(({ isOpen }) => isOpen)
    if (left.length === 0) return
    const lacksMemory = lackedMemory(error)
    this.#options.onFailed(idsOf(left), lacksMemory)
    for (const part of lacksMemory ? halvesOf(left) : left.map((own) => [own])) {
      const open = part.filter(({ isOpen }) => isOpen)
      if (open.length > 0) this.#options.onAgain(idsOf(open))
      await this.#callSome(open)
    }
  }
}

const idsOf = (members: readonly Member[]): string[] => members.map(({ id }) => id)

function halvesOf(members: readonly Member[]): Member[][] {
  const middle = Math.ceil(members.length / 2)
  return [members.slice(0, middle), members.slice(middle)]
}

function settle(own: Member, output: unknown): void {
  if (output instanceof Error) own.reject(output)
  else own.resolve(output)
}
