/** What Node refuses before there is a request: its own answer would have no body. Set up by start-api-server.ts. */
import { randomUUID } from 'node:crypto'
import { type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { type ProblemCode, ProblemError } from '@millrace/contracts'
import type { ApiDeps } from './api-deps.ts'
import { problemBody } from './middleware/answer-error.ts'

/** By the code of Node's error; anything else is no proper HTTP. */
const PROBLEM_OF: Record<string, ProblemCode> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
}

/**
 * Answers with a problem and closes the connection. Only closes it when nobody listens, or when the answer would be taken
 * for that to a request which has arrived and may be carried out.
 */
export function answerBrokenRequest(server: Server, logger: ApiDeps['logger']): void {
  const answers = new WeakMap<Duplex, ServerResponse>()
  server.on('request', (request, response) => answers.set(request.socket, response))
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const answer = answers.get(socket)
    const isTaken = answer && !answer.writableFinished && (answer.headersSent || answer.req.complete)
    if (!socket.writable || isTaken || error.code === 'ECONNRESET') return void socket.destroy()
    const problem = new ProblemError(PROBLEM_OF[error.code ?? ''] ?? 'malformed_http')
    const requestId = randomUUID()
    logger.info(
      { request_id: requestId, code: problem.code, status: problem.status },
      'no request was made of what came',
    )
    socket.end(rawAnswer(problem, requestId))
  })
}

function rawAnswer(problem: ProblemError, requestId: string): string {
  const body = JSON.stringify(problemBody(problem, requestId))
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    'x-content-type-options: nosniff',
    'cache-control: no-store',
    'connection: close',
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}
