/** Real servers on this machine for the tests of this package: some behave well, some badly. */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import {
  type AddressInfo,
  createServer as createTcpServer,
  type LookupFunction,
  type Server,
  type Socket,
} from 'node:net'
import { buildConnector } from 'undici'
import { afterEach } from 'vitest'
import { TEST_CERTIFICATE, TEST_CERTIFICATE_KEY } from './test-certificate.fixture.ts'

const running = new Set<() => Promise<void>>()

afterEach(async () => {
  await Promise.all([...running].map((stop) => stop()))
  running.clear()
})

export interface TestServer {
  url: string
  port: number
  /** The number of connections that were ever made to it. */
  connections(): number
}

/** Starts an HTTP server on a free port. After the test it is stopped with all its connections. */
export async function startHttpServer(handle: RequestListener, host = '127.0.0.1'): Promise<TestServer> {
  const server = createServer((request, response) => {
    // The part of a body that a test does not read is still read here, so that the client is never blocked by it.
    request.on('error', () => undefined)
    handle(request, response)
  })
  return listen(server, host)
}

/** Starts an HTTPS server for `secure.test` with the test certificate. */
export const startHttpsServer = (handle: RequestListener): Promise<TestServer> =>
  listen(createTlsServer({ cert: TEST_CERTIFICATE, key: TEST_CERTIFICATE_KEY }, handle), '127.0.0.1')

/** Options for a guard: `secure.test` is this machine, and its certificate is trusted. */
export const trusting = {
  allowHosts: ['127.0.0.1'],
  lookup: ((_name, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }])) as LookupFunction,
  buildConnector: ((options) => buildConnector({ ...options, ca: TEST_CERTIFICATE })) as typeof buildConnector,
}

/** Starts a TCP server. `handle` may do anything with a connection. */
export const startTcpServer = (handle: (socket: Socket) => void, host = '127.0.0.1'): Promise<TestServer> =>
  listen(
    createTcpServer((socket) => {
      socket.on('error', () => undefined)
      handle(socket)
    }),
    host,
  )

async function listen(server: Server, host: string): Promise<TestServer> {
  const sockets = new Set<Socket>()
  let connections = 0
  server.on('connection', (socket: Socket) => {
    connections++
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve))
  running.add(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`, port, connections: () => connections }
}

export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

/** Writes one byte over and over until the other side is gone. */
export function drip(to: ServerResponse | Socket, everyMs: number): void {
  const timer = setInterval(() => to.write('x'), everyMs)
  to.once('close', () => clearInterval(timer))
}
