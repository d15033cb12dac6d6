/** A real HTTP server that plays a faulty Millrace in tests: each request is handed to the next step of a script. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Seen {
  method: string
  path: string
  headers: IncomingMessage['headers']
  body: Buffer
}

export type Step = (response: ServerResponse, seen: Seen) => void

export async function startFaultServer() {
  const seen: Seen[] = []
  const steps: Step[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const one = { method, path: url, headers, body: Buffer.concat(chunks) }
      seen.push(one)
      const step = steps.shift() ?? refuse(500, 'internal')
      step(response, one)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    /** Adds steps for the next requests, in order. */
    play: (...next: Step[]) => steps.push(...next),
    reset() {
      seen.length = 0
      steps.length = 0
    },
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Answers with JSON. */
export const answer =
  (status: number, body: unknown, headers: Record<string, string> = {}): Step =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))

/** Answers with a problem. */
export const refuse = (status: number, code: string, headers: Record<string, string> = {}, more: object = {}): Step =>
  answer(
    status,
    { type: `/problems/${code}`, code, title: 'No', status, detail: 'Not now.', request_id: 'r1', ...more },
    headers,
  )

/** Cuts the connection after the whole request was read: it may have been carried out. */
export const drop: Step = (response) => response.socket?.destroy()

/** Answers the first half of a body and cuts the connection. */
export const dropInBody: Step = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
  response.write('{"id":', () => response.socket?.destroy())
}

/** Announces more bytes than it sends, and keeps the connection open. */
export const stayShort: Step = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' }).write('{"id":')
}
