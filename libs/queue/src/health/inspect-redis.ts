/** Whether accepted jobs are safe in this Redis, be it one server or a cluster. Asked by RedisWatch and probe-redis.ts. */
import type { Redis } from 'ioredis'
import { clusterOf, type RedisClient } from '../redis/redis-client.ts'
import { inspectCluster } from './inspect-cluster.ts'
import { inspectServer, type RedisHealth } from './inspect-server.ts'

/** Reads the settings that decide whether an acknowledged job can be lost. */
export function inspectRedis(redis: RedisClient): Promise<RedisHealth> {
  const cluster = clusterOf(redis)
  return cluster ? inspectCluster(cluster) : inspectServer(redis as Redis)
}
