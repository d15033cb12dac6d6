/** Whether accepted jobs are safe in a server: its settings, its memory, its disk. Called by inspect-redis.ts. */
import type { Redis } from 'ioredis'
import { orUnavailable, QueueUnavailableError, refusedDatabase } from '../redis/redis-connection.ts'
import { faultOf, type RedisFault, redisFault } from './redis-fault.ts'

/** What this Redis is set to, and whether accepted jobs are safe in it. */
export interface RedisHealth {
  version: string
  /** Each a sentence that says what is wrong and how to mend it. Empty when all is well. */
  faults: string[]
  /** Why Millrace does not work with its kind at all, whatever is allowed; mostly absent. */
  unsupported?: RedisFault
  /** Used share of maxmemory, 0 when no limit is set; of the fullest shard. */
  memoryShare: number
  /** The same of the shard with most room; where there is one, that is all. */
  roomiestShare?: number
  /** The name of the fullest shard, when there are several. */
  fullest?: string
  /** Shards that are away, a sentence each. What lies in the others goes on. */
  outages?: string[]
  /** Whether what Redis writes to its disk arrives there. */
  persistence: PersistenceHealth
}

/** False: the last try failed. */
export interface PersistenceHealth {
  /** Writes to the append-only file. When they fail, Redis refuses every change, and a crash loses the last ones. */
  appends: boolean
  /** Rewrites of that file. When they fail, it grows. */
  rewrites: boolean
  /** Snapshots. */
  snapshots: boolean
  /** Redis refuses every change (MISCONF) because of one of these. */
  refuses: boolean
}

export const WELL: PersistenceHealth = { appends: true, rewrites: true, snapshots: true, refuses: false }

/** Oldest Redis whose scripts and commands are used here (ZRANGE BYSCORE REV LIMIT). */
const OLDEST_VERSION = 6.2

/** Reads the settings that decide whether an acknowledged job can be lost. `isNode`: the client knows that it is one of a cluster. */
export async function inspectServer(redis: Redis, { isNode = false } = {}): Promise<RedisHealth> {
  const info = parseInfo(await orUnavailable(() => redis.info()))
  // INFO is answered even then, and says that the append-only file is off while it is being read.
  if (info.loading === '1') throw new QueueUnavailableError(new Error('Redis is loading its data'))
  const unsupported = await whyUnsupported(redis, info, isNode)
  // Such a one says nothing of files and memory that would be worth hearing.
  if (unsupported)
    return { version: info.redis_version ?? '', faults: [], unsupported, memoryShare: 0, persistence: WELL }
  const faults: string[] = []
  const version = info.redis_version ?? ''
  if (Number.parseFloat(version) < OLDEST_VERSION) faults.push(`Redis ${version} is too old: use 6.2 or newer.`)
  if (info.aof_enabled !== '1') {
    faults.push('The append-only file is off, so a crash of Redis loses jobs: set "appendonly yes".')
  }
  if (info.maxmemory_policy && info.maxmemory_policy !== 'noeviction') {
    faults.push(
      `maxmemory-policy is ${info.maxmemory_policy}, so Redis may drop jobs: set "maxmemory-policy noeviction".`,
    )
  }
  return { version, faults, memoryShare: memoryShareOf(info), persistence: await persistenceOf(info, redis) }
}

/** As Redis itself reckons when it decides whether it is full. */
function memoryShareOf(info: Info): number {
  const most = Number(info.maxmemory ?? 0)
  const used = Number(info.used_memory) - Number(info.mem_not_counted_for_evict ?? 0)
  return most > 0 ? used / most : 0
}

/** A server that does not say is taken to be well. */
async function persistenceOf(info: Info, redis: Redis): Promise<PersistenceHealth> {
  const isWell = (field: string): boolean => (info[field] ?? 'ok') === 'ok'
  const appends = isWell('aof_last_write_status')
  const snapshots = isWell('rdb_last_bgsave_status')
  const refuses = !appends || (!snapshots && (await stopsForSnapshots(redis)))
  return { appends, rewrites: isWell('aof_last_bgrewrite_status'), snapshots, refuses }
}

/** Whether a snapshot that fails makes Redis refuse changes. Where its settings may not be asked, they are the usual ones. */
async function stopsForSnapshots(redis: Redis): Promise<boolean> {
  const ask = async (name: string): Promise<string | undefined> =>
    ((await redis.config('GET', name).catch(() => [])) as string[])[1]
  return (await ask('stop-writes-on-bgsave-error')) !== 'no' && (await ask('save')) !== ''
}

type Info = Record<string, string | undefined>

async function whyUnsupported(redis: Redis, info: Info, isNode: boolean): Promise<RedisFault | undefined> {
  if (info.redis_mode === 'sentinel') return faultOf('SENTINEL')
  const database = refusedDatabase(redis)
  if (database) return redisFault(database)
  if (info.cluster_enabled !== '1' || isNode) return undefined
  // One node with all slots is one server; several answer most calls with MOVED, and who asked for one server does not follow.
  const { cluster_size: size } = parseInfo(String(await orUnavailable(() => redis.cluster('INFO'))))
  return Number(size) > 1 ? faultOf('CLUSTER') : undefined
}

function parseInfo(text: string): Record<string, string> {
  const pairs = text.split('\r\n').map((line) => line.split(':', 2))
  return Object.fromEntries(pairs.filter(([key, value]) => key && value !== undefined))
}
