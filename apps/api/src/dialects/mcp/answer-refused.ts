/** What an MCP client is told of a problem: as the answer of a tool, where a language model can do better, else as an error of the protocol. */
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server'
import { type ProblemCode, ProblemError, PROBLEMS } from '@millrace/contracts'
import { problemOf } from '../../http/middleware/answer-error.ts'
import { errorAnswer, type ToolAnswer } from './answers/job-answer.ts'
import type { Exchange } from './exchange.ts'

/** Of a tool, they say that there is none. */
const NO_TOOL: ReadonlySet<ProblemCode> = new Set(['model_not_found', 'model_not_allowed', 'kind_not_supported'])

/** The answer of a tool whose call was refused. Throws ProtocolError where there is no such tool, and where the fault is ours. */
export function answerRefused(exchange: Exchange, tool: string, error: unknown): ToolAnswer {
  const problem = problemOf(error)
  if (NO_TOOL.has(problem.code))
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${tool.slice(0, 128)}`)
  if (problem.code === 'internal') throw protocolErrorOf(exchange, error)
  return errorAnswer(textOf(problem))
}

export function protocolErrorOf({ c, deps }: Exchange, error: unknown): ProtocolError {
  const problem = problemOf(error)
  if (problem.code !== 'internal') {
    const isOurs = problem.status >= 500
    return new ProtocolError(
      isOurs ? ProtocolErrorCode.InternalError : ProtocolErrorCode.InvalidParams,
      textOf(problem),
    )
  }
  const requestId = c.get('requestId')
  deps.logger.error({ err: error, request_id: requestId }, 'request failed')
  return new ProtocolError(ProtocolErrorCode.InternalError, `${PROBLEMS.internal.title} The request was ${requestId}.`)
}

/** In words, with each fault, or what to do. */
function textOf({ code, options }: ProblemError): string {
  const { title, fix } = PROBLEMS[code]
  const { errors = [], detail, retryAfter } = options
  // The arguments of a tool are the input.
  const faults = errors.map(({ path, message }) => `\n${path.replace(/^\/input(?=\/|$)/, '') || '/'}: ${message}`)
  const more = detail ?? (errors.length > 0 ? '' : fix)
  const again = retryAfter === undefined ? '' : ` Try again in ${Math.ceil(retryAfter)} s.`
  return `${code}: ${title}.${more === '' ? '' : ` ${more}`}${again}${faults.join('')}`
}
