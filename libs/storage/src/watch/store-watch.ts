/**
 * Watches the object store of a process: whether it can be used, and whether it belongs to this Redis. Kept by the API and
 * the worker.
 */
import type { Log } from '@millrace/contracts'
import { createLifecycle, createLoop, settledWithin, WithLifecycle } from '@millrace/async'
import { checkDataSet, type DataSetFault, type DataSetMemory, type DataSetVerdict, rememberCount } from './data-set.ts'
import type { ObjectEraser, ObjectLister, ObjectReader, ObjectWriter } from '../port/object-store.ts'
import type { StoreConfig } from '../open-configured-store.ts'
import { storeFault } from './store-fault.ts'
import { tryStore } from './try-store.ts'

export interface StoreWatchOptions {
  objects: ObjectReader & ObjectWriter & ObjectEraser & ObjectLister
  memory: DataSetMemory
  config: StoreConfig
  /** The faults of the data set that make this process unready. All faults are logged. */
  unreadyOn: readonly DataSetFault[]
  logger: Log
  pace?: Partial<StoreWatchPace>
}

/** All times in milliseconds. */
export interface StoreWatchPace {
  /** From one look to the next while all is well. */
  everyMs: number
  /** From one look to the next while something is wrong. */
  againMs: number
  /** The longest time that a start waits for the first look. */
  startMs: number
  /** A trial slower than this counts as failed. */
  patienceMs: number
  /** From one number that the store remembers to the next one. */
  rememberMs: number
}

const PACE: StoreWatchPace = {
  everyMs: 30_000,
  againMs: 3_000,
  startMs: 3_000,
  patienceMs: 10_000,
  rememberMs: 3_600_000,
}

export class StoreWatch extends WithLifecycle {
  readonly #options: StoreWatchOptions
  readonly #pace: StoreWatchPace
  readonly #loop = createLoop({
    round: () => this.#look(),
    everyMs: () => (this.#isWell ? this.#pace.everyMs : this.#pace.againMs),
    first: 'awaited',
    onFault: (error) =>
      this.#options.logger.error({ reason: String(error) }, 'The object store could not be looked at'),
  })
  /** A start resolves after the first look, or earlier when that takes long. The look then goes on while the process starts. */
  protected readonly life = createLifecycle({
    begin: async () => void (await settledWithin(this.#loop.start(), this.#pace.startMs)),
    end: (graceMs) => this.#loop.stop(graceMs),
  })
  #trial: string | undefined = 'The object store was not tried yet.'
  #verdict: DataSetVerdict | undefined
  #failures = 0
  #nextRememberMs = 0

  constructor(options: StoreWatchOptions) {
    super()
    this.#options = options
    this.#pace = { ...PACE, ...options.pace }
  }

  /** The reasons why this process can't use the store, a sentence each. Empty when it can. */
  get reasons(): string[] {
    return [...(this.#trial === undefined ? [] : [this.#trial]), ...this.#dataSetFaults(true)]
  }

  /** The faults of a store that can still be used, a sentence each. */
  get warnings(): string[] {
    return this.#dataSetFaults(false)
  }

  #dataSetFaults(unready: boolean): string[] {
    const verdict = this.#verdict
    if (verdict === undefined || verdict.fault === null) return []
    return this.#options.unreadyOn.includes(verdict.fault) === unready ? [`${verdict.reason} ${verdict.mend}`] : []
  }

  /**
   * Asks anew whether objects that this Redis does not know may be deleted from this store. Resolves with the time since
   * when the two belong together, by Redis' clock, or with undefined when nothing may be deleted. Rejects when one of them
   * cannot be asked.
   */
  async ownedSince(): Promise<number | undefined> {
    const verdict = await this.#checkDataSet()
    if (verdict.fault !== null) return undefined
    const { objects, memory } = this.#options
    if (performance.now() >= this.#nextRememberMs) {
      await rememberCount(objects, memory)
      this.#nextRememberMs = performance.now() + this.#pace.rememberMs
    }
    await memory.advance()
    return verdict.since
  }

  get #isWell(): boolean {
    return this.#trial === undefined && this.#verdict?.fault === null && this.#failures === 0
  }

  async #look(): Promise<void> {
    await this.#try()
    // Without the store there is nothing to compare. When Redis is away, other parts report it.
    if (this.#trial === undefined) await this.#checkDataSet().catch(() => undefined)
  }

  async #try(): Promise<void> {
    const { objects, config, logger } = this.#options
    let step = 'open'
    try {
      await tryStore(objects, this.#pace.patienceMs, (next) => {
        step = next
      })
      if (this.#failures > 0) logger.info({}, 'The object store can be used again')
      this.#failures = 0
      this.#trial = undefined
    } catch (error) {
      this.#failures++
      const { code, message, mend } = storeFault(error, config, step)
      const reason = `${message} ${mend}`
      if (this.#failures === 1) logger.error({ code, reason }, 'The object store cannot be used')
      // A store that worked a moment ago is tried once more before a load balancer is told.
      if (this.#failures > 1 || this.#trial !== undefined) this.#trial = reason
    }
  }

  async #checkDataSet(): Promise<DataSetVerdict> {
    const { objects, memory, logger } = this.#options
    const verdict = await checkDataSet(objects, memory)
    const isNews = this.#verdict?.fault !== verdict.fault
    this.#verdict = verdict
    if (isNews && verdict.fault !== null) {
      logger.error(
        { fault: verdict.fault, reason: `${verdict.reason} ${verdict.mend}` },
        'The object store is not the one of this Redis',
      )
    }
    return verdict
  }
}
