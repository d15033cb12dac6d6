/** A proxy whose first connections die when the request has gone on and before there is an answer. Called by tests of repeated creates. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'

export interface DyingProxy {
  /** Where it listens: `http://127.0.0.1:1234`. */
  url: string
  /** Connections so far. */
  seen(): number
  close(): void
}

/** `url`: of the server behind it. The connections after the first `deaths` live. */
export async function startDyingProxy(url: string, deaths: number): Promise<DyingProxy> {
  const { hostname, port } = new URL(url)
  let seen = 0
  const proxy = createServer((socket) => {
    const lives = ++seen > deaths
    const server = connect(Number(port), hostname)
    for (const end of [socket, server]) end.on('error', () => [socket, server].map((one) => one.destroy()))
    socket.pipe(server)
    if (lives) return void server.pipe(socket)
    // A wait for a slow model is under way by then.
    socket.once('data', () => setTimeout(() => [socket, server].map((end) => end.destroy()), 30))
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const { port: own } = proxy.address() as AddressInfo
  return { url: `http://127.0.0.1:${own}`, seen: () => seen, close: () => void proxy.close() }
}
