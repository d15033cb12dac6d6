/**
 * A real Redis Cluster for a test: primaries, each with replicas, on free loopback ports. It fails over within some seconds, and
 * shards that are whole go on while another is away. Used by tests of what a cluster may do to jobs.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Command, Redis } from 'ioredis'
import { until } from '../until.ts'
import { freePort, startRedis, type TestRedis } from './redis-server.ts'

export interface TestCluster {
  /** All nodes, as REDIS_URL names them. */
  readonly url: string
  /** Primaries at first, then their replicas in the same order. */
  readonly nodes: readonly TestNode[]
  /** The node that holds the slot of this key now, as the nodes that are there say. */
  holderOf(key: string): Promise<TestNode>
  stop(): Promise<void>
}

export interface TestNode extends TestRedis {
  readonly id: string
  /** For what a test asks of it. */
  readonly raw: Redis
}

export interface TestClusterOptions {
  primaries?: number
  /** Of each primary. */
  replicas?: number
  /** How soon a node that says nothing counts as failed. Milliseconds. */
  timeoutMs?: number
  extraArgs?: string[]
}

const SLOTS = 16_384
/** How long a node may take to say who holds a slot. Milliseconds. */
const VOTE_MS = 500

export const slotOf = (key: string): number => new Command('get', [key]).getSlot() as number

export async function startCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  const { primaries = 3, replicas = 1, timeoutMs = 1000, extraArgs = [] } = options
  const folder = mkdtempSync(join(tmpdir(), 'millrace-cluster-'))
  const plans = await Promise.all(
    Array.from({ length: primaries * (1 + replicas) }, async (_, n): Promise<Plan> => {
      const [from, to] = [n, n + 1].map((i) => Math.floor((i * SLOTS) / primaries)) as [number, number]
      const isPrimary = n < primaries
      return {
        // By default the port of the bus would be that of the node and 10,000, which may be no port at all.
        ...{ id: idOf(n), port: await freePort(), busPort: await freePort(), epoch: n + 1 },
        ...(isPrimary ? { slots: `${from}-${to - 1}` } : { primary: idOf(n % primaries) }),
      }
    }),
  )
  const settings = [
    ...['--cluster-enabled', 'yes', '--cluster-node-timeout', `${timeoutMs}`],
    ...[
      '--cluster-require-full-coverage',
      'no',
      '--repl-diskless-sync-delay',
      '0',
      '--repl-ping-replica-period',
      '1',
      ...extraArgs,
    ],
  ]
  const nodes = await Promise.all(plans.map((plan) => startNode(plan, plans, folder, settings)))
  await all(nodes, 'serves', async ({ raw }) => {
    const ranges = (await raw.cluster('SLOTS')) as unknown[][]
    const isWhole = String(await raw.cluster('INFO')).includes('cluster_state:ok')
    const replication = await raw.info('replication')
    const hasCopy = replication.includes('role:master') || replication.includes('master_link_status:up')
    return isWhole && hasCopy && ranges.every((range) => range.length === 3 + replicas)
  })
  return {
    url: `redis+cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    nodes,
    holderOf: (key) => holderOf(nodes, slotOf(key)),
    async stop() {
      for (const { raw } of nodes) raw.disconnect()
      await Promise.all(nodes.map((node) => node.stop()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** What a node is to be. */
interface Plan {
  id: string
  port: number
  busPort: number
  epoch: number
  slots?: string
  /** The id of the node that it copies. */
  primary?: string
}

const idOf = (n: number): string => `${n}`.padStart(40, '0')

/** As a node remembers its cluster: it finds the others at once, which to tell it one by one would take long. */
function fileOf(plans: readonly Plan[], self: Plan): string {
  const lines = plans.map((plan) => {
    const { id, port, busPort, epoch, primary = '-', slots = '' } = plan
    const flags = `${plan === self ? 'myself,' : ''}${plan.primary === undefined ? 'master' : 'slave'}`
    return `${id} 127.0.0.1:${port}@${busPort} ${flags} ${primary} 0 0 ${epoch} connected ${slots}`.trimEnd()
  })
  return [...lines, `vars currentEpoch ${plans.length} lastVoteEpoch 0`, ''].join('\n')
}

async function startNode(plan: Plan, plans: readonly Plan[], folder: string, settings: string[]): Promise<TestNode> {
  const dir = join(folder, `${plan.port}`)
  mkdirSync(dir)
  writeFileSync(join(dir, 'nodes.conf'), fileOf(plans, plan))
  const extraArgs = [...settings, '--cluster-port', `${plan.busPort}`]
  const server = await startRedis({ dir, port: plan.port, extraArgs })
  const raw = new Redis(server.url, { maxRetriesPerRequest: 0, retryStrategy: () => 50 })
  raw.on('error', () => undefined)
  return Object.assign(server, { raw, id: plan.id })
}

async function holderOf(nodes: readonly TestNode[], slot: number): Promise<TestNode> {
  return until('a node holds the slot', async () => {
    // What the most say: one that was cut off may still believe the old.
    const votes = await Promise.all(
      nodes.map(({ raw }) =>
        Promise.race([voteOf(raw, slot).catch(() => undefined), wait(VOTE_MS, undefined, { ref: false })]),
      ),
    )
    const counts = new Map<string, number>()
    for (const vote of votes) if (vote) counts.set(vote, (counts.get(vote) ?? 0) + 1)
    const [most] = [...counts].sort((a, b) => b[1] - a[1])
    return nodes.find(({ id }) => id === most?.[0])
  })
}

async function voteOf(raw: Redis, slot: number): Promise<string | undefined> {
  const ranges = (await raw.cluster('SLOTS')) as unknown as [number, number, [string, number, string]][]
  return ranges.find(([from, to]) => from <= slot && slot <= to)?.[2][2]
}

async function all(nodes: readonly TestNode[], what: string, ask: (node: TestNode) => Promise<boolean>): Promise<void> {
  await Promise.all(nodes.map((node) => until(`each node ${what}`, () => ask(node), { timeoutMs: 30_000 })))
}
