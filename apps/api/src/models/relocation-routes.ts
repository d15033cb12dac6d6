/** POST /v1/models/{model}/move and GET /v1/models/{model}/moves/{id}: jobs that wait are moved to another version. */
import { modelNameSchema, ProblemError, relocationRequestSchema, relocationSchema } from '@millrace/contracts'
import { lineOfContractNamed, linesOf } from '@millrace/queue'
import { z } from 'zod'
import type { ApiContext, ApiDeps } from '../http/api-deps.ts'
import { noteAudit } from '../http/audit/auditor.ts'
import { smallBody, smallJsonOf } from '../http/body/small-json.ts'
import { linkBase } from '../http/links.ts'
import { parseRequest } from '../http/request-faults.ts'
import { json, type Route, type Router } from '../http/router.ts'
import { MODEL_ABSENT, nameOfKnown } from './find-model.ts'

const params = z.object({ model: modelNameSchema })

const moveRoute: Route = {
  method: 'post',
  path: '/v1/models/{model}/move',
  operation: 'moveJobs',
  audit: 'jobs.move',
  summary: 'Move jobs that wait to another version',
  description:
    'For jobs that wait for a version or a contract which no worker has any more. Each input is checked by the schema of the other version, as a submit would be, and gets its defaults; what does not fit stays. A moved job keeps its id, its place by age and priority, its deadline and its idempotency key. Jobs that run are left alone, and so is what is submitted later. A worker does it, page by page, and it survives the end of any process. Jobs whose clients named a version are moved only where that version is named here.',
  tag: 'Models',
  scope: 'admin',
  request: { params, body: smallBody(relocationRequestSchema) },
  responses: { 202: json('It goes on; read it again to see how far it is.', relocationSchema) },
  problems: [...MODEL_ABSENT, 'version_not_available'],
}

const readRoute: Route = {
  method: 'get',
  path: '/v1/models/{model}/moves/{id}',
  operation: 'getMove',
  summary: 'Read how far a move of jobs is',
  tag: 'Models',
  scope: 'admin',
  request: { params: params.extend({ id: z.string().max(64) }) },
  responses: { 200: json('What it has done. It is known for 7 days.', relocationSchema) },
  problems: [...MODEL_ABSENT, 'relocation_not_found'],
}

type RelocationDeps = Pick<ApiDeps, 'models' | 'relocations' | 'config'>

export function relocationRoutes(router: Router, { models, relocations, config }: RelocationDeps): void {
  const nameOf = (c: ApiContext): Promise<string> => nameOfKnown(models, c)
  const answer = async (c: ApiContext, model: string, id: string, status: 200 | 202): Promise<Response> => {
    const found = await relocations.get(model, id)
    if (!found) throw new ProblemError('relocation_not_found')
    return c.json(found, status, { location: `${linkBase(c, config.publicUrl)}/v1/models/${model}/moves/${id}` })
  }

  router.add(moveRoute, async (c) => {
    const wish = parseRequest(relocationRequestSchema, await smallJsonOf(c))
    const model = await nameOf(c)
    const to = await models.version(model, wish.to)
    if (!to) throw new ProblemError('version_not_available', { detail: `There is no version ${wish.to}.` })
    if ('version' in wish.from) {
      if (wish.from.version === wish.to) throw same('/from/version', 'is the version that they are to be moved to')
    } else if (linesOf(to).includes(lineOfContractNamed(wish.from.contract))) {
      throw same('/from/contract', `is a contract of ${wish.to}, whose workers take these jobs where they are`)
    }
    const id = await relocations.begin(model, wish, to)
    noteAudit(c, { after: { ...wish, move: id } })
    return answer(c, model, id, 202)
  })

  router.add(readRoute, async (c) => answer(c, await nameOf(c), c.req.param('id') ?? '', 200))
}

const same = (path: string, message: string) =>
  new ProblemError('invalid_request', { errors: [{ path, code: 'same', message }] })
