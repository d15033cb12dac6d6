/** Bytes of data in a Redis, as it says itself. Called by the rows about memory. */
import type { Redis } from 'ioredis'

/** Without what connections and the buffer of the append-only file take at the moment. */
export async function redisBytes(redis: Redis): Promise<number> {
  return bytesIn(await redis.info('memory'))
}

export function bytesIn(info: string): number {
  const bytes = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1])
  return bytes('used_memory') - bytes('mem_clients_normal') - bytes('mem_aof_buffer')
}
