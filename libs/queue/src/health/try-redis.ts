/**
 * Tries what the service does with Redis: keys of ours, every command, a script, the channels. A PING tells nothing of
 * it: a user may be allowed to say that and no more. Called by RedisWatch and probe-redis.ts.
 */
import { type Cluster, Command, type Redis } from 'ioredis'
import { defineScript } from '../scripts/define-scripts.ts'
import { PROBE_SCRIPT } from '../scripts/contract/probe-script.ts'
import { CANCELS_CHANNEL, CHANGES_CHANNEL, EVENTS_CHANNELS } from '../redis/keys.ts'
import { soon } from '../redis/model-names.ts'
import { clusterOf, type RedisClient } from '../redis/redis-client.ts'
import { QueueUnavailableError, replyCode } from '../redis/redis-connection.ts'

/** A key of each kind that we have: bound to a model or tenant, and not. A pair of them lies in one shard. */
interface ProbeKeys {
  bound: string
  free: string
}
const ONE: ProbeKeys = { bound: '{mr:probe}:', free: 'mr:probe' }
const EVENTS_PROBE = `${EVENTS_CHANNELS}probe`
const CHANNELS = [CHANGES_CHANNEL, CANCELS_CHANNEL, EVENTS_PROBE]

/** Redis' words for "not allowed", for a whole command and for what stands in it. Anything else is no matter of rights. */
const isDenied = (error: unknown): boolean => replyCode(error) === 'NOPERM'

/** That Redis is full is told by others: what was accepted goes on in it. */
const FULL = 'OOM'
const codeOf = (words: string): string => words.split(' ', 1)[0] ?? ''

/**
 * What this user of Redis is not allowed and needs, a sentence each; empty when all works. Rejects when Redis takes no
 * commands at all now (away, full, read-only): that is told by others.
 */
export async function tryRedis(redis: RedisClient): Promise<string[]> {
  const cluster = clusterOf(redis)
  if (cluster === undefined) return tryShard(redis, ONE)
  // Each node has users of its own. One that is away is told by others.
  const tried = await Promise.allSettled(keysOfShards(cluster).map((keys) => soon(tryShard(redis, keys))))
  const answered = tried.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const failed = tried.find((one) => one.status === 'rejected')
  if (answered.length === 0 && failed) throw failed.reason
  return [...new Set(answered.flat())]
}

/** Names that lie in each of the shards: tried one after the other until all have theirs. */
function keysOfShards(cluster: Cluster): ProbeKeys[] {
  const found = new Map<string, ProbeKeys>()
  const all = new Set(cluster.slots.map((nodes) => nodes?.[0]))
  for (let n = 0; n < MOST_NAMES && found.size < all.size; n++) {
    const tag = `{mr:probe${n}}`
    const holder = cluster.slots[new Command('get', [tag]).getSlot()]?.[0]
    if (holder !== undefined && !found.has(holder)) found.set(holder, { bound: `${tag}:`, free: `mr:probe:${tag}` })
  }
  return [...found.values()]
}

/** Enough to meet each of many shards by chance. */
const MOST_NAMES = 10_000

async function tryShard(redis: RedisClient, keys: ProbeKeys): Promise<string[]> {
  const others = [...(await tryFreeKeys(redis, keys)), ...(await tryWaiting(redis, keys))]
  const refused = await tryScript(redis, keys)
  if (refused === 'script') return ['The user of REDIS_URL may not run scripts (EVAL, EVALSHA).']
  if (refused === 'keys') return [...others, 'The user of REDIS_URL may not use keys that begin with {mr: (~{mr:*).']
  const commands = refused.filter((what) => !what.startsWith('PUBLISH '))
  const faults = others
  if (commands.length > 0) faults.push(`The user of REDIS_URL may not run ${commands.slice(0, 8).join(', ')}.`)
  const channels = refused.flatMap((what) => what.split(' ')[1] ?? [])
  if (channels.length > 0) faults.push(`The user of REDIS_URL may not publish to ${channels.join(', ')} (&mr:*).`)
  return faults
}

async function tryFreeKeys(redis: RedisClient, { free }: ProbeKeys): Promise<string[]> {
  try {
    await (redis as Redis).multi().set(free, '1', 'PX', 60_000).exec()
    return []
  } catch (error) {
    // A transaction that met a refusal says so as a whole; the refusal is in it.
    const causes = (error as { previousErrors?: unknown[] }).previousErrors ?? [error]
    if (causes.some((cause) => replyCode(cause) === FULL)) return []
    if (!causes.some(isDenied)) throw causes[0] ?? error
    return ['The user of REDIS_URL may not use keys that begin with mr: (~mr:*), or no transactions.']
  }
}

/** What workers wait for the bell with, which a script cannot try. */
async function tryWaiting(redis: RedisClient, keys: ProbeKeys): Promise<string[]> {
  try {
    await redis.blpop(`${keys.bound}none`, 0.001)
    return []
  } catch (error) {
    if (!isDenied(error)) throw error
    // Of the key more is said by the script.
    return (await mayTouch(redis, keys)) ? ['The user of REDIS_URL may not run BLPOP.'] : []
  }
}

/** A write: a user may have been given keys to read alone. */
const mayTouch = (redis: RedisClient, { bound }: ProbeKeys): Promise<boolean> =>
  redis.set(`${bound}s`, '', 'PX', 1).then(
    () => true,
    (error: unknown) => !isDenied(error),
  )

/** The names of what was refused; `keys` when nothing may touch the key, `script` when there may be none. */
async function tryScript(redis: RedisClient, keys: ProbeKeys): Promise<string[] | 'keys' | 'script'> {
  try {
    const refused = await defineScript(redis, 'probe', PROBE_SCRIPT)({ shard: keys.bound, channels: CHANNELS })
    for (const { words } of refused) {
      // Read-only, short of replicas: each command says so, and none of it is a matter of rights.
      const code = codeOf(words)
      if (!['ERR', 'NOPERM', FULL].includes(code))
        throw new QueueUnavailableError(Object.assign(new Error(code), { code }))
    }
    return refused.filter(({ words }) => codeOf(words) !== FULL).map(({ what }) => what)
  } catch (error) {
    if (!isDenied(error)) throw error
    return (await mayTouch(redis, keys)) ? 'script' : 'keys'
  }
}

/** The same for listening, on the connection that listens. It goes on to follow what it follows. */
export async function tryListening(subscriber: Redis): Promise<string[]> {
  // While it is away it would wait; what it may not do is told once it is there.
  if (subscriber.status !== 'ready') return []
  try {
    // The channel of ends is left out: a worker that followed it would be woken by every job.
    await subscriber.subscribe(CANCELS_CHANNEL, EVENTS_PROBE)
    await subscriber.unsubscribe(EVENTS_PROBE)
    return []
  } catch (error) {
    if (!isDenied(error)) throw error
    return ['The user of REDIS_URL may not subscribe to channels that begin with mr: (&mr:*).']
  }
}
