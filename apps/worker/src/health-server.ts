/** The worker's only open port, for orchestrators: /livez, /readyz and /metrics. Started by start-worker.ts when set. */
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

/** Listens on all addresses: a probe comes from outside the container. Rejects when the port is taken. 0 picks one. */
export async function startHealthServer(port: number, deps: HealthDeps): Promise<HealthServer> {
  const server = createServer((request, response) => {
    void answer(request.url ?? '', deps)
      .catch(() => json(500, { status: 'error' }))
      .then(({ status, type, body }) => {
        response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
      })
  })
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

async function answer(url: string, { metrics, reasons, warnings }: HealthDeps): Promise<Answer> {
  if (url === '/livez') return json(200, { status: 'ok' })
  if (url === '/metrics') return { status: 200, type: metrics.contentType, body: await metrics.render() }
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
