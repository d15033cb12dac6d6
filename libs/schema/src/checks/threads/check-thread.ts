/** One thread for costly checks, seen from the event loop. Owned by check-threads.ts. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { CheckTooCostlyError, UnusableSchemaError } from '../validator/check-errors.ts'
import type { ThreadAnswer, ThreadOrder } from './check-thread-protocol.ts'
import type { Verdict } from '../validator/schema-runner.ts'

/** The thread ended by itself. The check was not the reason. */
export class ThreadDiedError extends Error {
  constructor(options?: ErrorOptions) {
    super('a thread for checks ended unexpectedly', options)
    this.name = 'ThreadDiedError'
  }
}

export interface ThreadBounds {
  /** How long a thread may take to start. Milliseconds. */
  startMs: number
  /** How much heap a thread may use. Megabytes. */
  heapMb: number
}

type End = { answer: ThreadAnswer } | { error: Error }

const MAX_KNOWN = 50

export class CheckThread {
  readonly #worker: Worker
  readonly #exited: Promise<unknown>
  /** Keys of the schemas that this thread already knows. */
  readonly #known = new Set<string>()
  readonly #ready: Promise<void>
  #hear: (end: End) => void = () => undefined
  /** True once it takes no more orders. */
  isOver = false

  constructor(bounds: ThreadBounds) {
    this.#worker = new Worker(entry(), {
      // The process may have flags, such as loaders, that must not act on this thread.
      execArgv: [],
      // The thread needs no environment variables.
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

  /** True when it knows so many schemas that a new thread should take its place. */
  get isFull(): boolean {
    return this.#known.size >= MAX_KNOWN
  }

  /**
   * Resolves with the verdict, or with undefined when only the validator was to be made. The time counts from when the
   * thread runs. Rejects with CheckTooCostlyError, UnusableSchemaError, ThreadDiedError.
   */
  async run({ schema, ...order }: ThreadOrder, withinMs: number): Promise<Verdict | undefined> {
    // The process must not exit while a check runs.
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
        // The first fault is known. Only the search for more faults cost too much.
        if (first && !(error instanceof UnusableSchemaError)) return first
        throw error
      }
    }
  }

  /** The next message of the thread. When it comes too late, the thread is stopped and this rejects with `late`. */
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

  /** Resolves when the thread is gone. It may be called twice. */
  async stop(): Promise<void> {
    this.isOver = true
    void this.#worker.terminate()
    await this.#exited
  }
}

/** The thread starts from the translation when this code runs from it, else from the source. */
function entry(): URL {
  const translated = join(import.meta.dirname, 'check-thread-main.mjs')
  if (existsSync(translated)) return pathToFileURL(translated)
  return new URL('./check-thread-source.mjs', import.meta.url)
}
