/**
 * Looks at Redis once a second, so that no request has to: is it there, is it safe, is it full, does it let us work. Made by
 * openConfiguredQueue; API and worker ask it for their readiness.
 */
import type { Log } from '@millrace/contracts'
import { atLatestAwake, createLoop, within, WithLifecycle } from '@millrace/async'
import { MEMORY_LEVELS } from '../redis/memory-levels.ts'
import { type PersistenceHealth, type RedisHealth, WELL } from './inspect-server.ts'
import { type Hardship, hardshipsOf } from './hardships.ts'
import { QueueUnavailableError } from '../redis/redis-connection.ts'
import { type RedisFault, sayRedisFault } from './redis-fault.ts'

export interface RedisWatchOptions {
  /** Asks Redis once; `Queue.health`. */
  ask: () => Promise<RedisHealth>
  /** Tries what the service does with it, and answers what it may not do; `Queue.denied`. Default: nothing is tried. */
  tryOut?: () => Promise<string[]>
  /** What stands behind a refusal or a silence; `Queue.explain`. */
  explain?: (error: unknown) => Promise<RedisFault>
  /** Go on although accepted jobs may be lost. */
  allowUnsafe: boolean
  logger: Log
  /** Called once, with the sentences that say why, when this Redis must not be used. */
  onUnsafe: (faults: string[], unsupported: boolean) => void
}

const EVERY_MS = 1000
/** An answer slower than this counts as none. */
const PATIENCE_MS = 2000
/** While all is well; what did not work is tried again at every look. */
const TRY_EVERY_MS = 10_000

export class RedisWatch extends WithLifecycle {
  readonly #options: RedisWatchOptions
  /** A start resolves after the first look, whatever that saw. */
  protected readonly life = createLoop({
    round: () => this.#look(),
    everyMs: EVERY_MS,
    first: 'awaited',
    onFault: (error) => this.#options.logger.error({ reason: String(error) }, 'Redis could not be looked at'),
  })
  #memoryShare = 0
  #roomiestShare = 0
  #persistence = WELL
  #reasons = ['Redis was not reached yet.']
  #warnings: string[] = []
  #reached = false
  /** Kinds of hardship that were logged and still last. */
  #told: ReadonlySet<string> = new Set()
  #denied: readonly string[] = []
  #nextTryMs = 0
  #isStopping = false

  constructor(options: RedisWatchOptions) {
    super()
    this.#options = options
  }

  override stop(graceMs: number): Promise<void> {
    this.#isStopping = true
    this.#reasons = ['The process is stopping.']
    return super.stop(graceMs)
  }

  /** Why Redis can't be used now, a sentence each; empty when it can. */
  get reasons(): readonly string[] {
    return this.#reasons
  }

  /** What goes wrong with Redis although it can be used, a sentence each. */
  get warnings(): readonly string[] {
    return this.#warnings
  }

  /** Full: new work is refused, and everything that was accepted goes on. Of several shards all are; else each refuses for itself. */
  get isFull(): boolean {
    return this.#roomiestShare > MEMORY_LEVELS.full
  }

  /** Used share of maxmemory; 0 without a limit, and before Redis was reached. */
  get memoryShare(): number {
    return this.#memoryShare
  }

  get persistence(): PersistenceHealth {
    return this.#persistence
  }

  /** Each once when it begins, not every second. */
  #report(hardships: Hardship[]): void {
    const kinds = new Set(hardships.map(({ kind }) => kind))
    for (const hardship of hardships) {
      if (this.#told.has(hardship.kind)) continue
      this.#options.logger.warn({ reason: textOf(hardship) }, 'Redis is in difficulties')
    }
    this.#told = kinds
  }

  async #look(): Promise<void> {
    const { allowUnsafe, logger, onUnsafe } = this.#options
    try {
      const health = await withinPatience(this.#options.ask())
      const unsupported = health.unsupported ? [sayRedisFault(health.unsupported)] : []
      if (unsupported.length > 0) onUnsafe(unsupported, true)
      const wasReached = this.#reached
      this.#memoryShare = health.memoryShare
      this.#roomiestShare = health.roomiestShare ?? health.memoryShare
      this.#persistence = health.persistence
      const faults = allowUnsafe ? [] : health.faults
      if (faults.length > 0) onUnsafe(faults, false)
      else if (!wasReached) for (const fault of health.faults) logger.warn({ fault }, 'this Redis may lose jobs')
      const { refusals, warnings } = hardshipsOf(health)
      this.#report([...refusals, ...warnings])
      // One that takes no changes would refuse what is tried for that alone.
      if (unsupported.length + refusals.length === 0) await this.#tryOut()
      this.#reached = true
      const outages = health.outages ?? []
      this.#log(outages)
      this.#warnings = warnings.map(textOf)
      this.#tell([...unsupported, ...outages, ...faults, ...refusals.map(textOf), ...this.#denied])
    } catch (error) {
      this.#reached = false
      this.#warnings = []
      const reasons = [await this.#explain(error)]
      this.#log(reasons)
      this.#tell(reasons)
    }
  }

  async #tryOut(): Promise<void> {
    const { tryOut } = this.#options
    const isDue = performance.now() >= this.#nextTryMs || this.#denied.length > 0 || !this.#reached
    if (!tryOut || !isDue) return
    const denied = await withinPatience(tryOut())
    this.#log(denied)
    this.#denied = denied
    this.#nextTryMs = performance.now() + TRY_EVERY_MS
  }

  async #explain(error: unknown): Promise<string> {
    const { explain } = this.#options
    return explain ? sayRedisFault(await explain(error)) : 'Redis does not answer.'
  }

  /** What is new, not the same at every look. */
  #log(reasons: string[]): void {
    const isNew = (reason: string): boolean => !this.#reasons.includes(reason)
    for (const reason of reasons.filter(isNew)) this.#options.logger.error({ reason }, 'Redis cannot be used')
  }

  /** After `stop` a look that was under way has nothing to say. */
  #tell(reasons: string[]): void {
    if (!this.#isStopping) this.#reasons = reasons
  }
}

const textOf = ({ message, mend }: Hardship): string => `${message} ${mend}`

const withinPatience = <T>(answer: Promise<T>): Promise<T> =>
  within(answer, PATIENCE_MS, () => new QueueUnavailableError(new Error('no answer in time')), atLatestAwake)
