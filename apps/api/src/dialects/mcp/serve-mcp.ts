/**
 * The server of one exchange, over the official library, which speaks the revision 2026-07-28 and those before it. Nothing is kept
 * between two of them. Only mcp-route.ts imports this file, with the first request: the library is large.
 */
import {
  CLIENT_CAPABILITIES_META_KEY,
  createMcpHandler,
  type HandlerResultTypeMap,
  MissingRequiredClientCapabilityError,
  Server,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { jobIdSchema, type JobRecord, ProblemError, type Scope } from '@millrace/contracts'
import { z } from 'zod'
import { mayDo, mayUseJob } from '../../http/access/principal.ts'
import { found } from '../../jobs/job-context.ts'
import { TASKS, taskOf } from './answers/task.ts'
import type { Exchange } from './exchange.ts'
import { answerRefused, protocolErrorOf } from './answer-refused.ts'
import { listResources, listTemplates, readResource } from './resources.ts'
import { type Call, callTool } from './tools/call-tool.ts'
import { listTools } from './tools/list-tools.ts'

/** Of the API, as its OpenAPI document says it. */
const VERSION = '1'

const INSTRUCTIONS = [
  'Each model of this server is a tool. A call becomes a job that is kept, whatever happens to the connection.',
  'A call that takes long is answered with a job_id: call wait_for_job with it until the job has ended.',
  'Where a tool takes a file, give an http(s) address, a `data:` URI, or the id of a file that is here.',
].join(' ')

/** `body`: what was read of the request, which has none any more. */
export async function serveMcp(exchange: Exchange, request: Request, body: unknown): Promise<Response> {
  const { c, deps } = exchange
  const { fetch } = createMcpHandler(({ era }) => serverOf(exchange, era === 'modern'), {
    onerror: (error) => deps.logger.debug({ err: error, request_id: c.get('requestId') }, 'an MCP request was refused'),
  })
  return fetch(request, { parsedBody: body })
}

function serverOf(exchange: Exchange, isModern: boolean): Server {
  const extensions = isModern ? { extensions: { [TASKS]: {} } } : {}
  // The class above this one makes tools of validators; ours are described by JSON Schema, and checked like every other submit.
  const server = new Server(
    { name: 'millrace', title: 'Millrace', version: VERSION },
    { capabilities: { tools: {}, resources: {}, ...extensions }, instructions: INSTRUCTIONS },
  )
  const { deps, principal } = exchange
  const safely = <Answer>(answer: Promise<Answer>): Promise<Answer> =>
    answer.catch((error: unknown) => {
      throw protocolErrorOf(exchange, error)
    })
  server.setRequestHandler('tools/list', ({ params }) => safely(listTools(deps.models, principal, params?.cursor)))
  server.setRequestHandler('tools/call', ({ params }, context) => {
    const call = callOf(params, context, isModern)
    const answer = callTool(exchange, call).catch((error: unknown) => answerRefused(exchange, call.name, error))
    // A task in the place of an answer is unknown to the library.
    return answer as Promise<HandlerResultTypeMap['tools/call']>
  })
  server.setRequestHandler('resources/list', ({ params }) => safely(listResources(exchange, params?.cursor)))
  server.setRequestHandler('resources/templates/list', () => listTemplates())
  server.setRequestHandler('resources/read', ({ params }) => safely(readResource(exchange, params.uri)))
  if (isModern) addTasks(server, exchange, safely)
  return server
}

function callOf(
  params: { name: string; arguments?: Record<string, unknown> },
  context: ServerContext,
  isModern: boolean,
): Call {
  const { mcpReq } = context
  const progressToken = mcpReq._meta?.progressToken
  const notify: Call['notify'] = (note) =>
    // A client that does not hear it will hear the answer, or nothing.
    void mcpReq.notify({ method: 'notifications/progress', params: { ...note, progressToken } }).catch(() => undefined)
  return {
    name: params.name,
    input: params.arguments ?? {},
    notify: progressToken === undefined ? undefined : notify,
    takesTask: isModern && declaresTasks(context),
    endsWithClient: isModern,
  }
}

const tasksDeclared = z.object({ extensions: z.object({ [TASKS]: z.looseObject({}) }) })

/** With this very request: what a client declared before does not count. */
function declaresTasks({ mcpReq }: ServerContext): boolean {
  const envelope = mcpReq.envelope as Readonly<Record<string, unknown>> | undefined
  return tasksDeclared.safeParse(envelope?.[CLIENT_CAPABILITIES_META_KEY]).success
}

const taskParams = z.object({ taskId: z.string() })

/** The three methods of the extension, for clients that declare it with the request. */
function addTasks(
  server: Server,
  exchange: Exchange,
  safely: <Answer>(answer: Promise<Answer>) => Promise<Answer>,
): void {
  const { deps, base, principal } = exchange
  const add = (method: string, scope: Scope, answer: (record: JobRecord) => Promise<Record<string, unknown>>) =>
    server.setRequestHandler(method, { params: taskParams }, ({ taskId }, context) => {
      if (!declaresTasks(context))
        throw new MissingRequiredClientCapabilityError({ requiredCapabilities: { extensions: { [TASKS]: {} } } })
      return safely(recordOf(exchange, scope, taskId).then(answer))
    })
  add('tasks/get', 'jobs:read', (record) => taskOf(record, deps, base))
  add('tasks/cancel', 'jobs:cancel', async ({ id }) => {
    await deps.jobs.cancel(id, principal.tenant)
    return { resultType: 'complete' }
  })
  // No job asks its client for anything, so there is nothing that an answer could be for.
  add('tasks/update', 'jobs:read', async () => ({ resultType: 'complete' }))
}

/** Throws ProblemError. */
async function recordOf({ deps, principal }: Exchange, scope: Scope, taskId: string): Promise<JobRecord> {
  if (!mayDo(principal, scope)) throw new ProblemError('scope_missing', { detail: `This needs the scope ${scope}.` })
  const id = jobIdSchema.safeParse(taskId)
  if (!id.success || !mayUseJob(principal, id.data)) throw new ProblemError('job_not_found')
  return found(await deps.jobs.get(id.data, { tenant: principal.tenant })).record
}
