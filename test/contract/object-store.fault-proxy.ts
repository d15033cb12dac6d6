/** An HTTP proxy before an S3 server that spoils chosen requests. Called by object-store.s3-faults.test.ts. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * - `error`: answers 500 without asking the server
 * - `reset`: cuts the connection at the first bytes of the body, or at once
 * - `cut`: forwards half of the body, then cuts both connections
 * - `swallow`: the server does it all, its answer is lost
 * - `truncate`: sends half of the answer's body, then cuts
 * - `stall`: never answers
 * - `freeze`: sends half of the answer's body, then nothing
 */
export type Fault = 'error' | 'reset' | 'cut' | 'swallow' | 'truncate' | 'stall' | 'freeze'

export interface FaultProxy {
  endpoint: string
  /** Asked for each request, in order: the fault for it, or undefined to pass it on. */
  plan: (request: IncomingMessage) => Fault | undefined
  /** What has passed, as `METHOD /path?query`. */
  seen: string[]
  close(): Promise<void>
}

export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const proxy: FaultProxy = { endpoint: '', plan: () => undefined, seen: [], close: async () => {} }
  const server = createServer((req, res) => {
    proxy.seen.push(`${req.method} ${req.url}`)
    serve(target, req, res, proxy.plan(req))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  proxy.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  proxy.close = async () => {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  return proxy
}

function serve(target: string, req: IncomingMessage, res: ServerResponse, fault: Fault | undefined): void {
  req.on('error', () => {})
  if (fault === 'reset') {
    res.destroy()
  } else if (fault === 'stall') {
    req.resume()
  } else if (fault === 'error') {
    req.resume()
    res.writeHead(500, { 'content-type': 'application/xml' })
    res.end('<?xml version="1.0" encoding="UTF-8"?><Error><Code>InternalError</Code></Error>')
  } else {
    forward(target, req, res, fault)
  }
}

function forward(target: string, req: IncomingMessage, res: ServerResponse, fault: Fault | undefined): void {
  const { method, headers, url } = req
  // The Host header goes on as it came: the signature covers it.
  const onward = request(new URL(url ?? '/', target), { method, headers, setHost: false }, (answer) => {
    if (fault === 'swallow') {
      answer.resume()
      answer.once('end', () => res.destroy())
    } else if (fault === 'truncate' || fault === 'freeze') {
      sendHalf(answer, res, fault)
    } else {
      res.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(res)
    }
  })
  onward.on('error', () => res.destroy())
  if (fault === 'cut') sendHalfOnward(req, onward, res)
  else req.pipe(onward)
}

function sendHalfOnward(req: IncomingMessage, onward: ReturnType<typeof request>, res: ServerResponse): void {
  let left = Number(req.headers['content-length'] ?? 0) / 2
  req.on('data', (chunk: Buffer) => {
    if (left <= 0) return
    left -= chunk.length
    onward.write(chunk, () => {
      if (left > 0) return
      onward.destroy()
      res.destroy()
    })
  })
}

function sendHalf(answer: IncomingMessage, res: ServerResponse, fault: Fault): void {
  const half = Math.ceil(Number(answer.headers['content-length'] ?? 0) / 2)
  let sent = 0
  res.writeHead(answer.statusCode ?? 502, answer.headers)
  answer.on('data', (chunk: Buffer) => {
    if (sent >= half) return
    const part = chunk.subarray(0, half - sent)
    sent += part.length
    res.write(part, () => {
      if (sent >= half && fault === 'truncate') res.destroy()
    })
  })
}
