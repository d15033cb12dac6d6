/** Answers what Node refuses before there is a request: Node's own answer would have no body. Set up by start-api-server.ts. */
import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type ProblemCode, ProblemError } from '@millrace/contracts'
import type { ApiDeps } from '../api-deps.ts'
import { endWithProblem } from './bare-problem.ts'

/** By the code of Node's error. Any other means that this was no proper HTTP. */
const PROBLEM_OF: Record<string, ProblemCode> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
}

/**
 * Answers with a problem and closes the connection. It only closes it when nobody listens, when nobody has asked, or when the
 * client would take the answer for that to an earlier request, which may be carried out.
 *
 * @param newestOf The answer to the last request of that connection, if there was any.
 */
export function answerBrokenRequest(
  server: Server,
  newestOf: (socket: Socket) => ServerResponse | undefined,
  logger: ApiDeps['logger'],
): void {
  server.on('clientError', (error: NodeJS.ErrnoException, stream) => {
    const socket = stream as Socket
    // The request before it closes the connection, and its answer is on its way. Nothing after it counts.
    if (error.code === 'HPE_CLOSED_CONNECTION') return
    const answer = newestOf(socket)
    const isTaken = answer && !answer.writableFinished && (answer.headersSent || answer.req.complete)
    // A browser or a balancer opened it in advance, and would take an answer for that to its first request.
    const isUnused = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && socket.bytesRead === 0
    if (!socket.writable || isTaken || isUnused || error.code === 'ECONNRESET') return void socket.destroy()
    endWithProblem(socket, new ProblemError(PROBLEM_OF[error.code ?? ''] ?? 'malformed_http'), logger)
  })
  // This is no proxy to other servers.
  server.on('connect', (_request, socket) => endWithProblem(socket, new ProblemError('method_not_allowed'), logger))
}
