/** Speaks TLS before a server that does not, for clients that speak nothing else. Their own certificate store must have LOOPBACK_CERTIFICATE. */
import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { createServer } from 'node:tls'
import { LOOPBACK_CERTIFICATE, LOOPBACK_KEY } from './loopback-certificate.ts'

export interface TlsFront {
  /** `https://localhost:PORT`. */
  url: string
  /** Where connections lead from now on: an `http:` address. */
  lead(url: string): void
  close(): void
}

/** Starts it on a free loopback port. */
export async function startTlsFront(): Promise<TlsFront> {
  let target = new URL('http://127.0.0.1:1')
  const open = new Set<Socket>()
  const server = createServer({ cert: LOOPBACK_CERTIFICATE, key: LOOPBACK_KEY }, (outside) => {
    const inside = connect(Number(target.port), target.hostname)
    for (const [end, other] of [
      [outside, inside],
      [inside, outside],
    ] as const) {
      open.add(end)
      end.on('error', () => other.destroy()).on('close', () => open.delete(end))
      end.pipe(other)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    lead: (url) => void (target = new URL(url)),
    close() {
      server.close()
      for (const end of open) end.destroy()
    },
  }
}
