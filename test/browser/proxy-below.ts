/** A proxy that serves an installation below a path, as a company's gateway does. Called by the tests in this folder. */
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface ProxyBelow {
  port: number
  close(): Promise<void>
}

/** Takes `/ml/x` for `/x` of the target, hands on the Host that it was asked by, and knows nothing else. */
export async function proxyBelow(prefix: string, target: string): Promise<ProxyBelow> {
  const { port } = new URL(target)
  const server = createServer((asked, answer) => {
    if (!asked.url?.startsWith(prefix)) return void answer.writeHead(404).end()
    const path = `/${asked.url.slice(prefix.length)}`
    const on = request({ host: '127.0.0.1', port, path, method: asked.method, headers: asked.headers }, (given) => {
      answer.writeHead(given.statusCode ?? 502, given.headers)
      given.pipe(answer)
    })
    on.on('error', () => answer.destroy())
    answer.on('close', () => on.destroy())
    asked.pipe(on)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
