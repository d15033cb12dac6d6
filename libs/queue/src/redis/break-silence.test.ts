import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startRedis } from '../../../../test/support/servers/redis-server.ts'
import { until } from '../../../../test/support/until.ts'
import { impatient } from './redis-connection.ts'
import { breakSilence } from './break-silence.ts'

const SILENCE_MS = 400

let server: Awaited<ReturnType<typeof startRedis>>
let redis: Redis
beforeAll(async () => {
  server = await startRedis()
  redis = new Redis(server.url, { ...impatient, retryStrategy: () => 20 })
  redis.on('error', () => undefined)
  breakSilence(redis, SILENCE_MS)
  await until('it is ready', () => redis.status === 'ready')
})
afterAll(async () => {
  redis.disconnect()
  await server.stop()
})

/** Takes the thread, as a costly request does. */
function busy(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

it('takes a process that was busy for longer than Redis may be silent for no absence of Redis', async () => {
  const calls = [redis.ping(), redis.ping()]
  busy(3 * SILENCE_MS)
  const late = redis.ping()
  expect(await Promise.all([...calls, late])).toEqual(['PONG', 'PONG', 'PONG'])
})

it('waits as long as it takes while Redis answers others of its calls', async () => {
  await redis.config('SET', 'lua-time-limit', '60000')
  const slow = `local t = redis.call('TIME') local stop = t[1] * 1000 + t[2] / 1000 + ${SILENCE_MS / 2}
    repeat t = redis.call('TIME') until t[1] * 1000 + t[2] / 1000 > stop return 1`
  // Redis answers what it has read in one go at once: so much it reads piece by piece.
  const padding = 'x'.repeat(100_000)
  expect(await Promise.all(Array.from({ length: 4 }, () => redis.eval(slow, 0, padding)))).toEqual([1, 1, 1, 1])
})

it('ends the calls to a Redis that is silent, and finds it again', async () => {
  await server.kill('SIGSTOP')
  const started = performance.now()
  await expect(redis.ping()).rejects.toThrow()
  expect(performance.now() - started).toBeLessThan(SILENCE_MS * 4)
  await server.kill('SIGCONT')
  await until('it answers again', () =>
    redis.ping().then(
      () => true,
      () => false,
    ),
  )
})
