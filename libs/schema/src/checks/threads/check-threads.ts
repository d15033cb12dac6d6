/**
 * The threads of a process in which costly checks run: few, started when needed, each stopped when a check takes too long
 * or too much memory. Of one tenant one check runs at a time and few wait, so nobody holds up the others.
 */
import { ChecksBusyError } from '../validator/check-errors.ts'
import { CheckThread, type ThreadBounds, ThreadDiedError } from './check-thread.ts'
import type { ThreadOrder } from './check-thread-protocol.ts'
import { weightOf } from '../cost/value-weight.ts'
import type { Verdict } from '../validator/schema-runner.ts'

export interface CheckThreadsOptions extends ThreadBounds {
  /** How many run at once. */
  threads: number
  /** Time of one check; five times as much to make a validator beforehand. Milliseconds. */
  checkMs: number
  /** How long a check waits for its turn. Milliseconds. */
  waitMs: number
  /** What the values that wait may weigh, of one tenant and of all: see weightOf. Bytes. */
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

/** What a waiting check takes beside its value. Bytes. */
const OVERHEAD = 4096
const MS_PER_BYTE = 1 / 20_000

interface Waiting {
  order: ThreadOrder
  weight: number
  timer: NodeJS.Timeout
  resolve(verdict: Verdict | undefined): void
  reject(error: unknown): void
}

/** The checks of one tenant. */
interface Lane {
  waiting: Waiting[]
  weight: number
  isRunning: boolean
}

export class CheckThreads {
  readonly #options: CheckThreadsOptions
  readonly #start: (bounds: ThreadBounds) => CheckThread
  /** By tenant; whose turn is next comes first. */
  readonly #lanes = new Map<string, Lane>()
  readonly #idle: CheckThread[] = []
  #running = 0
  /** Of all that waits. */
  #weight = 0
  #tidy: NodeJS.Timeout | undefined

  /** @param start Starts a thread; a test may keep hold of it. */
  constructor(options: Partial<CheckThreadsOptions> = {}, start = (bounds: ThreadBounds) => new CheckThread(bounds)) {
    this.#options = { ...CHECK_THREADS, ...options }
    this.#start = start
  }

  /** Rejects with CheckTooCostlyError, UnusableSchemaError, ChecksBusyError, ThreadDiedError. */
  run(order: ThreadOrder, tenant: string): Promise<Verdict | undefined> {
    const lane = this.#lanes.get(tenant) ?? { waiting: [], weight: 0, isRunning: false }
    const weight = OVERHEAD + weightOf(order.check?.value)
    // One may always wait, however large.
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

  /** Stops the threads that have nothing to do. */
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
      // To the end of the line: the others come first next time.
      this.#lanes.delete(tenant)
      if (lane.waiting.length > 0) this.#lanes.set(tenant, lane)
      this.#pump()
    }
  }

  /** A thread that died for no reason of the check's is replaced once. */
  async #onThread(order: ThreadOrder, withinMs: number): Promise<Verdict | undefined> {
    try {
      return await this.#tryOn(this.#idle.pop() ?? this.#start(this.#options), order, withinMs)
    } catch (error) {
      if (!(error instanceof ThreadDiedError)) throw error
      return this.#tryOn(this.#start(this.#options), order, withinMs)
    }
  }

  /** To hand a value over takes time too. */
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
