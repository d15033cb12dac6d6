/** Single commands that must pass although Redis is at its memory limit, as the scripts of accepted work do. */
import type { RedisClient } from './redis-client.ts'

/** What frees memory in a key of that type; said first, it lets what follows pass. Nothing of ours has an empty name. */
const FREES = { SADD: 'SREM', HSET: 'HDEL', HSETNX: 'HDEL', HINCRBY: 'HDEL' } as const

const SCRIPT = "redis.call(ARGV[1], KEYS[1], '') return redis.call(ARGV[2], KEYS[1], unpack(ARGV, 3))"

/** Carries out a command that begins with its key, and gives its answer. For what is small and seldom. */
export function writeInReserve(
  redis: RedisClient,
  command: keyof typeof FREES,
  key: string,
  ...args: (string | number)[]
): Promise<unknown> {
  return redis.eval(SCRIPT, 1, key, FREES[command], command, ...args)
}
