/**
 * The threads of a process that run costly checks. They are few and start when needed. A thread is stopped when its check
 * takes too much time or memory. Each tenant has one check running and few waiting, so no tenant holds up the others. Used
 * by create-checker.ts.
 */
import { ChecksBusyError } from '../validator/check-errors.ts'
import { CheckThread, type ThreadBounds, ThreadDiedError } from './check-thread.ts'
import type { ThreadOrder } from './check-thread-protocol.ts'
import { weightOf } from '../cost/value-weight.ts'
import type { Verdict } from '../validator/schema-runner.ts'

export interface CheckThreadsOptions extends ThreadBounds {
  /** How many threads run at once. */
  threads: number
  /** The longest time of one check. Making a validator beforehand may take five times as much. Milliseconds. */
  checkMs: number
  /** How long a check waits for its turn before it is refused. Milliseconds. */
  waitMs: number
  /** The most that waiting values may weigh: for one tenant, and for all together. See weightOf. Bytes. */
  waitingPerTenant: number
  waiting: number
  /** How long a thread without work is kept. Milliseconds. */
  idleMs: number
}

export const CHECK_THREADS: CheckThreadsOptions = {
  threads: 2,
  checkMs: 1500,
  startMs: 10_000,
  heapMb: 192,
  waitMs: 2000,
  waitingPerTenant: 8 * 1024 * 1024,
  waiting: 32 * 1024 * 1024,
  idleMs: 30_000,
}

/** The memory of a waiting check besides its value. Bytes. */
const OVERHEAD = 4096
const MS_PER_BYTE = 1 / 20_000

interface Waiting {
  order: ThreadOrder
  weight: number
  timer: NodeJS.Timeout
  resolve(verdict: Verdict | undefined): void
  reject(error: unknown): void
}

/** The checks of one tenant, in a line. */
interface Lane {
  waiting: Waiting[]
  weight: number
  isRunning: boolean
}

export class CheckThreads {
  readonly #options: CheckThreadsOptions
  readonly #start: (bounds: ThreadBounds) => CheckThread
  /** By tenant, in the order of their turns. */
  readonly #lanes = new Map<string, Lane>()
  readonly #idle: CheckThread[] = []
  #running = 0
  /** The weight of all checks that wait. */
  #weight = 0
  #tidy: NodeJS.Timeout | undefined

  /** @param start Starts a thread. A test may give its own, to keep hold of the thread. */
  constructor(options: Partial<CheckThreadsOptions> = {}, start = (bounds: ThreadBounds) => new CheckThread(bounds)) {
    this.#options = { ...CHECK_THREADS, ...options }
    this.#start = start
  }

  /** Rejects with CheckTooCostlyError, UnusableSchemaError, ChecksBusyError, ThreadDiedError. */
  run(order: ThreadOrder, tenant: string): Promise<Verdict | undefined> {
    const lane = this.#lanes.get(tenant) ?? { waiting: [], weight: 0, isRunning: false }
    const weight = OVERHEAD + weightOf(order.check?.value)
    // The first check of a tenant may always wait, however large it is.
    if (lane.weight > 0 && lane.weight + weight > this.#options.waitingPerTenant)
      return Promise.reject(new ChecksBusyError('tenant'))
    if (this.#weight > 0 && this.#weight + weight > this.#options.waiting)
      return Promise.reject(new ChecksBusyError('process'))
    this.#lanes.set(tenant, lane)
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#giveUp(lane, waiting), this.#options.waitMs)
      const waiting: Waiting = { order, weight, timer, resolve, reject }
      lane.waiting.push(waiting)
      this.#weigh(lane, weight)
      this.#pump()
    })
  }

  /** Stops the threads that are idle. */
  async stopIdle(): Promise<void> {
    clearTimeout(this.#tidy)
    await Promise.all(this.#idle.splice(0).map((thread) => thread.stop()))
  }

  #weigh(lane: Lane, weight: number): void {
    lane.weight += weight
    this.#weight += weight
  }

  #giveUp(lane: Lane, waiting: Waiting): void {
    lane.waiting.splice(lane.waiting.indexOf(waiting), 1)
    this.#weigh(lane, -waiting.weight)
    waiting.reject(new ChecksBusyError(lane.isRunning ? 'tenant' : 'process'))
  }

  #pump(): void {
    for (const [tenant, lane] of this.#lanes) {
      if (this.#running >= this.#options.threads) return
      const next = lane.isRunning ? undefined : lane.waiting.shift()
      if (!next) continue
      this.#weigh(lane, -next.weight)
      clearTimeout(next.timer)
      void this.#work(tenant, lane, next)
    }
  }

  async #work(tenant: string, lane: Lane, { order, weight, resolve, reject }: Waiting): Promise<void> {
    lane.isRunning = true
    this.#running++
    try {
      resolve(await this.#onThread(order, this.#timeFor(weight, order)))
    } catch (error) {
      reject(error)
    } finally {
      this.#running--
      lane.isRunning = false
      // The tenant goes to the end of the line, so that the others come first next time.
      this.#lanes.delete(tenant)
      if (lane.waiting.length > 0) this.#lanes.set(tenant, lane)
      this.#pump()
    }
  }

  /** Replaces a thread once when it died for a reason that was not the check. */
  async #onThread(order: ThreadOrder, withinMs: number): Promise<Verdict | undefined> {
    try {
      return await this.#tryOn(this.#idle.pop() ?? this.#start(this.#options), order, withinMs)
    } catch (error) {
      if (!(error instanceof ThreadDiedError)) throw error
      return this.#tryOn(this.#start(this.#options), order, withinMs)
    }
  }

  /** The time includes handing the value over to the thread. */
  #timeFor(weight: number, { check }: ThreadOrder): number {
    const { checkMs } = this.#options
    return (check ? checkMs : 5 * checkMs) + weight * MS_PER_BYTE
  }

  async #tryOn(thread: CheckThread, order: ThreadOrder, withinMs: number): Promise<Verdict | undefined> {
    try {
      return await thread.run(order, withinMs)
    } finally {
      if (thread.isOver || thread.isFull) await thread.stop()
      else this.#keep(thread)
    }
  }

  #keep(thread: CheckThread): void {
    this.#idle.push(thread)
    clearTimeout(this.#tidy)
    this.#tidy = setTimeout(() => void this.stopIdle(), this.#options.idleMs)
    this.#tidy.unref()
  }
}
