/** Looks at a Redis from outside, before anything relies on it. Called by `millrace doctor`. */
import { performance } from 'node:perf_hooks'
import { Redis } from 'ioredis'
import { redisNow } from '../redis/redis-connection.ts'
import { explainRedis, type RedisFault, sayRedisFault } from './redis-fault.ts'
import { inspectRedis, type RedisHealth } from './inspect-redis.ts'
import { tryListening, tryRedis } from './try-redis.ts'

export interface RedisProbe extends RedisHealth {
  /** Median of a few PINGs. Milliseconds. */
  pingMs: number
  /** How far the clock of Redis is ahead of this process's; negative when behind. Milliseconds. */
  clockAheadMs: number
  /** What its user may not do and the service needs, a sentence each. */
  denied: string[]
}

/** Redis could not be asked. `code`: ECONNREFUSED, or the first word of Redis' refusal (WRONGPASS). */
export class RedisProbeError extends Error implements RedisFault {
  readonly code: string
  readonly reason: string
  readonly mend: string

  constructor(fault: RedisFault) {
    super(sayRedisFault(fault))
    this.name = 'RedisProbeError'
    this.code = fault.code
    this.reason = fault.reason
    this.mend = fault.mend
  }
}

const PINGS = 9

/**
 * Connects, tries what the service does on keys of its own, and leaves. Rejects with RedisProbeError, some seconds after
 * `timeoutMs` at the latest.
 */
export async function probeRedis(url: string, timeoutMs = 3000): Promise<RedisProbe> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  })
  let said: unknown
  redis.on('error', (error) => {
    said ??= error
  })
  try {
    await redis.connect()
    const health = await inspectRedis(redis)
    if (health.unsupported) return { ...health, pingMs: 0, clockAheadMs: 0, denied: [] }
    const denied = await tryRedis(redis)
    const measured = await measure(redis)
    // Last: a connection that listens can do nothing else.
    return { ...health, ...measured, denied: [...denied, ...(await tryListening(redis))] }
  } catch (error) {
    // The connection tells the cause; the call alone says only that there is none.
    throw new RedisProbeError(await explainRedis(url, [said, error]))
  } finally {
    redis.disconnect()
  }
}

async function measure(redis: Redis): Promise<{ pingMs: number; clockAheadMs: number }> {
  const times: number[] = []
  for (let i = 0; i < PINGS; i++) {
    const begun = performance.now()
    await redis.ping()
    times.push(performance.now() - begun)
  }
  const before = Date.now()
  const there = await redisNow(redis)
  const clockAheadMs = there - (before + Date.now()) / 2
  return { pingMs: times.toSorted((a, b) => a - b)[Math.floor(PINGS / 2)] ?? 0, clockAheadMs }
}
