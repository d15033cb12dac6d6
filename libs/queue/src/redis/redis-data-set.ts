/** What Redis says of itself, for those who compare it with an object store: see libs/storage/src/watch/data-set.ts. Made by openQueue. */
import { blobOfKey, jobOfKey } from '@millrace/contracts'
import { DATA_SET_KEY, prefixOfJob, prefixOfTenant } from './keys.ts'
import { type Ask, redisNow, type RedisClient } from './redis-client.ts'
import { orUnavailable } from './redis-connection.ts'
import { answersOf } from './replies-of.ts'
import { writeInReserve } from './write-in-reserve.ts'

export class RedisDataSet {
  readonly #redis: RedisClient

  constructor(redis: RedisClient) {
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
    const script = "redis.call('DEL', KEYS[1]) redis.call('HSET', KEYS[1], 'id', ARGV[1])"
    await orUnavailable(() => this.#redis.eval(script, 1, DATA_SET_KEY, id))
  }

  async advance(): Promise<void> {
    await orUnavailable(() => writeInReserve(this.#redis, 'HINCRBY', DATA_SET_KEY, 'count', 1))
  }

  async knowsAny(keys: readonly string[]): Promise<boolean> {
    const asks: Ask[] = []
    const jobs = new Set<string>()
    for (const key of keys) {
      const blob = blobOfKey(key)
      if (blob) asks.push((to) => to.hexists(`${prefixOfTenant(blob.tenant)}${blob.tenant}:objects`, blob.object))
      const jobId = jobOfKey(key)?.jobId
      if (jobId === undefined || jobs.has(jobId)) continue
      jobs.add(jobId)
      asks.push((to) => to.exists(`${prefixOfJob(jobId)}job:${jobId}`))
    }
    return (await answersOf(this.#redis, asks)).includes(1)
  }

  now(): Promise<number> {
    return orUnavailable(() => redisNow(this.#redis, DATA_SET_KEY))
  }
}
