/** The connections of one process to its Redis, be it one server, a cluster, or what Sentinels watch. Made by openQueue. */
import { type Log, parseRedisAddress, type RedisAddress } from '@millrace/contracts'
import type { Cluster, Redis } from 'ioredis'
import { ClosingRedis } from './closing-redis.ts'
import { connectCluster } from './cluster/connect-cluster.ts'
import { anyNode, holderOf, nodeConnector, type PickNode } from './cluster/node-connector.ts'
import { clusterOf, type RedisClient } from './redis-client.ts'
import { connect, connectionError, impatient, noteErrors, patient, subscribing } from './redis-connection.ts'

type Profile = typeof patient

/** A key moved to another node while a call waited for it: the same call goes there, on a new connection. */
const MOVED = /^(MOVED|READONLY|UNBLOCKED|CLUSTERDOWN) /

export class Connections {
  readonly address: RedisAddress
  /** For all that answers at once. */
  readonly main: RedisClient
  /** For channels, and for nothing else. */
  readonly subscriber: Redis
  readonly #logger: Log
  readonly #all: { disconnect(): void }[] = []

  constructor(url: string, role: 'api' | 'worker', logger: Log) {
    this.address = parseRedisAddress(url)
    this.#logger = logger
    const profile = role === 'api' ? impatient : patient
    const { address } = this
    this.main = this.#keep(
      address.kind === 'cluster' ? connectCluster(address, profile, logger) : connect(address, profile, logger),
    )
    const cluster = clusterOf(this.main)
    this.subscriber = cluster
      ? this.#toNode(cluster, anyNode(cluster), subscribing)
      : this.#keep(connect(address, subscribing, logger))
    if (cluster) leaveWith(cluster, this.subscriber)
  }

  /** A connection for calls that block on keys of the shard that holds this one. */
  blocking(key: string): Redis {
    const cluster = clusterOf(this.main)
    return cluster
      ? this.#toNode(cluster, holderOf(cluster, key), patient)
      : this.#keep(connect(this.address, patient, this.#logger))
  }

  /** Why those that are not up are not. */
  errors(): (Error | undefined)[] {
    return [connectionError(this.main), connectionError(this.subscriber)]
  }

  close(): void {
    for (const one of this.#all) one.disconnect()
  }

  #toNode(cluster: Cluster, pick: PickNode, profile: Profile): Redis {
    const { username, password, tls } = this.address
    const redis = new ClosingRedis({
      ...profile,
      ...{ username, password, Connector: nodeConnector(cluster, pick, tls) },
      reconnectOnError: (error) => (MOVED.test(error.message) ? 2 : false),
    })
    redis.on('error', noteErrors(redis, this.#logger))
    return this.#keep(redis)
  }

  #keep<T extends { disconnect(): void }>(one: T): T {
    this.#all.push(one)
    return one
  }
}

/** A node that has left the cluster hears nothing any more, though it may be there. */
function leaveWith(cluster: Cluster, subscriber: Redis): void {
  cluster.on('-node', (node: Redis) => {
    const { remotePort, remoteAddress } = (subscriber as { stream?: Redis['stream'] }).stream ?? {}
    const { host, port } = node.options
    if (port === remotePort && (host === remoteAddress || subscriber.status === 'ready')) subscriber.disconnect(true)
  })
}
