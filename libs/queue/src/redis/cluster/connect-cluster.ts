/** The client of a Redis Cluster, in the two ways to talk to Redis; see redis-connection.ts. Called by Connections. */
import { atLatestAwake } from '@millrace/async'
import type { Log, RedisAddress } from '@millrace/contracts'
import { Cluster, type Command, type RedisOptions } from 'ioredis'
import { breakSilence } from '../break-silence.ts'
import { failingAtClose } from '../closing-redis.ts'
import { impatient, noteErrors, silenceOf } from '../redis-connection.ts'

export type ClusterAddress = RedisAddress & { kind: 'cluster' }

/** From one look at who holds which slots to the next; what is met on the way is learnt at once. Milliseconds. */
const LOOK_MS = 5000
/** How long an answer may take of which an impatient one waits, redirections and all. Milliseconds. */
const PATIENCE_MS = 2000

/** What is tried again, how often and how soon. A shard that fails over has no primary for some seconds. */
const TRIES = {
  /** For request handlers: follows a move, and leaves the rest to the client. */
  few: { maxRedirections: 4, retryDelayOnFailover: 100, retryDelayOnClusterDown: 0 },
  /** For workers: until the shard is back. */
  all: { maxRedirections: Number.POSITIVE_INFINITY, retryDelayOnFailover: 200, retryDelayOnClusterDown: 200 },
} as const

const AWAY = new Set(['reconnecting', 'disconnecting', 'close', 'end'])

/** Fails what waits for any shard when it is closed. */
const ClosingCluster = failingAtClose(Cluster)

/** Each call answers or fails in time, whatever its shard does. */
class ImpatientCluster extends ClosingCluster {
  override sendCommand(command: Command, ...rest: [stream?: never, node?: never]): unknown {
    if (AWAY.has(this.status)) {
      command.reject(new Error('The cluster is away'))
      return command.promise
    }
    const answer = super.sendCommand(command, ...rest)
    const inTime = atLatestAwake(PATIENCE_MS, () => {
      command.reject(new Error('The cluster does not answer in time'))
      // What fails later must not be sent again: nobody waits for it.
      command.reject = () => undefined
    })
    command.promise.then(inTime, inTime)
    return answer
  }
}

/** Opens a client that heals by itself and follows whatever moves. Its errors are never thrown. */
export function connectCluster(address: ClusterAddress, profile: RedisOptions, logger: Log): Cluster {
  const silence = silenceOf(profile, 'cluster')
  const Kind = profile === impatient ? ImpatientCluster : ClosingCluster
  const cluster = new Kind([...address.hosts], clusterOptions(address, profile))
  const note = noteErrors(cluster, logger)
  cluster.on('error', note)
  cluster.on('node error', note)
  if (silence !== undefined) cluster.on('+node', (node) => breakSilence(node, silence))
  return cluster
}

type ClusterOptions = ConstructorParameters<typeof Cluster<'legacy'>>[1]

function clusterOptions(address: ClusterAddress, profile: RedisOptions): ClusterOptions {
  const { tls, username, password, nat } = address
  const { connectTimeout } = profile
  return {
    ...(profile === impatient ? TRIES.few : TRIES.all),
    slotsRefreshInterval: LOOK_MS,
    clusterRetryStrategy: (times) => Math.min(50 * times, 1000),
    natMap: nat,
    // A name stays a name: a certificate is for names.
    dnsLookup: (host, answer) => answer(null, host),
    redisOptions: { connectTimeout, username, password, ...(tls && { tls: {} }) },
  }
}
