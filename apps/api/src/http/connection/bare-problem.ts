/** Answers with a problem before the app has a request, over an answer of Node's or straight to a socket. Called by the gate. */
import { randomUUID } from 'node:crypto'
import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ProblemError } from '@millrace/contracts'
import type { ApiDeps } from '../api-deps.ts'
import { problemBody } from '../middleware/answer-error.ts'

/** Answers with the problem and closes the connection, for what comes behind such a request need not be one. */
export function answerProblem(response: ServerResponse, problem: ProblemError, logger: ApiDeps['logger']): void {
  const { headers, body } = told(problem, logger)
  response.writeHead(problem.status, headers)
  response.end(body)
}

/** The same if Node has made no answer. */
export function endWithProblem(socket: Duplex, problem: ProblemError, logger: ApiDeps['logger']): void {
  const { headers, body } = told(problem, logger)
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  const head = [`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`, ...lines].join('\r\n')
  socket.end(`${head}\r\n\r\n${body}`)
}

function told(problem: ProblemError, logger: ApiDeps['logger']): { headers: Record<string, string>; body: string } {
  const { code, status } = problem
  const { retryAfter } = problem.options
  const requestId = randomUUID()
  logger.info({ request_id: requestId, code, status }, 'a request was refused before it was read')
  const body = JSON.stringify(problemBody(problem, requestId))
  const headers = {
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(body)),
    'x-request-id': requestId,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
    connection: 'close',
  }
  return { headers, body }
}
