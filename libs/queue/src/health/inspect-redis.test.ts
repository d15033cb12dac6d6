import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { startRedis, type TestRedis } from '../../../../test/support/servers/redis-server.ts'
import { until } from '../../../../test/support/until.ts'
import { impatient, isUnavailable, orUnavailable } from '../redis/redis-connection.ts'
import { inspectRedis } from './inspect-redis.ts'
import type { RedisHealth } from './inspect-server.ts'

it('takes a Redis that still loads its file for absent, not for unsafe', async () => {
  // Slow enough to be asked meanwhile.
  const server = await startRedis({ extraArgs: ['--key-load-delay', '200'] })
  const redis = new Redis(server.url, { ...impatient, enableOfflineQueue: true, retryStrategy: () => 5 })
  redis.on('error', () => {})
  const seen = new Set<string>()
  const ask = async (): Promise<void> => {
    try {
      seen.add((await inspectRedis(redis)).faults.join() || 'fine')
    } catch (error) {
      seen.add(isUnavailable(error) ? 'unavailable' : String(error))
    }
  }
  try {
    await Promise.all(Array.from({ length: 4000 }, (_, n) => redis.set('key', n)))
    await server.kill('SIGKILL')
    // One question does not wait for the last: a client holds back what it is asked before the connection stands.
    const asking = setInterval(() => void ask(), 5)
    await server.restart()
    clearInterval(asking)
    await ask()
    expect([...seen].sort()).toEqual(['fine', 'unavailable'])
  } finally {
    redis.disconnect()
    await server.stop()
  }
})

const ask = async (server: TestRedis): Promise<RedisHealth> => {
  const redis = new Redis(server.url)
  try {
    return await inspectRedis(redis)
  } finally {
    redis.disconnect()
  }
}

it('tells that the append-only file cannot be written, and that Redis then takes nothing', async () => {
  const server = await startRedis({ fileBytes: 64 * 1024 })
  const redis = new Redis(server.url)
  try {
    expect((await ask(server)).persistence).toMatchObject({ appends: true, refuses: false })
    await redis.set('large', 'x'.repeat(200 * 1024))
    await until('it has noticed', async () => !(await ask(server)).persistence.appends)
    expect((await ask(server)).persistence.refuses).toBe(true)
    await expect(orUnavailable(() => redis.set('more', '1'))).rejects.toSatisfy(isUnavailable)
  } finally {
    redis.disconnect()
    await server.stop()
  }
})

it('tells that a snapshot failed, and whether Redis takes nothing for that', async () => {
  const server = await startRedis()
  const redis = new Redis(server.url)
  try {
    await redis.config('SET', 'save', '3600 1000000')
    // A folder in the place of the file.
    await mkdir(join(server.dir, 'dump.rdb', 'in-the-way'), { recursive: true })
    await redis.bgsave()
    await until('it has failed', async () => !(await ask(server)).persistence.snapshots)
    expect((await ask(server)).persistence).toMatchObject({ appends: true, refuses: true })
    await redis.config('SET', 'stop-writes-on-bgsave-error', 'no')
    expect((await ask(server)).persistence.refuses).toBe(false)
  } finally {
    redis.disconnect()
    await server.stop()
  }
})
