import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { startRedis } from '../../../test/support/redis-server.ts'
import { impatient, isUnavailable } from './redis-connection.ts'
import { inspectRedis } from './redis-guard.ts'

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
