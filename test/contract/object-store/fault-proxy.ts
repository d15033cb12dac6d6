/** An HTTP proxy before an S3 server that spoils chosen requests. Called by s3-faults.test.ts. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Transform } from 'node:stream'

/**
 * - `error`: answers 500 without asking the server
 * - `slow-down`: answers 503 SlowDown without asking the server
 * - `reset`: cuts the connection at the first bytes of the body, or at once
 * - `cut`: forwards half of the body, if there is one, then cuts both connections
 * - `flip`: forwards the body with one bit changed
 * - `swallow`: the server does it all, its answer is lost
 * - `truncate`: sends half of the answer's body, then cuts
 * - `flip-answer`: sends the answer's body with one bit changed
 * - `wrong-tag`: sends the answer with another ETag
 * - `stall`: never answers
 * - `dawdle`: never answers, but says every now and then that it is at it
 * - `freeze`: sends half of the answer's body, then nothing
 * - `drip`: sends the answer's body byte by byte, twenty a second
 */
export type Fault =
  | ('error' | 'slow-down' | 'reset' | 'cut' | 'flip' | 'swallow' | 'truncate' | 'flip-answer' | 'wrong-tag')
  | ('stall' | 'dawdle' | 'freeze' | 'drip')

const EVERY_MS = 50

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
  } else if (fault === 'dawdle') {
    req.resume()
    const timer = setInterval(() => res.writeProcessing(), EVERY_MS)
    res.once('close', () => clearInterval(timer))
  } else if (fault === 'error') {
    refuse(req, res, 500, 'InternalError')
  } else if (fault === 'slow-down') {
    refuse(req, res, 503, 'SlowDown')
  } else {
    forward(target, req, res, fault)
  }
}

function refuse(req: IncomingMessage, res: ServerResponse, status: number, code: string): void {
  req.resume()
  res.writeHead(status, { 'content-type': 'application/xml' })
  res.end(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code></Error>`)
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
    } else if (fault === 'drip') {
      drip(answer, res)
    } else if (fault === 'flip-answer') {
      res.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(flipBit()).pipe(res)
    } else if (fault === 'wrong-tag') {
      res.writeHead(answer.statusCode ?? 502, { ...answer.headers, etag: `"${'0'.repeat(32)}"` })
      answer.pipe(res)
    } else {
      res.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(res)
    }
  })
  onward.on('error', () => res.destroy())
  if (fault === 'cut') sendHalfOnward(req, onward, res)
  else if (fault === 'flip') req.pipe(flipBit()).pipe(onward)
  else req.pipe(onward)
}

function sendHalfOnward(req: IncomingMessage, onward: ReturnType<typeof request>, res: ServerResponse): void {
  let left = Number(req.headers['content-length'] ?? 0) / 2
  const cut = (): void => {
    onward.destroy()
    res.destroy()
  }
  // Without a body nothing would ever come that could be cut in the middle, and the client would wait in vain.
  if (left === 0) return cut()
  req.on('data', (chunk: Buffer) => {
    if (left <= 0) return
    left -= chunk.length
    onward.write(chunk, () => {
      if (left <= 0) cut()
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

function drip(answer: IncomingMessage, res: ServerResponse): void {
  res.writeHead(answer.statusCode ?? 502, answer.headers)
  const timer = setInterval(() => {
    const byte = answer.read(1) as Buffer | null
    if (byte) res.write(byte)
  }, EVERY_MS)
  res.once('close', () => {
    clearInterval(timer)
    answer.destroy()
  })
}

/** Changes the last bit of the first chunk. */
function flipBit(): Transform {
  let done = false
  return new Transform({
    transform(chunk: Buffer, _encoding, next) {
      const bytes = Buffer.from(chunk)
      const last = bytes.length - 1
      if (!done) bytes[last] = (bytes[last] ?? 0) ^ 1
      done = true
      next(null, bytes)
    },
  })
}
