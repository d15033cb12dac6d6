import type { RedisHealth } from './redis-guard.ts'
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

/** Submits stop at this share of maxmemory; everything that frees memory goes on. */
const PRESSURE = 0.75
const EVERY_MS = 1000
/** An answer slower than this counts as none. */
const PATIENCE_MS = 2000

/** Looks at Redis once a second, so that no request has to: is it there, is it safe, is it full. */
export class RedisWatch {
  readonly #options: RedisWatchOptions
  #timer: NodeJS.Timeout | undefined
  #memoryShare = 0
  #reasons = ['Redis was not reached yet.']

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

  get underPressure(): boolean {
    return this.#memoryShare > PRESSURE
  }

  async #look(): Promise<void> {
    const { allowUnsafe, logger, onUnsafe } = this.#options
    try {
      const health = await withinPatience(this.#options.ask())
      const wasSafe = this.#reasons.length === 0
      this.#memoryShare = health.memoryShare
      this.#reasons = allowUnsafe ? [] : health.faults
      if (this.#reasons.length > 0) onUnsafe(this.#reasons)
      else if (!wasSafe) for (const fault of health.faults) logger.warn({ fault }, 'this Redis may lose jobs')
    } catch (error) {
      if (!isUnavailable(error)) logger.error({ name: (error as Error).name }, 'Redis could not be inspected')
      this.#reasons = ['Redis does not answer.']
    }
  }
}

async function withinPatience<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new QueueUnavailableError(new Error('no answer in time'))), PATIENCE_MS)
  })
  return Promise.race([answer, late]).finally(() => clearTimeout(timer))
}
