/**
 * A way to a server through which each answer takes so much longer, as over a long line: bytes are held back, in order, and none is
 * changed. Called by the row of the feeding.
 */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** Bytes of one connection that may be on their way; the server waits then. */
const MOST_ON_THE_WAY = 32 * 1024 * 1024

export interface DelayedWay {
  /** Address of the way, as the server's was given. */
  url: string
  close(): Promise<void>
}

export async function delayAnswers(target: string, delayMs: number): Promise<DelayedWay> {
  const { hostname, port } = new URL(target)
  const open = new Set<Socket>()
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ host: hostname, port: Number(port), noDelay: true })
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => open.delete(socket))
    }
    client.pipe(upstream)
    hold(upstream, client, delayMs)
    client.on('close', () => upstream.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}

function hold(from: Socket, to: Socket, delayMs: number): void {
  let onTheWay = 0
  from.on('data', (bytes) => {
    onTheWay += bytes.length
    if (onTheWay > MOST_ON_THE_WAY) from.pause()
    setTimeout(() => {
      onTheWay -= bytes.length
      if (!to.destroyed) to.write(bytes)
      from.resume()
    }, delayMs)
  })
  from.on('close', () => setTimeout(() => to.end(), delayMs))
}
