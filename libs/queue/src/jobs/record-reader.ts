import type { Redis } from 'ioredis'
import { RECORD_FIELDS } from './job-fields.ts'

/** A record's hash; no `status` in it means that there is no such job. */
export type RecordHash = Record<string, string>

interface Waiting {
  key: string
  resolve(hash: RecordHash): void
  reject(error: unknown): void
}

/**
 * Reads of records that are asked for in the same turn of the event loop go to Redis in one write: the round trip costs
 * both sides more than the read. Names the fields, so that only values come back. Used by RedisJobStore.
 */
export class RecordReader {
  readonly #redis: Redis
  #waiting: Waiting[] = []

  constructor(redis: Redis) {
    this.#redis = redis
  }

  /** Rejects with the client's own error, each read for itself. */
  read(key: string): Promise<RecordHash> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ key, resolve, reject })
      if (this.#waiting.length === 1) setImmediate(() => void this.#flush())
    })
  }

  async #flush(): Promise<void> {
    const batch = this.#waiting
    this.#waiting = []
    try {
      const pipeline = this.#redis.pipeline()
      for (const { key } of batch) pipeline.hmget(key, ...RECORD_FIELDS)
      const replies = (await pipeline.exec()) ?? []
      for (const [i, { resolve, reject }] of batch.entries()) {
        const [error, values] = replies[i] ?? [new Error('no reply'), null]
        if (error) reject(error)
        else resolve(toHash(values as (string | null)[]))
      }
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
}

function toHash(values: (string | null)[]): RecordHash {
  const hash: RecordHash = {}
  for (let i = 0; i < RECORD_FIELDS.length; i++) {
    const value = values[i]
    if (value !== null && value !== undefined) hash[RECORD_FIELDS[i] as string] = value
  }
  return hash
}
