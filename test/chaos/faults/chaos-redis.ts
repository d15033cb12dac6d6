/**
 * The Redis of a chaos run: one server behind a proxy that loses replies, a cluster, or what Sentinels watch. Of the latter two it
 * is the primary of the jobs that is killed or frozen, and a replica takes its place. Called by startStage.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { newJobId } from '@millrace/queue'
import { Redis } from 'ioredis'
import { startCluster } from '../../support/servers/redis-cluster.ts'
import { PRIMARY_NAME, startSentinels } from '../../support/servers/redis-sentinels.ts'
import { startRedis, type TestRedis } from '../../support/servers/redis-server.ts'
import { openWholeCluster } from '../../support/servers/whole-cluster.ts'
import { until } from '../../support/until.ts'
import { type RedisProxy, startRedisProxy } from './redis-proxy.ts'

export const REDIS_KINDS = ['server', 'cluster', 'sentinel'] as const
export type RedisKind = (typeof REDIS_KINDS)[number]

export interface ChaosRedis {
  /** What the parts see of it. */
  url: string
  server: Pick<TestRedis, 'kill' | 'restart'>
  /** Only of one server are replies lost. */
  proxy: Pick<RedisProxy, 'loseReplies'>
  /** A client that goes past the proxy, for whoever looks on. */
  onlooker: Redis
}

/** The model of a run, whose jobs are all in one shard. */
const MODEL = 'chaos'
const FAILOVER_MS = 60_000

export async function openChaosRedis(kind: RedisKind, folder: string, closing: (() => unknown)[]): Promise<ChaosRedis> {
  const opened = await { server: openServer, cluster: openCluster, sentinel: openSentinels }[kind](folder, closing)
  // It is killed on purpose; the client connects again.
  opened.onlooker.on('error', () => {})
  closing.push(() => opened.onlooker.disconnect())
  return opened
}

async function openServer(folder: string, closing: (() => unknown)[]): Promise<ChaosRedis> {
  const dir = join(folder, 'redis')
  mkdirSync(dir)
  const server = await startRedis({ dir })
  closing.push(() => server.stop())
  const proxy = await startRedisProxy(server.port)
  closing.push(() => proxy.close())
  return { url: proxy.url, server, proxy, onlooker: new Redis(server.url, { maxRetriesPerRequest: null }) }
}

const NO_PROXY: ChaosRedis['proxy'] = { loseReplies: () => Promise.reject(new Error('there is no proxy')) }

async function openCluster(_: string, closing: (() => unknown)[]): Promise<ChaosRedis> {
  const cluster = await startCluster()
  closing.push(() => cluster.stop())
  const key = `{mr:${newJobId(MODEL).slice(4, 12)}}:`
  const server = replaced(() => cluster.holderOf(key))
  return { url: cluster.url, server, proxy: NO_PROXY, onlooker: openWholeCluster(cluster.url) }
}

async function openSentinels(_: string, closing: (() => unknown)[]): Promise<ChaosRedis> {
  // As docs/deploy.md advises: a primary without a replica takes nothing, so one that comes back during a failover, or wakes after
  // it, accepts no job that nobody else has.
  const set = await startSentinels({
    replicas: 2,
    extraArgs: ['--min-replicas-to-write', '1', '--min-replicas-max-lag', '2'],
  })
  closing.push(() => set.stop())
  const sentinels = set.sentinels.map(({ port }) => ({ host: '127.0.0.1', port }))
  const onlooker = new Redis({ sentinels, name: PRIMARY_NAME, maxRetriesPerRequest: null, failoverDetector: true })
  return { url: set.url, server: replaced(() => set.primary()), proxy: NO_PROXY, onlooker }
}

/** What happens to it happens to the primary of that moment, once its replica has all that was answered. */
function replaced(primary: () => Promise<TestRedis>): ChaosRedis['server'] {
  let hit: TestRedis | undefined
  const follow = async (): Promise<void> => {
    await until('another has taken its place', async () => (await primary()) !== hit, { timeoutMs: FAILOVER_MS })
  }
  return {
    async kill(signal) {
      if (signal === 'SIGCONT') {
        await follow()
        await hit?.kill(signal)
        await hasReplica(primary)
        return
      }
      hit = await primary()
      await letReplicaCatchUp(hit)
      await hit.kill(signal)
    },
    async restart() {
      await follow()
      await hit?.restart()
      await hasReplica(primary)
    },
  }
}

const hasReplica = (primary: () => Promise<TestRedis>): Promise<boolean> =>
  until('the primary has a replica', async () => replicasOf(await asked(await primary(), replication)).length > 0, {
    timeoutMs: FAILOVER_MS,
  })

/** Nothing is answered from here on, and what was answered is in the replica. */
async function letReplicaCatchUp(server: TestRedis): Promise<void> {
  await asked(server, (raw) => raw.call('CLIENT', 'PAUSE', 10_000, 'WRITE'))
  const text = await asked(server, replication)
  const offset = Number(/master_repl_offset:(\d+)/.exec(text)?.[1])
  const isThere = async (): Promise<boolean> =>
    replicasOf(await asked(server, replication)).some((one) => one >= offset)
  await until('the replica has what was answered', isThere, { timeoutMs: FAILOVER_MS })
}

const replication = (raw: Redis): Promise<string> => raw.info('replication')
const replicasOf = (text: string): number[] =>
  [...text.matchAll(/slave\d+:.*state=online,offset=(\d+)/g)].map(([, offset]) => Number(offset))

async function asked<T>({ url }: TestRedis, ask: (raw: Redis) => Promise<T>): Promise<T> {
  const raw = new Redis(url, { maxRetriesPerRequest: 3 })
  raw.on('error', () => undefined)
  try {
    return await ask(raw)
  } finally {
    raw.disconnect()
  }
}
