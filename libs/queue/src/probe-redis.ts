/** Looks at a Redis from outside, before anything relies on it. Called by `millrace doctor`. */
import { performance } from 'node:perf_hooks'
import { Redis } from 'ioredis'
import { redisNow, replyCode } from './redis-connection.ts'
import { inspectRedis, type RedisHealth } from './redis-guard.ts'

export interface RedisProbe extends RedisHealth {
  /** Median of a few PINGs. Milliseconds. */
  pingMs: number
  /** How far the clock of Redis is ahead of this process's; negative when behind. Milliseconds. */
  clockAheadMs: number
}

/** `code` is the system's (ECONNREFUSED, ENOTFOUND) or the first word of Redis' refusal (NOAUTH, WRONGPASS). */
export class RedisProbeError extends Error {
  readonly code: string

  constructor(code: string) {
    super(`Redis could not be asked: ${code}`)
    this.name = 'RedisProbeError'
    this.code = code
  }
}

const PINGS = 9

/** Connects, asks and leaves; changes nothing. Rejects with RedisProbeError, at the latest after twice `timeoutMs`. */
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
    return { ...health, ...(await measure(redis)) }
  } catch (error) {
    // The connection tells the cause; the call alone says only that there is none.
    throw new RedisProbeError(codeOf(said) ?? codeOf(error) ?? 'ETIMEDOUT')
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

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const code = (error as { code?: unknown }).code
  if (typeof code === 'string') return code
  return replyCode(error) ?? codeOf(error.cause)
}
