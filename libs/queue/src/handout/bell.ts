/**
 * Waits for the bell of a model's lines. A bell is a list with one element at most: whoever takes it has been woken, and nobody
 * else. One that is lost costs no more than the next look of those who wait. Used by RedisHandOut.
 */
import { atLatestAwake } from '@millrace/async'
import type { Redis } from 'ioredis'

/** How long one wait is; a connection on which nothing comes for much longer is made anew. Seconds. */
const WAIT_SECONDS = 5
/** Milliseconds. */
const LATEST_MS = (WAIT_SECONDS + 5) * 1000

export class Bell {
  readonly #redis: Redis
  readonly #keys: string[]

  /** `redis`: a connection of its own, for it is blocked nearly all the time. */
  constructor(redis: Redis, prefix: string, lines: readonly string[]) {
    this.#redis = redis
    this.#keys = lines.map((line) => `${prefix}bell:${line}`)
  }

  /** Whether it rang within some seconds. Rejects when Redis refuses or is closed. */
  async rang(): Promise<boolean> {
    // The other side may be gone without a word; then another may have taken its place.
    let inTime = (): void => undefined
    const guard = (): void => {
      inTime = atLatestAwake(LATEST_MS, () => {
        this.#redis.disconnect(true)
        guard()
      })
    }
    guard()
    try {
      return (await this.#redis.blpop(this.#keys, WAIT_SECONDS)) !== null
    } finally {
      inTime()
    }
  }

  close(): void {
    this.#redis.disconnect()
  }
}
