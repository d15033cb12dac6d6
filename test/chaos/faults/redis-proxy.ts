/**
 * Stands between the house and Redis and loses replies: what was asked is carried out, the answer never comes, and the
 * connection breaks. Started by run-chaos.ts, told when by the nemesis.
 */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { until } from '../../support/until.ts'

export interface RedisProxy {
  readonly url: string
  /** Loses the next replies to scripts, whoever called them, each with its connection. Resolves when that has happened. */
  loseReplies(count: number): Promise<void>
  close(): Promise<void>
}

const LOST_WITHIN_MS = 30_000

/** Listens on a free loopback port and passes everything on to the Redis at `port`, also after that was restarted. */
export async function startRedisProxy(port: number): Promise<RedisProxy> {
  const clients = new Set<Socket>()
  let toLose = 0
  const server = createServer((client) => {
    const redis = connect({ host: '127.0.0.1', port })
    /** Scripts are all that changes anything; the rest is asked often and says little. */
    let callsScript = false
    clients.add(client)
    client.on('data', (bytes) => {
      callsScript = bytes.includes('fcall') || bytes.includes('evalsha')
      if (!redis.write(bytes)) pauseUntilDrained(client, redis)
    })
    redis.on('data', (bytes) => {
      if (toLose > 0 && callsScript) {
        toLose--
        client.resetAndDestroy()
      } else if (!client.write(bytes)) pauseUntilDrained(redis, client)
    })
    for (const [one, other] of [[client, redis] as const, [redis, client] as const]) {
      one.setNoDelay(true)
      one.on('error', () => undefined)
      one.on('close', () => other.destroy())
    }
    client.on('close', () => clients.delete(client))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async loseReplies(count) {
      toLose += count
      await until('replies are lost', () => toLose === 0, { timeoutMs: LOST_WITHIN_MS })
    },
    async close() {
      for (const client of clients) client.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function pauseUntilDrained(from: Socket, to: Socket): void {
  from.pause()
  to.once('drain', () => from.resume())
}
