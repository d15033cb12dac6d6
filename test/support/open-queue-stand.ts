/**
 * The base of a file of tests about the queue: a Redis of its own, a view into it from outside, and the queue. Called at the
 * top of the file. Everything is closed after its last test.
 */
import type { Queue, QueueOptions } from '@millrace/queue'
import type { Redis } from 'ioredis'
import { afterAll } from 'vitest'
import { openTestQueue } from './open-test-queue.ts'
import { openTestRedis } from './servers/open-test-redis.ts'
import type { startRedis, TestRedis } from './servers/redis-server.ts'

export interface QueueStand {
  redis: TestRedis
  raw: Redis
  queue: Queue
}

export async function openQueueStand(
  options: Partial<QueueOptions> = {},
  server: Parameters<typeof startRedis>[0] = { appendonly: false },
): Promise<QueueStand> {
  const { server: redis, raw, stop } = await openTestRedis(server)
  const queue = openTestQueue(redis.url, options)
  afterAll(async () => {
    await queue.close()
    await stop()
  })
  return { redis, raw, queue }
}
