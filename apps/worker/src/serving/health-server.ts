/**
 * The worker's only open port, for orchestrators: /livez, /readyz and /metrics. Started by start-worker.ts when set. Nobody
 * shows a key here, so each connection gets one answer, and there are few at a time.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Metrics } from '@millrace/process'

export interface HealthDeps {
  metrics: Pick<Metrics, 'render' | 'contentType'>
  /** Why the worker takes no jobs, a sentence each; empty when it does. */
  reasons: () => string[]
  /** What goes wrong although it does; told beside them. Default: nothing. */
  warnings?: () => readonly string[]
}

export interface HealthServer {
  port: number
  close(): Promise<void>
}

interface Answer {
  status: number
  type: string
  body: string
}

const MAX_CONNECTIONS = 64
/** Milliseconds. */
const TIMES = { headersTimeout: 5_000, requestTimeout: 5_000, connectionsCheckingInterval: 1_000 }
/** A client that says nothing or reads nothing for so long is cut. Milliseconds. */
const QUIET_MS = 10_000

/** Listens on all addresses: a probe comes from outside the container. Rejects when the port is taken. 0 picks one. */
export async function startHealthServer(port: number, deps: HealthDeps): Promise<HealthServer> {
  let rendered: Promise<string> | undefined
  // Of those who ask at the same time all get the same.
  const render = (): Promise<string> =>
    (rendered ??= deps.metrics.render().finally(() => {
      rendered = undefined
    }))
  const server = createServer(TIMES, (request, response) => {
    void answer(request.url ?? '', deps, render)
      .catch(() => json(500, { status: 'error' }))
      .then(({ status, type, body }) => {
        response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', connection: 'close' }).end(body)
      })
  })
  server.maxRequestsPerSocket = 1
  server.maxConnections = MAX_CONNECTIONS
  server.setTimeout(QUIET_MS)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(
  url: string,
  { metrics, reasons, warnings }: HealthDeps,
  render: () => Promise<string>,
): Promise<Answer> {
  if (url === '/livez') return json(200, { status: 'ok' })
  if (url === '/metrics') return { status: 200, type: metrics.contentType, body: await render() }
  if (url !== '/readyz') return json(404, { status: 'not found' })
  const why = reasons()
  const ready = why.length === 0
  return json(ready ? 200 : 503, { status: ready ? 'ok' : 'unready', reasons: [...why, ...(warnings?.() ?? [])] })
}

const json = (status: number, value: object): Answer => ({
  status,
  type: 'application/json',
  body: JSON.stringify(value),
})
