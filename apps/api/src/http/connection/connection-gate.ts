/**
 * Bounds what a client may cost before it has shown a key: connections, requests that wait behind each other, and bytes that
 * were answered and are not read. The requests of a connection are handled one after another; while one waits, nothing more is
 * read. Set up by start-api-server.ts.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { ProblemError } from '@millrace/contracts'
import type { ApiDeps } from '../api-deps.ts'
import { answerProblem } from './bare-problem.ts'
import { headFault } from './head-fault.ts'

export interface GateBounds {
  /** Connections at once. Above it, the one that has idled longest is closed; if none idles, requests answer 503. */
  maxConnections: number
  /** Requests of one connection that may wait behind the one that is answered. */
  maxWaiting: number
  /** The same for all connections together. */
  maxWaitingInAll: number
  /** Bytes of all answers that wait to be read. Above it, clients that do not read are cut off. */
  maxUnsentBytes: number
  /** A client that reads nothing of what waits for it is cut off after this, at the latest after twice as long. Milliseconds. */
  stuckMs: number
}

/** What a gate may let in where it is one of several; `share` is its part of 1. */
export const shareBounds = (bounds: GateBounds, share: number): GateBounds => ({
  ...bounds,
  maxConnections: part(bounds.maxConnections, share),
  maxWaitingInAll: part(bounds.maxWaitingInAll, share),
  maxUnsentBytes: part(bounds.maxUnsentBytes, share),
})

const part = (whole: number, share: number): number => Math.max(1, Math.floor(whole * share))

export const GATE_BOUNDS: GateBounds = {
  maxConnections: 20_000,
  maxWaiting: 4000,
  maxWaitingInAll: 10_000,
  maxUnsentBytes: 128 * 1024 * 1024,
  stuckMs: 20_000,
}

/** How often the gate looks for bytes that are not read. Milliseconds. */
const LOOK_MS = 250

/** `problem`: the request is refused with it when its turn comes. */
type Arrival = [request: IncomingMessage, response: ServerResponse, problem?: ProblemError]
type Listener = (request: IncomingMessage, response: ServerResponse) => unknown
type GateDeps = Pick<ApiDeps, 'logger' | 'metrics'> & { closing: AbortSignal }

interface Connection {
  readonly socket: Socket
  /** Opened when there was no room for it. */
  readonly isOver: boolean
  /** The answer that is being made. */
  current: ServerResponse | undefined
  /** The answer to the last request that came. */
  newest: ServerResponse | undefined
  readonly waiting: Arrival[]
  /** A timer watches whether the client reads what waits for it. */
  isTimed: boolean
  /** How much was unread at the last count. Bytes. */
  unsent: number
}

export class ConnectionGate {
  readonly #listener: Listener
  readonly #bounds: GateBounds
  readonly #logger: ApiDeps['logger']
  readonly #closing: AbortSignal
  readonly #known = new WeakMap<Socket, Connection>()
  /** Longest idle first. */
  readonly #idle = new Set<Connection>()
  readonly #busy = new Set<Connection>()
  readonly #refused: (code: string) => void
  readonly #cut: (why: 'slow' | 'unread' | 'flood') => void
  #waiting = 0

