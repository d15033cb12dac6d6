/** Whether accepted jobs are safe in a cluster: each shard is asked, and one that is away is named. Called by inspect-redis.ts. */
import type { Cluster, Redis } from 'ioredis'
import { soon } from '../redis/model-names.ts'
import { QueueUnavailableError } from '../redis/redis-connection.ts'
import { inspectServer, type RedisHealth, WELL } from './inspect-server.ts'
import { faultOf, redisFault } from './redis-fault.ts'

/** A primary with the slots that it holds. */
export interface Shard {
  /** host:port, as clients are told. */
  name: string
  /** `0-5460`, with commas between. */
  slots: string
  replicas: number
  /** Undefined while no connection to it is known. */
  node: Redis | undefined
}

const SLOTS = 16_384

type SlotRange = [first: number, last: number, ...nodes: [host: string, port: number, ...more: unknown[]][]]

/** Rejects when no node answers. */
export async function shardsOf(cluster: Cluster): Promise<{ shards: Shard[]; uncovered: number }> {
  const nodes = cluster.nodes()
  if (nodes.length === 0) throw new QueueUnavailableError(new Error('No node of the cluster is known'))
  const ranges = await Promise.any(nodes.map((node) => soon(node.cluster('SLOTS')))).catch((error: AggregateError) => {
    throw new QueueUnavailableError(error.errors[0])
  })
  const shards = new Map<string, Shard>()
  let covered = 0
  for (const [first, last, primary, ...replicas] of ranges as SlotRange[]) {
    covered += last - first + 1
    const name = primary ? `${primary[0]}:${primary[1]}` : '?'
    const slots = first === last ? String(first) : `${first}-${last}`
    const known = shards.get(name)
    // As the client knows it, which may reach it by another address.
    const [key] = cluster.slots[first] ?? []
    const node = nodes.find(({ options: { host, port } }) => `${host}:${port}` === key)
    shards.set(
      name,
      known ? { ...known, slots: `${known.slots},${slots}` } : { name, slots, replicas: replicas.length, node },
    )
  }
  return { shards: [...shards.values()], uncovered: SLOTS - covered }
}

export async function inspectCluster(cluster: Cluster): Promise<RedisHealth> {
  const { shards, uncovered } = await shardsOf(cluster)
  const outages: string[] = []
  const seen: { name: string; health: RedisHealth }[] = []
  const causes: unknown[] = []
  await Promise.all(
    shards.map(async ({ name, slots, node }) => {
      try {
        if (!node) throw new QueueUnavailableError(new Error('no connection'))
        seen.push({ name, health: await soon(inspectServer(node, { isNode: true })) })
      } catch (error) {
        causes.push(error)
        const { reason } = redisFault(error)
        outages.push(`The shard at ${name} (slots ${slots}) is away, and jobs of its models wait: ${reason}.`)
      }
    }),
  )
  if (seen.length === 0) throw causes[0] ?? new QueueUnavailableError(new Error('No shard answers'))
  if (uncovered > 0) outages.push(`${faultOf('CLUSTERDOWN').reason}: ${uncovered} of ${SLOTS} slots.`)
  return { ...together(seen), outages: outages.sort() }
}

/** What is worst counts, but new work is refused only where there is no room for it: each shard sees to that itself. */
function together(seen: { name: string; health: RedisHealth }[]): RedisHealth {
  const fullest = seen.reduce((most, one) => (one.health.memoryShare > most.health.memoryShare ? one : most))
  const all = (what: 'appends' | 'rewrites' | 'snapshots'): boolean =>
    seen.every(({ health }) => health.persistence[what])
  return {
    version: seen.map(({ health }) => health.version).sort()[0] ?? '',
    faults: seen.flatMap(({ name, health }) => health.faults.map((fault) => `${name}: ${fault}`)).sort(),
    memoryShare: fullest.health.memoryShare,
    roomiestShare: Math.min(...seen.map(({ health }) => health.memoryShare)),
    fullest: fullest.name,
    persistence: {
      ...WELL,
      ...{ appends: all('appends'), rewrites: all('rewrites'), snapshots: all('snapshots') },
      refuses: seen.some(({ health }) => health.persistence.refuses),
    },
    outages: [],
  }
}
