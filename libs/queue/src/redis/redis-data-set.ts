/** What Redis says of itself, for those who compare it with an object store: see libs/storage/src/watch/data-set.ts. Made by openQueue. */
import { blobOfKey, jobOfKey } from '@millrace/contracts'
import type { Redis } from 'ioredis'
import { DATA_SET_KEY, prefixOfJob, prefixOfTenant } from './keys.ts'
import { orUnavailable, redisNow } from './redis-connection.ts'
import { writeInReserve } from './write-in-reserve.ts'

export class RedisDataSet {
  readonly #redis: Redis

  constructor(redis: Redis) {
    this.#redis = redis
  }

  async read(): Promise<{ id: string; marked: boolean; count: number } | undefined> {
    const { id, marked, count } = await orUnavailable(() => this.#redis.hgetall(DATA_SET_KEY))
    return id === undefined ? undefined : { id, marked: marked === '1', count: Number(count ?? 0) }
  }

  async make(id: string): Promise<{ id: string; marked: boolean; count: number }> {
    await orUnavailable(() => writeInReserve(this.#redis, 'HSETNX', DATA_SET_KEY, 'id', id))
    return (await this.read()) ?? { id, marked: false, count: 0 }
  }

  async noteMarked(id: string): Promise<void> {
    await orUnavailable(async () => {
      if ((await this.#redis.hget(DATA_SET_KEY, 'id')) === id)
        await writeInReserve(this.#redis, 'HSET', DATA_SET_KEY, 'marked', '1')
    })
  }

  async rename(id: string): Promise<void> {
    await orUnavailable(() => this.#redis.multi().del(DATA_SET_KEY).hset(DATA_SET_KEY, 'id', id).exec())
  }

  async advance(): Promise<void> {
    await orUnavailable(() => writeInReserve(this.#redis, 'HINCRBY', DATA_SET_KEY, 'count', 1))
  }

  async knowsAny(keys: readonly string[]): Promise<boolean> {
    const asked = this.#redis.pipeline()
    const jobs = new Set<string>()
    for (const key of keys) {
      const blob = blobOfKey(key)
      if (blob) asked.hexists(`${prefixOfTenant(blob.tenant)}${blob.tenant}:objects`, blob.object)
      const jobId = jobOfKey(key)?.jobId
      if (jobId === undefined || jobs.has(jobId)) continue
      jobs.add(jobId)
      asked.exists(`${prefixOfJob(jobId)}job:${jobId}`)
    }
    const replies = (await orUnavailable(() => asked.exec())) ?? []
    const failed = replies.find(([error]) => error)?.[0]
    if (failed) return orUnavailable(() => Promise.reject(failed))
    return replies.some(([, reply]) => reply === 1)
  }

  now(): Promise<number> {
    return orUnavailable(() => redisNow(this.#redis))
  }
}
