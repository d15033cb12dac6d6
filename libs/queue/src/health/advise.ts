/**
 * What makes a Redis of several servers safer although it works: told by `millrace doctor`. Redis copies to its replicas after it
 * has answered, so what matters is that there are some, and that a primary that has lost them takes nothing any more.
 */
import type { Redis } from 'ioredis'

export interface Advice {
  message: string
  mend: string
}

export interface AdvisedServer {
  /** host:port */
  name: string
  node: Redis
  /** One of a cluster. */
  isNode: boolean
}

/** Where its settings may not be asked there is nothing to say of them. */
export async function advise({ name, node, isNode }: AdvisedServer): Promise<Advice[]> {
  const [replicas, needed, coverage] = await Promise.all([
    node.info('replication').then((text) => Number(/connected_slaves:(\d+)/.exec(text)?.[1] ?? 0)),
    setting(node, 'min-replicas-to-write'),
    isNode ? setting(node, 'cluster-require-full-coverage') : undefined,
  ])
  const found: Advice[] = []
  if (replicas === 0) {
    const what = isNode ? 'the jobs of its models wait until it is back' : 'nothing works until it is back'
    found.push({ message: `${name} has no replica: when it ends, ${what}.`, mend: 'Start a replica for it.' })
  }
  if (needed === '0') {
    found.push({
      message: `${name} takes jobs while it is cut off from its replicas (min-replicas-to-write 0): those are lost when one of them takes its place.`,
      mend: 'Set "min-replicas-to-write 1" and "min-replicas-max-lag 10" on every server.',
    })
  }
  if (coverage === 'yes') {
    found.push({
      message: `${name} takes nothing while any shard is away (cluster-require-full-coverage yes).`,
      mend: 'Set "cluster-require-full-coverage no" on every node: then the other shards go on.',
    })
  }
  return found
}

async function setting(node: Redis, name: string): Promise<string | undefined> {
  return ((await node.config('GET', name).catch(() => [])) as string[])[1]
}
