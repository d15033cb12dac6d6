/**
 * The names of all models. They lie in one shard, and the work of the other shards is not to end when that is away: who read
 * them before goes on with what it read. Made by openQueue, for the loops of workers.
 */
import { within } from '@millrace/async'
import { MODELS_KEY } from './keys.ts'
import { clusterOf, type RedisClient } from './redis-client.ts'
import { isUnavailable, orUnavailable, QueueUnavailableError } from './redis-connection.ts'

/** How long one shard of several is waited for. Milliseconds. */
const SHARD_MS = 1000

/** Rejects with QueueUnavailableError when a shard of a cluster does not answer soon: there are others to be looked after. */
export const soon = <T>(answer: Promise<T>): Promise<T> =>
  within(answer, SHARD_MS, () => new QueueUnavailableError(new Error('no answer of this shard in time')))

export class ModelNames {
  readonly #redis: RedisClient
  #known: string[] | undefined

  constructor(redis: RedisClient) {
    this.#redis = redis
  }

  async all(): Promise<string[]> {
    if (clusterOf(this.#redis) === undefined) return this.#read()
    try {
      this.#known = await soon(this.#read())
      return this.#known
    } catch (error) {
      if (this.#known === undefined || !isUnavailable(error)) throw error
      return this.#known
    }
  }

  #read(): Promise<string[]> {
    return orUnavailable(() => this.#redis.smembers(MODELS_KEY))
  }
}
