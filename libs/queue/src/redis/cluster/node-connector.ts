/**
 * How a connection of its own finds its node of a cluster, anew each time that it is made: one that blocks goes to the node that
 * holds its key, one that listens to any that is there. Used by Connections.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { pause, within } from '@millrace/async'
import type { RedisHost } from '@millrace/contracts'
import { AbstractConnector, type Cluster, Command } from 'ioredis'

/** Chooses where to connect to; may be asked again and again. */
export type PickNode = () => RedisHost

/** How long the cluster is waited for, and how long no node is looked for that could not be found. Milliseconds. */
const READY_MS = 2000
const AGAIN_MS = 200
/** How long a connection may take to end. */
const DISCONNECT_MS = 2000

/** For the option `Connector` of ioredis. */
export function nodeConnector(
  cluster: Cluster,
  pick: PickNode,
  tls: boolean,
): typeof AbstractConnector & (new () => AbstractConnector) {
  let isFirst = true
  class NodeConnector extends AbstractConnector {
    constructor() {
      super(DISCONNECT_MS)
    }

    override async connect(): Promise<Socket> {
      this.connecting = true
      const place = await this.#find()
      const stream = tls ? connectTls(place) : connect(place)
      stream.once('error', (error) => {
        this.firstError = error
      })
      this.stream = stream
      return stream
    }

    /** For as long as it takes: what this rejects with would end the connection for good. */
    async #find(): Promise<RedisHost> {
      for (;;) {
        if (!this.connecting) throw new Error('Connection is closed.')
        try {
          if (cluster.status !== 'ready') await within(once(cluster, 'ready'), READY_MS, () => new Error('away'))
          else if (!isFirst) await refresh(cluster)
          isFirst = false
          return pick()
        } catch {
          await pause(AGAIN_MS)
        }
      }
    }
  }
  return NodeConnector as never
}

/** Who holds which slots; what could not be learnt is what is known. */
const refresh = (cluster: Cluster): Promise<void> =>
  within(
    new Promise<void>((resolve) => cluster.refreshSlotsCache(() => resolve())),
    READY_MS,
    () => new Error('No node answers'),
  ).catch(() => undefined)

/** The primary that holds the key now. */
export const holderOf =
  (cluster: Cluster, key: string): PickNode =>
  () => {
    const slot = new Command('get', [key]).getSlot()
    return hostOf(cluster.slots[slot]?.[0])
  }

/** Any node: what is published reaches all. Not the same as before, if there is another. */
export function anyNode(cluster: Cluster): PickNode {
  let last: string | undefined
  return () => {
    const all = cluster.nodes().map(({ options: { host, port } }) => `${host}:${port}`)
    const others = all.filter((one) => one !== last)
    const some = others.length > 0 ? others : all
    last = some[Math.floor(Math.random() * some.length)]
    return hostOf(last)
  }
}

function hostOf(place: string | undefined): RedisHost {
  const colon = place?.lastIndexOf(':') ?? -1
  if (place === undefined || colon < 0) throw new Error('No node of the cluster holds that slot')
  return { host: place.slice(0, colon), port: Number(place.slice(colon + 1)) }
}
