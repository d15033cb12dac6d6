/** The servers that hold the keys: one, or each primary of a cluster. Opened to copy a record and to restore one. */
import { once } from 'node:events'
import { type Log, parseRedisAddress } from '@millrace/contracts'
import { Redis, type RedisOptions } from 'ioredis'
import { Connections } from '../redis/connections.ts'
import { clusterOf, type RedisClient } from '../redis/redis-client.ts'

export interface Primaries {
  /** Finds the way to the server of any key. */
  route: RedisClient
  nodes: readonly Redis[]
  /** A connection of one's own to a server of `nodes`. It does not come back once it is lost. */
  dial(node: Redis): Promise<Redis>
  close(): void
}

/** A key that asks where its server is; any would do. */
const ANY_KEY = 'mr:models'

export async function openPrimaries(url: string, logger: Log): Promise<Primaries> {
  const connections = new Connections(url, 'worker', logger)
  const route = connections.main
  // The first answer: by then a cluster knows its nodes.
  await route.smembers(ANY_KEY)
  const cluster = clusterOf(route)
  const dialed: Redis[] = []
  const tls = parseRedisAddress(url).tls
  return {
    route,
    nodes: cluster ? cluster.nodes('master') : [route as Redis],
    async dial(node) {
      const one = new Redis({ ...ownOptions(node.options), ...(tls && !node.options.tls ? { tls: {} } : {}) })
      dialed.push(one)
      // Told by whoever waits for it.
      one.on('error', () => undefined)
      await once(one, 'ready')
      return one
    },
    close() {
      for (const one of dialed) one.disconnect()
      connections.close()
    },
  }
}

const ownOptions = (options: RedisOptions): RedisOptions => ({
  ...options,
  // By the newer protocol the client drops what the server tells of changed keys.
  protocol: 2,
  replyMapping: undefined,
  lazyConnect: false,
  enableOfflineQueue: true,
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: null,
  readOnly: false,
  retryStrategy: () => null,
  reconnectOnError: null,
})
