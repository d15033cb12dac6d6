import { MEMORY_LEVELS } from './memory-levels.ts'
import type { PersistenceHealth, RedisHealth } from './redis-guard.ts'
import { type Hardship, hardshipsOf } from './redis-hardships.ts'
import { type ConnectionLogger, isUnavailable, QueueUnavailableError } from './redis-connection.ts'

export interface RedisWatchOptions {
  /** Asks Redis once; `Queue.health`. */
  ask: () => Promise<RedisHealth>
  /** Go on although accepted jobs may be lost. */
  allowUnsafe: boolean
  logger: ConnectionLogger
  /** Called once, with the sentences that say why, when this Redis must not be used. */
  onUnsafe: (faults: string[]) => void
}

const EVERY_MS = 1000
/** An answer slower than this counts as none. */
const PATIENCE_MS = 2000

const WELL: PersistenceHealth = { appends: true, rewrites: true, snapshots: true, refuses: false }

/** Looks at Redis once a second, so that no request has to: is it there, is it safe, is it full. */
export class RedisWatch {
  readonly #options: RedisWatchOptions
  #timer: NodeJS.Timeout | undefined
  #memoryShare = 0
  #persistence = WELL
  #reasons = ['Redis was not reached yet.']
  #warnings: string[] = []
  #reached = false
  /** Kinds of hardship that were logged and still last. */
  #told: ReadonlySet<string> = new Set()

  constructor(options: RedisWatchOptions) {
    this.#options = options
  }

  /** Begins to look; resolves after the first look, whatever it saw. */
  async start(): Promise<void> {
    await this.#look()
    const again = (): void => {
      this.#timer = setTimeout(() => void this.#look().then(again), EVERY_MS).unref()
    }
    again()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#reasons = ['The process is stopping.']
  }

  /** Why Redis can't be used now, a sentence each; empty when it can. */
  get reasons(): readonly string[] {
    return this.#reasons
  }

  /** What goes wrong with Redis although it can be used, a sentence each. */
  get warnings(): readonly string[] {
    return this.#warnings
  }

  /** Full: new work is refused, and everything that was accepted goes on. */
  get isFull(): boolean {
    return this.#memoryShare > MEMORY_LEVELS.full
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
      const wasReached = this.#reached
      this.#reached = true
      this.#memoryShare = health.memoryShare
      this.#persistence = health.persistence
      const faults = allowUnsafe ? [] : health.faults
      if (faults.length > 0) onUnsafe(faults)
      else if (!wasReached) for (const fault of health.faults) logger.warn({ fault }, 'this Redis may lose jobs')
      const { refusals, warnings } = hardshipsOf(health)
      this.#report([...refusals, ...warnings])
      this.#reasons = [...faults, ...refusals.map(textOf)]
      this.#warnings = warnings.map(textOf)
    } catch (error) {
      this.#reached = false
      this.#warnings = []
      if (!isUnavailable(error)) logger.error({ name: (error as Error).name }, 'Redis could not be inspected')
      this.#reasons = ['Redis does not answer.']
    }
  }
}

const textOf = ({ message, mend }: Hardship): string => `${message} ${mend}`

async function withinPatience<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new QueueUnavailableError(new Error('no answer in time'))), PATIENCE_MS)
  })
  return Promise.race([answer, late]).finally(() => clearTimeout(timer))
}
