import type { Redis } from 'ioredis'
import { orUnavailable, QueueUnavailableError } from './redis-connection.ts'

/** What this Redis is set to, and whether accepted jobs are safe in it. */
export interface RedisHealth {
  version: string
  /** Each a sentence that says what is wrong and how to mend it. Empty when all is well. */
  faults: string[]
  /** Used share of maxmemory, 0 when no limit is set. */
  memoryShare: number
}

/** Oldest Redis whose scripts and commands are used here (ZRANGE BYSCORE REV LIMIT). */
const OLDEST_VERSION = 6.2

/** Reads the settings that decide whether an acknowledged job can be lost. */
export async function inspectRedis(redis: Redis): Promise<RedisHealth> {
  const info = parseInfo(await orUnavailable(() => redis.info()))
  // INFO is answered even then, and says that the append-only file is off while it is being read.
  if (info.loading === '1') throw new QueueUnavailableError(new Error('Redis is loading its data'))
  const faults: string[] = []
  const version = info.redis_version ?? ''
  if (Number.parseFloat(version) < OLDEST_VERSION) faults.push(`Redis ${version} is too old: use 6.2 or newer.`)
  if (info.aof_enabled !== '1') {
    faults.push('The append-only file is off, so a crash of Redis loses jobs: set "appendonly yes".')
  }
  if (info.maxmemory_policy && info.maxmemory_policy !== 'noeviction') {
    faults.push(
      `maxmemory-policy is ${info.maxmemory_policy}, so Redis may drop jobs: set "maxmemory-policy noeviction".`,
    )
  }
  const most = Number(info.maxmemory ?? 0)
  return { version, faults, memoryShare: most > 0 ? Number(info.used_memory) / most : 0 }
}

function parseInfo(text: string): Record<string, string> {
  const pairs = text.split('\r\n').map((line) => line.split(':', 2))
  return Object.fromEntries(pairs.filter(([key, value]) => key && value !== undefined))
}