  constructor(server: Server, listener: Listener, deps: GateDeps, bounds: GateBounds) {
    this.#listener = listener
    this.#bounds = bounds
    this.#logger = deps.logger
    this.#closing = deps.closing
    const open = { name: 'millrace_http_connections', help: 'Connections of clients that are open.' }
    deps.metrics.gauge(open, (self) => self.set(this.#idle.size + this.#busy.size))
    const refused = deps.metrics.counter({
      name: 'millrace_http_refused_total',
      help: 'Requests that were refused before they were read, by the code of the refusal.',
      labels: ['code'],
    })
    this.#refused = (code) => refused.inc({ code })
    const cut = deps.metrics.counter({
      name: 'millrace_http_cut_total',
      help: 'Connections that were cut: slow (took nothing of an answer), unread (too much waited for all), flood (too many requests at once).',
      labels: ['why'],
    })
    this.#cut = (why) => cut.inc({ why })
    this.#listen(server)
  }

  /** Requests that are being answered. */
  get inHand(): number {
    return this.#busy.size
  }

  /** Also those that were opened in advance and never used. */
  closeIdle(): void {
    for (const { socket } of [...this.#idle]) socket.destroy()
  }

  newestOf(socket: Socket): ServerResponse | undefined {
    return this.#known.get(socket)?.newest
  }

  #listen(server: Server): void {
    const { stuckMs } = this.#bounds
    server.on('timeout', (socket) => this.#quiet(socket))
    const look = setInterval(() => this.#lookForUnread(), Math.min(LOOK_MS, stuckMs)).unref()
    server.on('close', () => clearInterval(look))
    server.on('connection', (socket) => this.#open(socket))
    server.on('request', (request, response) => this.#take(request, response))
    server.on('checkContinue', (request, response) => {
      // Sent when the body is read, so that a client that is refused need not send it.
      request.once('resume', () => response.headersSent || response.writeContinue())
      this.#take(request, response)
    })
    server.on('checkExpectation', (request, response) => {
      this.#take(request, response, new ProblemError('expectation_failed'))
    })
    this.#closing.addEventListener('abort', () => {
      for (const { current } of this.#busy) if (current) announceClose(current)
    })
  }

  #open(socket: Socket): void {
    const { maxConnections } = this.#bounds
    const open = this.#idle.size + this.#busy.size
    // The last resort: these are not even heard. Node's own bound would hand them from process to process without end.
    if (open >= Math.ceil(maxConnections * 1.1)) return void socket.destroy()
    const isFull = open >= maxConnections
    const [longest] = isFull ? this.#idle : []
    longest?.socket.destroy()
    if (longest) this.#idle.delete(longest)
    const isOver = isFull && !longest
    const free = { current: undefined, newest: undefined, waiting: [], isTimed: false, unsent: 0 }
    const connection = { socket, isOver, ...free }
    this.#known.set(socket, connection)
    this.#idle.add(connection)
    socket.once('close', () => this.#forget(connection))
  }

  #forget(connection: Connection): void {
    this.#idle.delete(connection)
    this.#busy.delete(connection)
    this.#dropWaiting(connection)
  }

  #take(...arrival: Arrival): void {
    const [{ socket }, response] = arrival
    const connection = this.#known.get(socket)
    // The rest of a packet, behind the request for which the connection was cut.
    if (!connection || socket.destroyed) return
    connection.newest = response
    if (!connection.current) return this.#begin(connection, arrival)
    const { maxWaiting, maxWaitingInAll } = this.#bounds
    if (connection.waiting.length >= maxWaiting || this.#waiting >= maxWaitingInAll) {
      return this.#end(connection, 'flood')
    }
    connection.waiting.push(arrival)
    this.#waiting++
    socket.pause()
  }

  #begin(connection: Connection, [request, response, refused]: Arrival): void {
    connection.current = response
    this.#idle.delete(connection)
    this.#busy.add(connection)
    response.once('close', () => this.#goOn(connection))
    if (this.#closing.aborted) announceClose(response)
    const problem = refused ?? this.#refusalOf(connection, request)
    if (problem) {
      this.#refused(problem.code)
      answerProblem(response, problem, this.#logger)
    } else if (request.url === '*') response.writeHead(204, { allow: METHODS }).end()
    else void this.#listener(request, response)
  }

  #refusalOf({ isOver }: Connection, request: IncomingMessage): ProblemError | undefined {
    if (isOver) return new ProblemError('overloaded', { retryAfter: 1 })
    const detail = headFault(request)
    return detail === undefined ? undefined : new ProblemError('malformed_http', { detail })
  }

  /** An answer is over: takes the next request of its connection, if that stays open. */
  #goOn(connection: Connection): void {
    const { socket, waiting } = connection
    connection.current = undefined
    connection.unsent = 0
    connection.isTimed = false
    this.#busy.delete(connection)
    // After `Connection: close` no waiting request could be answered, so none is carried out.
    if (socket.destroyed || !socket.writable) return this.#dropWaiting(connection)
    const next = waiting.shift()
    if (next) {
      this.#waiting--
      return this.#begin(connection, next)
    }
    this.#idle.add(connection)
    if (socket.isPaused()) socket.resume()
  }

  #dropWaiting({ waiting }: Connection): void {
    this.#waiting -= waiting.splice(0).length
  }

  /** For a while nothing came over the connection, and the client read nothing of what waits for it. */
  #quiet(socket: Socket): void {
    const connection = this.#known.get(socket)
    if (!connection?.current) socket.destroy()
    else if (socket.writableLength > 0) this.#end(connection, 'slow')
    // The client waits for us, as a long poll does; or we wait for the rest of its body, which is timed where it is read.
    else connection.isTimed = false
  }

  /**
   * Times clients that do not read what waits for them; Node's timer of a socket knows of each byte that goes. When too much
   * waits for all of them together, those that read nothing since the last look are cut at once, the heaviest first.
   */
  #lookForUnread(): void {
    const { maxUnsentBytes, stuckMs } = this.#bounds
    let total = 0
    const stuck: Connection[] = []
    for (const connection of this.#busy) {
      const unsent = connection.current?.writableLength ?? 0
      if (unsent > 0 && !connection.isTimed) connection.socket.setTimeout(stuckMs)
      connection.isTimed ||= unsent > 0
      if (unsent > 0 && unsent === connection.unsent) stuck.push(connection)
      connection.unsent = unsent
      total += unsent
    }
    if (total <= maxUnsentBytes) return
    for (const connection of stuck.sort((a, b) => b.unsent - a.unsent)) {
      if (total <= maxUnsentBytes / 2) return
      total -= connection.unsent
      this.#end(connection, 'unread')
    }
  }

  #end(connection: Connection, why: 'slow' | 'unread' | 'flood'): void {
    this.#cut(why)
    this.#logger.info({ why }, 'a connection was cut')
    connection.socket.destroy()
    this.#dropWaiting(connection)
  }
}

/** For `OPTIONS *`. */
const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'

/** The client sends nothing more on this connection, so that closing it meets no request. */
function announceClose(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close')
}
