/** One thread for costly checks, seen from the event loop. Owned by check-threads.ts. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { CheckTooCostlyError, UnusableSchemaError } from '../validator/check-errors.ts'
import type { ThreadAnswer, ThreadOrder } from './check-thread-protocol.ts'
import type { Verdict } from '../validator/schema-runner.ts'

/** The thread ended by itself, for no reason that lies in the check. */
export class ThreadDiedError extends Error {
  constructor(options?: ErrorOptions) {
    super('a thread for checks ended unexpectedly', options)
    this.name = 'ThreadDiedError'
  }
}

export interface ThreadBounds {
  /** Until a thread has started. Milliseconds. */
  startMs: number
  /** Heap of a thread. Megabytes. */
  heapMb: number
}

type End = { answer: ThreadAnswer } | { error: Error }

const MAX_KNOWN = 50

export class CheckThread {
  readonly #worker: Worker
  readonly #exited: Promise<unknown>
  /** Keys of the schemas that it has been told. */
  readonly #known = new Set<string>()
  readonly #ready: Promise<void>
  #hear: (end: End) => void = () => undefined
  /** It takes no more orders. */
  isOver = false

  constructor(bounds: ThreadBounds) {
    this.#worker = new Worker(entry(), {
      // Flags of the process, such as loaders, are not meant for it.
      execArgv: [],
      // Nothing of the process' environment is of use there.
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: bounds.heapMb, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
    })
    this.#exited = new Promise((resolve) => this.#worker.once('exit', resolve))
    this.#worker.on('message', (answer: ThreadAnswer) => this.#hear({ answer }))
    this.#worker.on('error', (error: Error) => this.#end(error))
    this.#worker.once('exit', () => this.#end(new ThreadDiedError()))
    this.#ready = this.#next(bounds.startMs, () => new ThreadDiedError()).then(() => undefined)
    this.#ready.catch(() => undefined)
    this.#worker.unref()
  }

  /** Whether it is worth while to give it another order. */
  get isFull(): boolean {
    return this.#known.size >= MAX_KNOWN
  }

  /**
   * The verdict, or undefined when only the validator was to be made. The time begins when the thread runs. Rejects with
   * CheckTooCostlyError, UnusableSchemaError, ThreadDiedError.
   */
  async run({ schema, ...order }: ThreadOrder, withinMs: number): Promise<Verdict | undefined> {
    // While it is busy, the process stays for it.
    this.#worker.ref()
    try {
      await this.#ready
      const isNew = !this.#known.has(order.key)
      this.#known.add(order.key)
      this.#worker.postMessage(isNew ? { ...order, schema } : order)
      return await this.#verdict(withinMs)
    } finally {
      this.#worker.unref()
    }
  }

  async #verdict(withinMs: number): Promise<Verdict | undefined> {
    const until = performance.now() + withinMs
    let first: Verdict | undefined
    for (;;) {
      try {
        const answer = await this.#next(until - performance.now(), () => new CheckTooCostlyError('time'))
        if (answer.kind === 'done') return answer.verdict
        if (answer.kind === 'made') return undefined
        if (answer.kind === 'first') first = answer.verdict
        if (answer.kind === 'costly') throw new CheckTooCostlyError(answer.reason)
        if (answer.kind === 'unusable') throw new UnusableSchemaError(answer.message)
      } catch (error) {
        // The first fault is known, only the rest would have cost too much.
        if (first && !(error instanceof UnusableSchemaError)) return first
        throw error
      }
    }
  }

  /** Its next word. When none comes in time it is stopped, and rejects with `late`. */
  #next(withinMs: number, late: () => Error): Promise<ThreadAnswer> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#end(late()), withinMs)
      this.#hear = (end) => {
        clearTimeout(timer)
        this.#hear = () => undefined
        if ('answer' in end) resolve(end.answer)
        else reject(end.error)
      }
    })
  }

  #end(error: Error): void {
    this.isOver = true
    const isMemory = (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY'
    const isOurs = error instanceof CheckTooCostlyError || error instanceof ThreadDiedError
    this.#hear({
      error: isMemory ? new CheckTooCostlyError('memory') : isOurs ? error : new ThreadDiedError({ cause: error }),
    })
    void this.#worker.terminate()
  }

  /** Resolves when it is gone. Safe twice. */
  async stop(): Promise<void> {
    this.isOver = true
    void this.#worker.terminate()
    await this.#exited
  }
}

/** From the translation, if this runs from one, else from the source. */
function entry(): URL {
  const translated = join(import.meta.dirname, 'check-thread-main.mjs')
  if (existsSync(translated)) return pathToFileURL(translated)
  return new URL('./check-thread-source.mjs', import.meta.url)
}
