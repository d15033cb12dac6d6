/**
 * The Redis of a file of tests, and a view into it from outside. It is one server, unless another file of tests calls for the same
 * tests on a cluster: see test/contract/redis/contract-on-cluster.test.ts.
 */
import { Redis } from 'ioredis'
import { startCluster } from './redis-cluster.ts'
import { startRedis, type TestRedis, type TestRedisOptions } from './redis-server.ts'
import { openWholeCluster } from './whole-cluster.ts'

/** Set before the tests are imported. */
export const tested: { kind: 'server' | 'cluster' } = { kind: 'server' }

export interface OpenedRedis {
  readonly url: string
  readonly raw: Redis
  /** On a cluster there is none. */
  readonly server: TestRedis
  stop(): Promise<void>
}

export async function openTestRedis(options: TestRedisOptions = {}): Promise<OpenedRedis> {
  if (tested.kind === 'cluster') return openCluster()
  const server = await startRedis(options)
  const raw = new Redis(server.url)
  const stop = async (): Promise<void> => {
    raw.disconnect()
    await server.stop()
  }
  return { url: server.url, raw, server, stop }
}

async function openCluster(): Promise<OpenedRedis> {
  const { url, stop } = await startCluster({ replicas: 0 })
  const raw = openWholeCluster(url)
  const end = async (): Promise<void> => {
    raw.disconnect()
    await stop()
  }
  const server = { url, stop } as TestRedis
  return { url, raw, server, stop: end }
}
