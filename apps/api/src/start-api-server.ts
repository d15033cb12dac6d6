/** The API on a port: an HTTP server that slow, silent or greedy clients cannot wear out, and that closes in time. */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { assertSafeToListen } from '@millrace/process'
import type { ApiDeps } from './api-deps.ts'
import { answerBrokenRequest } from './answer-broken-request.ts'
import { createApp } from './app.ts'

export interface Listen {
  /** Default 127.0.0.1. */
  host?: string
  /** 0 (the default) picks a free one. */
  port?: number
}

export interface ApiServer {
  /** Where it listens: http://127.0.0.1:7070. */
  url: string
  port: number
  /**
   * Takes no new connections, lets requests in hand end (long polls answer at once), and cuts off what is left after the
   * deadline, 10 s by default. May be called again.
   */
  close(deadlineMs?: number): Promise<void>
}

/**
 * How long a request may take to arrive. Bodies of JSON have 30 s, uploads 30 s of silence (see read-body.ts and
 * read-multipart.ts); what the server itself ends is an upload of more than an hour. Milliseconds.
 */
const TIMES = {
  headersTimeout: 10_000,
  requestTimeout: 3_600_000,
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: 5_000,
}
const MAX_HEADER_BYTES = 16 * 1024
const MAX_HEADERS = 100

/**
 * Builds the app and listens. Rejects with ConfigError when it would be open to a network without an API key (and
 * `insecure` is not set), and with the system's error when the port is taken.
 */
export async function startApiServer(deps: Omit<ApiDeps, 'closing'>, listen: Listen = {}): Promise<ApiServer> {
  const { host = '127.0.0.1', port = 0 } = listen
  assertSafeToListen({ ...deps.config, host })
  const closing = new AbortController()
  const app = createApp({ ...deps, closing: closing.signal })
  const serverOptions = { ...TIMES, maxHeaderSize: MAX_HEADER_BYTES }
  const server = createAdaptorServer({ fetch: app.fetch, hostname: host, serverOptions }) as Server
  server.maxHeadersCount = MAX_HEADERS
  answerBrokenRequest(server, deps.logger)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  server.on('error', (error) => deps.logger.error({ err: error }, 'http server error'))
  const address = server.address() as AddressInfo
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address
  let closed: Promise<void> | undefined
  return {
    url: `http://${name}:${address.port}`,
    port: address.port,
    close: (deadlineMs = 10_000) => {
      closing.abort()
      closed ??= closeServer(server, deadlineMs)
      return closed
    },
  }
}

async function closeServer(server: Server, deadlineMs: number): Promise<void> {
  const done = new Promise<void>((resolve) => server.close(() => resolve()))
  // A connection that ends its request now would otherwise be kept open for the next one.
  const sweep = setInterval(() => server.closeIdleConnections(), 50)
  const cut = setTimeout(() => server.closeAllConnections(), deadlineMs)
  await done
  clearInterval(sweep)
  clearTimeout(cut)
}
