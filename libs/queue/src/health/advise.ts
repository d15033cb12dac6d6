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

/** One sentence for all servers that it is true of. Where settings may not be asked there is nothing to say of them. */
export async function adviseAll(servers: readonly AdvisedServer[]): Promise<Advice[]> {
  const needs = await Promise.all(servers.map(needsOf))
  const isCluster = servers.some(({ isNode }) => isNode)
  return (Object.keys(ADVICE) as Need[]).flatMap((need) => {
    const names = servers.filter((_, i) => needs[i]?.includes(need)).map(({ name }) => name)
    if (names.length === 0) return []
    const { says, mend } = ADVICE[need]
    return [{ message: `${names.join(', ')}: ${says(isCluster)}`, mend }]
  })
}

type Need = 'replica' | 'min-replicas' | 'coverage'

const ADVICE: Record<Need, { says(isCluster: boolean): string; mend: string }> = {
  replica: {
    says: (isCluster) =>
      `there is no replica: when the server ends, ${isCluster ? 'jobs of its models wait' : 'nothing works'} until it is back.`,
    mend: 'Start a replica for it.',
  },
  'min-replicas': {
    says: () =>
      'jobs are taken while no replica follows (min-replicas-to-write 0): they are lost if one of them takes its place then.',
    mend: 'Set "min-replicas-to-write 1" and "min-replicas-max-lag 10" on every server.',
  },
  coverage: {
    says: () => 'nothing is taken while any shard is away (cluster-require-full-coverage yes).',
    mend: 'Set "cluster-require-full-coverage no" on every node: then the other shards go on.',
  },
}

async function needsOf({ node, isNode }: AdvisedServer): Promise<Need[]> {
  const [replicas, needed, coverage] = await Promise.all([
    node.info('replication').then((text) => Number(/connected_slaves:(\d+)/.exec(text)?.[1] ?? 0)),
    setting(node, 'min-replicas-to-write'),
    isNode ? setting(node, 'cluster-require-full-coverage') : undefined,
  ])
  const found: Need[] = []
  if (replicas === 0) found.push('replica')
  if (needed === '0') found.push('min-replicas')
  if (coverage === 'yes') found.push('coverage')
  return found
}

async function setting(node: Redis, name: string): Promise<string | undefined> {
  return ((await node.config('GET', name).catch(() => [])) as string[])[1]
}
