/**
 * What a Redis held when a version of Millrace had worked on it, as a file that can be read and compared. Called by
 * record-main.ts, which makes such files, and by the test of upgrades, which puts one into an empty Redis.
 */
import type { Redis } from 'ioredis'

export type RecordedKey = { ttl?: number } & (
  | { type: 'string'; value: string }
  | { type: 'hash'; value: Record<string, string> }
  | { type: 'list'; value: string[] }
  | { type: 'set'; value: string[] }
  | { type: 'zset'; value: [member: string, score: string][] }
  | { type: 'stream'; value: [id: string, fields: string[]][] }
)

export interface Recording {
  /** The commit whose processes wrote it. */
  commit: string
  /** Milliseconds. Times are shifted from here to the present when it is put back. */
  recordedAt: number
  /** What the jobs are, by what they show. */
  jobs: Record<'done' | 'owed' | 'waiting' | 'late' | 'canceled' | 'keyed', string>
  keys: Record<string, RecordedKey>
}

const pairs = (flat: readonly string[]): [string, string][] =>
  flat.flatMap((item, index) => (index % 2 === 0 ? [[item, flat[index + 1]!] as [string, string]] : []))

/** Every key but those that live for seconds. Throws on bytes that are no text, which the file could not hold. */
export async function readKeys(redis: Redis): Promise<Recording['keys']> {
  const keys: Recording['keys'] = {}
  for (const key of (await redis.keys('*')).toSorted()) {
    const ttl = await redis.pttl(key)
    keys[key] = { ...(await readKey(redis, key)), ...(ttl > 0 && { ttl }) }
  }
  if (JSON.stringify(keys).includes('\uFFFD')) throw new Error('there are bytes that are no text')
  return keys
}

async function readKey(redis: Redis, key: string): Promise<RecordedKey> {
  const type = await redis.type(key)
  if (type === 'string') return { type, value: (await redis.get(key)) ?? '' }
  if (type === 'hash') return { type, value: await redis.hgetall(key) }
  if (type === 'list') return { type, value: await redis.lrange(key, 0, -1) }
  if (type === 'set') return { type, value: await redis.smembers(key) }
  if (type === 'zset') return { type, value: pairs(await redis.zrange(key, 0, '-1', 'WITHSCORES')) }
  if (type === 'stream') return { type, value: await redis.xrange(key, '-', '+') }
  throw new Error(`${key} is a ${type}`)
}

const YEAR_MS = 366 * 86_400_000

/** Puts the keys into a Redis, as if they had been written just now, with another address for each in `addresses`. */
export async function putBack(
  redis: Redis,
  { keys, recordedAt }: Recording,
  addresses: Readonly<Record<string, string>>,
): Promise<void> {
  const late = Date.now() - recordedAt
  let text = JSON.stringify(keys)
  for (const [from, to] of Object.entries(addresses)) text = text.replaceAll(from, to)
  const isNear = (ms: number): boolean => Math.abs(ms - recordedAt) < YEAR_MS
  // Milliseconds and microseconds, wherever they stand: in fields, scores, ids of streams and JSON.
  const shifted = text.replaceAll(/(?<![\w.])(\d{13})(\d{3})?(?![\w.])/g, (digits, ms: string, us = '') =>
    isNear(Number(ms)) ? `${Number(ms) + late}${us}` : digits,
  )
  for (const [key, kept] of Object.entries(JSON.parse(shifted) as Recording['keys'])) {
    await putKey(redis, key, kept)
    if (kept.ttl !== undefined) await redis.pexpire(key, kept.ttl)
  }
}

async function putKey(redis: Redis, key: string, kept: RecordedKey): Promise<void> {
  if (kept.type === 'string') await redis.set(key, kept.value)
  else if (kept.type === 'hash') await redis.hset(key, kept.value)
  else if (kept.type === 'list') await redis.rpush(key, ...kept.value)
  else if (kept.type === 'set') await redis.sadd(key, ...kept.value)
  else if (kept.type === 'zset') await redis.zadd(key, ...kept.value.flatMap(([member, score]) => [score, member]))
  else for (const [id, fields] of kept.value) await redis.xadd(key, id, ...fields)
}
