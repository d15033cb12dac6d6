/**
 * A primary with a replica and the Sentinels that watch them, real servers on free loopback ports. They fail over within some
 * seconds. Used by tests of what a failover may do to jobs.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { until } from '../until.ts'
import { freePort, startRedis, type TestRedis } from './redis-server.ts'

export interface TestSentinels {
  /** As REDIS_URL names them. */
  readonly url: string
  readonly servers: readonly TestRedis[]
  readonly sentinels: readonly TestRedis[]
  /** The one that the Sentinels name now. */
  primary(): Promise<TestRedis>
  stop(): Promise<void>
}

export interface TestSentinelsOptions {
  replicas?: number
  /** Settings of each server, as on the command line. */
  extraArgs?: string[]
  /** Lines for each Sentinel, and the password that they set, if they do. */
  sentinelLines?: string[]
  password?: string
}

export const PRIMARY_NAME = 'main'
/** How soon a server that says nothing counts as failed. Milliseconds. */
const DOWN_MS = 1000

export async function startSentinels(options: TestSentinelsOptions = {}): Promise<TestSentinels> {
  const { replicas = 1, extraArgs = [], sentinelLines = [], password } = options
  const own = extraArgs[extraArgs.indexOf('--requirepass') + 1]
  const usual = ['--repl-diskless-sync-delay', '0', ...extraArgs]
  const first = await startRedis({ extraArgs: usual })
  const others = await Promise.all(
    Array.from({ length: replicas }, () =>
      startRedis({ extraArgs: ['--replicaof', `127.0.0.1 ${first.port}`, ...usual] }),
    ),
  )
  const servers = [first, ...others]
  await Promise.all(
    others.map((server) =>
      until('the replica has what its primary has', () =>
        asked(server, own, async (raw) => (await raw.info('replication')).includes('master_link_status:up')),
      ),
    ),
  )
  const folder = mkdtempSync(join(tmpdir(), 'millrace-sentinels-'))
  const sentinels = await Promise.all([0, 1, 2].map((n) => startSentinel(folder, n, first.port, sentinelLines)))
  await Promise.all(
    sentinels.map((sentinel) =>
      until(
        'the Sentinel knows the others and the replicas',
        () =>
          asked(sentinel, password, async (raw) => {
            const text = await raw.info('sentinel')
            return text.includes(`slaves=${replicas},sentinels=3`) && text.includes('status=ok')
          }),
        { timeoutMs: 30_000 },
      ),
    ),
  )
  const primary = (): Promise<TestRedis> =>
    until('the Sentinels name a primary', async () => {
      const ports = await Promise.all(
        sentinels.map((sentinel) =>
          asked(
            sentinel,
            password,
            async (raw) => ((await raw.call('SENTINEL', 'get-master-addr-by-name', PRIMARY_NAME)) as string[])[1],
          ).catch(() => undefined),
        ),
      )
      const isSure = ports.every((port) => port === ports[0])
      return isSure ? servers.find(({ port }) => `${port}` === ports[0]) : undefined
    })
  return {
    url: `redis+sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/${PRIMARY_NAME}`,
    ...{ servers, sentinels, primary },
    async stop() {
      await Promise.all([...sentinels, ...servers].map((server) => server.stop()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function startSentinel(folder: string, n: number, monitored: number, lines: string[]): Promise<TestRedis> {
  const port = await freePort()
  const config = join(folder, `sentinel-${n}.conf`)
  const own = [
    ...[`port ${port}`, 'bind 127.0.0.1', `dir ${folder}`, `sentinel monitor ${PRIMARY_NAME} 127.0.0.1 ${monitored} 2`],
    ...[
      `sentinel down-after-milliseconds ${PRIMARY_NAME} ${DOWN_MS}`,
      `sentinel failover-timeout ${PRIMARY_NAME} 5000`,
    ],
  ]
  // A Sentinel writes what it learns into its file.
  writeFileSync(config, [...own, ...lines, ''].join('\n'))
  return startRedis({ port, dir: folder, args: [config, '--sentinel'] })
}

async function asked<T>({ url }: TestRedis, password: string | undefined, ask: (raw: Redis) => Promise<T>): Promise<T> {
  const raw = new Redis(url, {
    password,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    lazyConnect: true,
    enableReadyCheck: false,
  })
  raw.on('error', () => undefined)
  try {
    await raw.connect()
    return await ask(raw)
  } finally {
    raw.disconnect()
  }
}
