/** Serves a page from the origin of an API, as behind a proxy, and hears what the page found. Used by tests of the client in browsers. */
import { createServer, request as forward } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface PageServer {
  readonly url: string
  /** What the page posted to `/found`; undefined until then. */
  found(): unknown
  close(): void
}

/** `script`: the page is nothing else. `api`: where everything below `/v1/` goes. */
export async function startPageServer(script: string, api: string): Promise<PageServer> {
  let found: unknown
  const server = createServer((request, response) => {
    const { method, url = '', headers } = request
    if (url.startsWith('/v1/')) {
      const onward = forward(`${api}${url}`, { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.pipe(response)
      })
      request.pipe(onward)
    } else if (url === '/found') {
      let body = ''
      request.setEncoding('utf8').on('data', (part: string) => (body += part))
      request.on('end', () => response.end(void (found = JSON.parse(body))))
    } else if (url === '/') {
      response.setHeader('content-type', 'text/html').end(`<script type="module">${script}</script>`)
    } else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    found: () => found,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
