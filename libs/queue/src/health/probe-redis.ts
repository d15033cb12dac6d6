/** Looks at a Redis from outside, before anything relies on it. Called by `millrace doctor`. */
import { performance } from 'node:perf_hooks'
import { once } from 'node:events'
import { within } from '@millrace/async'
import { type Log, parseRedisAddress, type RedisAddress } from '@millrace/contracts'
import { type Cluster, Redis, type RedisOptions } from 'ioredis'
import { type ClusterAddress, connectCluster } from '../redis/cluster/connect-cluster.ts'
import { toMs } from '../redis/redis-client.ts'
import { connectionError, impatient, noteDatabase, sentinelOptions } from '../redis/redis-connection.ts'
import { type Advice, adviseAll } from './advise.ts'
import { adviseFunctions } from './advise-functions.ts'
import { explainRedis } from './explain-redis.ts'
import { shardsOf } from './inspect-cluster.ts'
import { inspectRedis } from './inspect-redis.ts'
import type { RedisHealth } from './inspect-server.ts'
import { type RedisFault, sayRedisFault } from './redis-fault.ts'
import { tryListening, tryRedis } from './try-redis.ts'

export interface RedisProbe extends RedisHealth {
  /** Median of a few PINGs. Milliseconds. */
  pingMs: number
  /** How far the clock of Redis is ahead of this process's; negative when behind. Milliseconds. */
  clockAheadMs: number
  /** What its user may not do and the service needs, a sentence each. */
  denied: string[]
  /** What would make it safer. */
  advice: Advice[]
  /** How many there are in a cluster. */
  shards?: number
}

/** Redis could not be asked. `code`: ECONNREFUSED, or the first word of Redis' refusal (WRONGPASS). */
export class RedisProbeError extends Error implements RedisFault {
  readonly code: string
  readonly reason: string
  readonly mend: string

  constructor(fault: RedisFault) {
    super(sayRedisFault(fault))
    this.name = 'RedisProbeError'
    this.code = fault.code
    this.reason = fault.reason
    this.mend = fault.mend
  }
}

const PINGS = 9

/**
 * Connects, tries what the service does on keys of its own, and leaves. Rejects with RedisProbeError, some seconds after
 * `timeoutMs` at the latest.
 */
export async function probeRedis(url: string, timeoutMs = 3000): Promise<RedisProbe> {
  const address = parseRedisAddress(url)
  const said: unknown[] = []
  const opened: { disconnect(): void }[] = []
  const open = <T extends Redis | Cluster>(one: T): T => {
    opened.push(one)
    one.on('error', (error: unknown) => void said.push(error))
    return one
  }
  try {
    return address.kind === 'cluster'
      ? await probeCluster(address, timeoutMs, open)
      : await probeServer(address, timeoutMs, open)
  } catch (error) {
    // The connection tells the cause; the call alone says only that there is none.
    throw new RedisProbeError(await explainRedis(address, [said[0], error]))
  } finally {
    for (const one of opened) one.disconnect()
  }
}

type Open = <T extends Redis | Cluster>(one: T) => T

const onceOnly = (timeoutMs: number): RedisOptions => ({
  ...{ lazyConnect: true, connectTimeout: timeoutMs, commandTimeout: timeoutMs },
  ...{ retryStrategy: () => null, maxRetriesPerRequest: 0 },
})

async function probeServer(address: RedisAddress, timeoutMs: number, open: Open): Promise<RedisProbe> {
  const options = onceOnly(timeoutMs)
  const redis = open(
    address.kind === 'sentinel'
      ? new Redis({
          ...options,
          ...sentinelOptions(address),
          sentinelRetryStrategy: () => null,
          failoverDetector: false,
        })
      : new Redis(address.kind === 'server' ? address.text : '', options),
  )
  noteDatabase(redis)
  await redis.connect()
  const health = await inspectRedis(redis)
  if (health.unsupported) return { ...health, pingMs: 0, clockAheadMs: 0, denied: [], advice: [] }
  const denied = await tryRedis(redis)
  const measured = await measure(redis)
  const name = `${redis.options.host}:${redis.options.port}`
  const advice = await adviseFunctions(redis)
  if (address.kind === 'sentinel') {
    advice.push(...(await adviseAll([{ name: namedBy(redis) ?? name, node: redis, isNode: false }])))
  }
  // Last: a connection that listens can do nothing else.
  return { ...health, ...measured, advice, denied: [...denied, ...(await tryListening(redis))] }
}

/** Each node has users and a version of its own. */
async function adviseFunctionsOf(nodes: readonly { node: Redis }[]): Promise<Advice[]> {
  const found = await Promise.all(nodes.map(({ node }) => adviseFunctions(node)))
  return found.find((one) => one.length > 0) ?? []
}

/** Whom a Sentinel named. */
function namedBy({ stream }: Redis): string | undefined {
  const { remoteAddress, remotePort } = stream
  return remoteAddress && `${remoteAddress}:${remotePort}`
}

async function probeCluster(address: ClusterAddress, timeoutMs: number, open: Open): Promise<RedisProbe> {
  const cluster = open(connectCluster(address, impatient, SILENT))
  if (cluster.status !== 'ready') {
    await within(once(cluster, 'ready'), timeoutMs, () => connectionError(cluster) ?? new Error('no answer in time'))
  }
  const health = await inspectRedis(cluster)
  const denied = await tryRedis(cluster)
  const { shards } = await shardsOf(cluster)
  const there = shards.flatMap(({ name, node }) => (node?.status === 'ready' ? [{ name, node, isNode: true }] : []))
  const measured = await Promise.all(there.map(({ node }) => measure(node)))
  const worst = (of: 'pingMs' | 'clockAheadMs'): number =>
    measured.reduce((most, one) => (Math.abs(one[of]) > Math.abs(most) ? one[of] : most), 0)
  const advice = [...(await adviseAll(there)), ...(await adviseFunctionsOf(there))]
  const [first] = there
  const listening = first ? await tryListening(await ready(open(first.node.duplicate({ lazyConnect: true })))) : []
  return {
    ...{ ...health, advice, denied: [...denied, ...listening], shards: shards.length },
    ...{ pingMs: worst('pingMs'), clockAheadMs: worst('clockAheadMs') },
  }
}

const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} }

async function ready(redis: Redis): Promise<Redis> {
  await redis.connect()
  return redis
}

async function measure(redis: Redis): Promise<{ pingMs: number; clockAheadMs: number }> {
  const times: number[] = []
  for (let i = 0; i < PINGS; i++) {
    const begun = performance.now()
    await redis.ping()
    times.push(performance.now() - begun)
  }
  const before = Date.now()
  const there = toMs(await redis.time())
  const clockAheadMs = there - (before + Date.now()) / 2
  return { pingMs: times.toSorted((a, b) => a - b)[Math.floor(PINGS / 2)] ?? 0, clockAheadMs }
}
