/** What Node refuses before there is a request: its own answer would have no body. Set up by start-api-server.ts. */
import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type ProblemCode, ProblemError } from '@millrace/contracts'
import type { ApiDeps } from '../api-deps.ts'
import { endWithProblem } from './bare-problem.ts'

/** By the code of Node's error; anything else is no proper HTTP. */
const PROBLEM_OF: Record<string, ProblemCode> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
}

/**
 * Answers with a problem and closes the connection. Only closes it when nobody listens or nobody has asked, or when the
 * answer would be taken for that to a request which has arrived and may be carried out.
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
    // Behind a request that closes its connection nothing counts, and its answer is on its way.
    if (error.code === 'HPE_CLOSED_CONNECTION') return
    const answer = newestOf(socket)
    const isTaken = answer && !answer.writableFinished && (answer.headersSent || answer.req.complete)
    // Opened in advance, by a browser or a balancer: an answer would be taken for that to its first request.
    const isUnused = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && socket.bytesRead === 0
    if (!socket.writable || isTaken || isUnused || error.code === 'ECONNRESET') return void socket.destroy()
    endWithProblem(socket, new ProblemError(PROBLEM_OF[error.code ?? ''] ?? 'malformed_http'), logger)
  })
  // Nobody is let through to another server.
  server.on('connect', (_request, socket) => endWithProblem(socket, new ProblemError('method_not_allowed'), logger))
}
