/**
 * Gives the record of a job the form that layout 2 had, with a field for each of its parts, whatever has become of it since.
 * Called by tests that old records are read and moved as before.
 */
import type { Redis } from 'ioredis'

export async function ageRecord(redis: Redis, key: string): Promise<void> {
  const hash = await redis.hgetall(key)
  if (!hash.given) return
  const packed = JSON.parse(hash.given) as Record<string, string | number>
  const createdAt = Math.floor(Number(hash.created_us) / 1000)
  await redis.hset(key, {
    ...{
      fence: 0,
      failures: 0,
      crashes: 0,
      revision: 1,
      rank: hash.created_us ?? '',
      not_before: 0,
      created_at: createdAt,
    },
    ...{ ...packed, ...hash },
  })
  await redis.hdel(key, 'given')
}
