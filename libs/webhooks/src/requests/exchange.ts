/**
 * Sends one request and reads its answer over connections that the address guard has judged. It uses Node's own client,
 * because undici takes `100 Continue` for a broken connection. Called by the deliverer and the guarded fetcher.
 */
import { Agent, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import type { Duplex } from 'node:stream'
import type { buildConnector } from 'undici'
import { ConnectionLostError, InvalidAnswerError, isParserFault } from './exchange-fault.ts'

/** So many interim answers (RFC 9110 15.2) are skipped before the final one. Each may be as large as headers may be. */
const INTERIM_ANSWERS = 32
/** How long an idle connection is kept for the next request. Milliseconds. */
const IDLE_MS = 4_000

export interface ExchangeRequest {
  method: 'GET' | 'POST'
  headers: Record<string, string>
  body?: string
  /**
   * Aborting it before the headers of the answer ends the request with the signal's reason. After them it breaks the body
   * off.
   */
  signal: AbortSignal
}

export interface Answer {
  status: number
  /** A header that came twice has its first value, or all values with commas between them: Node decides by the header. */
  headers: IncomingHttpHeaders
  /** It must be read or destroyed. */
  body: IncomingMessage
  /**
   * The chunks of the body. Throws when the body ends early. Also throws when more follows than was announced, if that was
   * seen in time.
   */
  chunks(): AsyncGenerator<Buffer>
}

export interface Exchanges {
  /** Resolves with the final answer once its headers have come. */
  send(url: URL, request: ExchangeRequest): Promise<Answer>
  /** Resolves when no request is in flight. */
  close(): Promise<void>
}

/** `headerBytes` limits the headers of each answer. */
export function createExchanges(connector: buildConnector.connector, headerBytes: number): Exchanges {
  const agents = { 'http:': new GuardedAgent(connector, 'http:'), 'https:': new GuardedAgent(connector, 'https:') }
  const open = new Set<Promise<void>>()

  return {
    async send(url, { method, headers, body, signal }) {
      signal.throwIfAborted()
      const agent = agents[url.protocol as keyof typeof agents]
      const sent = request(url, { agent, method, headers, maxHeaderSize: headerBytes })
      const closed = new Promise<void>((resolve) => void sent.once('close', resolve))
      open.add(closed)
      void closed.then(() => open.delete(closed))
      const answered = answerOf(sent, signal)
      sent.end(body)
      return answered
    },
    async close() {
      while (open.size > 0) await Promise.all(open)
      for (const agent of Object.values(agents)) agent.destroy()
    },
  }
}

/** An agent whose connections come from the guard. */
class GuardedAgent extends Agent {
  readonly #connector: buildConnector.connector
  readonly #protocol: string

  constructor(connector: buildConnector.connector, protocol: 'http:' | 'https:') {
    super({ keepAlive: true, timeout: IDLE_MS })
    this.#connector = connector
    this.#protocol = protocol
    // Node reads these two to see which addresses this agent is for.
    Object.assign(this, { protocol, defaultPort: protocol === 'https:' ? 443 : 80 })
  }

  override createConnection(
    { host, port }: { host?: string | null; port?: number | string | null },
    callback: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    const hostname = host ?? ''
    this.#connector(
      { hostname, host: hostname, protocol: this.#protocol, port: String(port ?? '') },
      (...[error, socket]) => callback(error, socket as Duplex),
    )
  }
}

function answerOf(sent: ClientRequest, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let fault: unknown
    let body: IncomingMessage | undefined
    let interim = 0
    const stop = () => {
      void (body ?? sent).destroy(signal.reason as Error)
      // A request that is still connecting would hear of the abort only after it has connected.
      reject(signal.reason as Error)
    }
    signal.addEventListener('abort', stop, { once: true })
    sent.once('close', () => signal.removeEventListener('abort', stop))
    sent.on('error', (error) => {
      fault = error
      reject(signal.aborted ? signal.reason : error)
    })
    const refuse = (why: string) => {
      const error = new InvalidAnswerError(why)
      sent.destroy(error)
      reject(error)
    }
    sent.on('information', () => {
      if (++interim > INTERIM_ANSWERS) refuse('too many interim answers')
    })
    sent.once('upgrade', (_answer, socket) => {
      socket.destroy()
      refuse('nobody asked for another protocol')
    })
    sent.once('response', (answer) => {
      body = answer
      // The abort may come while nobody reads the body. The next reader then gets the error.
      answer.on('error', () => undefined)
      // The request was given up, but more had come in the same packet.
      if (sent.destroyed) return void answer.destroy()
      const chunks = () => chunksOf(answer, () => fault)
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: answer, chunks })
    })
  })
}

async function* chunksOf(body: IncomingMessage, fault: () => unknown): AsyncGenerator<Buffer> {
  let read = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    read += chunk.length
    yield chunk
  }
  // The bytes after the announced end are not the start of a next answer.
  if (isParserFault(fault())) throw new InvalidAnswerError('the answer is longer than it says')
  const announced = body.headers['content-length']
  if (!body.complete || (announced !== undefined && Number(announced) !== read)) throw new ConnectionLostError()
}
