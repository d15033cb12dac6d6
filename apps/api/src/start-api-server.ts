/** The API on a port: an HTTP server that slow, silent or greedy clients cannot wear out, and that closes in time. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, Server as NetServer } from 'node:net'
import { getRequestListener, RequestError } from '@hono/node-server'
import { ProblemError } from '@millrace/contracts'
import { assertSafeToListen } from '@millrace/process'
import type { ApiDeps } from './http/api-deps.ts'
import { answerBrokenRequest } from './http/connection/answer-broken-request.ts'
import { createApp } from './app.ts'
import { allowOrigins } from './http/connection/allow-origins.ts'
import { ConnectionGate, GATE_BOUNDS, type GateBounds, shareBounds } from './http/connection/connection-gate.ts'
import { createAnswerFault } from './http/middleware/answer-error.ts'

export interface Listen {
  /** Default 127.0.0.1. */
  host?: string
  /** 0 (the default) picks a free one. */
  port?: number
  /** Beside `maxConnections`, which is a setting; default GATE_BOUNDS. */
  bounds?: Partial<GateBounds>
}

export interface ApiServer {
  /** Where it listens: http://127.0.0.1:7070. */
  url: string
  port: number
  /**
   * Takes no new connections and lets requests in hand end (long polls answer at once). Until nothing has been asked for
   * half a second, open connections are served: each answer announces that its connection closes. What is left after the
   * deadline, 10 s by default, is cut off. May be called again.
   */
  close(deadlineMs?: number): Promise<void>
}

/**
 * How long a request may take to arrive. Bodies of JSON have 30 s, uploads 30 s of silence (see read-body.ts and
 * read-multipart.ts). The server itself ends an upload that takes more than an hour. Milliseconds.
 */
const TIMES = {
  headersTimeout: 10_000,
  requestTimeout: 3_600_000,
  connectionsCheckingInterval: 5_000,
}
/** While closing, clients have this long to use a kept connection once more, or to hear that it closes. Milliseconds. */
const LINGER_MS = 500
const MAX_HEADER_BYTES = 16 * 1024
const MAX_HEADERS = 100
/** Connections that may wait to be accepted; above it, or the system's own limit, they are reset. */
const BACKLOG = 4096

/**
 * Builds the app and listens. Rejects with ConfigError when it would be open to a network without an API key (and
 * `insecure` is not set), and with the system's error when the port is taken.
 */
export async function startApiServer(deps: Omit<ApiDeps, 'closing'>, listen: Listen = {}): Promise<ApiServer> {
  const { host = '127.0.0.1', port = 0, bounds } = listen
  assertSafeToListen({ ...deps.config, host })
  const closing = new AbortController()
  const app = createApp({ ...deps, closing: closing.signal })
  const server = createServer({
    ...TIMES,
    keepAliveTimeout: deps.config.keepAliveSeconds * 1000,
    maxHeaderSize: MAX_HEADER_BYTES,
    // The gate refuses such a request, with a body.
    requireHostHeader: false,
  })
  server.maxHeadersCount = MAX_HEADERS
  const answerFault = createAnswerFault(deps.logger)
  const answer = getRequestListener(app.fetch, {
    hostname: host,
    errorHandler: (error) => answerFault(toProblem(error)),
  })
  const { logger, metrics, config } = deps
  const listener = (request: IncomingMessage, response: ServerResponse) =>
    allowOrigins(request, response, config.corsOrigins) ? undefined : answer(request, response)
  const gate = new ConnectionGate(
    server,
    listener,
    { logger, metrics, closing: closing.signal },
    shareBounds({ ...GATE_BOUNDS, maxConnections: config.maxConnections, ...bounds }, deps.share ?? 1),
  )
  answerBrokenRequest(server, (socket) => gate.newestOf(socket), logger)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host, backlog: BACKLOG }, () => {
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
      closed ??= closeServer(server, gate, deadlineMs)
      return closed
    },
  }
}

/** Hono could not make a request of it. It had passed the gate, but the fault is still the client's. */
const toProblem = (error: unknown): ProblemError =>
  new ProblemError(error instanceof RequestError ? 'malformed_http' : 'internal', { cause: error })

async function closeServer(server: Server, gate: ConnectionGate, deadlineMs: number): Promise<void> {
  // HTTP's own close would cut idle connections at once, also those whose next request is on its way.
  const done = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()))
  let askedAt = performance.now()
  const sweep = setInterval(() => {
    if (gate.inHand > 0) askedAt = performance.now()
    else if (performance.now() - askedAt >= LINGER_MS) gate.closeIdle()
  }, 50)
  const cut = setTimeout(() => server.closeAllConnections(), deadlineMs)
  await done
  clearInterval(sweep)
  clearTimeout(cut)
  // HTTP's own close also ends its checks for slow connections.
  server.close()
}
