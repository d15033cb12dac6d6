/** Finds free loopback ports for the embedded Redis and for the demo. */
import { createServer } from 'node:net'

/** Resolves with a port that nobody uses right now. */
export async function freePort(): Promise<number> {
  const port = await tryPort(0, '127.0.0.1')
  if (port === undefined) throw new Error('no free port on 127.0.0.1')
  return port
}

/** Resolves with the first free port of the 50 from `from` on; undefined when all are taken. */
export async function freePortFrom(from: number, host: string): Promise<number | undefined> {
  for (let port = from; port < Math.min(from + 50, 65_536); port++) {
    if ((await tryPort(port, host)) !== undefined) return port
  }
  return undefined
}

function tryPort(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen({ port, host, exclusive: true }, () => {
      const found = (server.address() as { port: number }).port
      server.close(() => resolve(found))
    })
  })
}
