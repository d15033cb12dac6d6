/** /v1/job-actions: canceling, retrying or purging all jobs that match, after they were counted; how far that is, and its end. */
import { settledWithin } from '@millrace/async'
import {
  JOB_ACTIONS,
  type JobAction,
  type JobActionKind,
  jobActionListSchema,
  jobActionRequestSchema,
  jobActionSchema,
  ProblemError,
  type ReadJobActionRequest,
} from '@millrace/contracts'
import type { JobActionReader } from '@millrace/queue'
import { z } from 'zod'
import { mayDo, type Principal } from '../http/access/principal.ts'
import type { ApiContext, ApiDeps } from '../http/api-deps.ts'
import { noteAudit } from '../http/audit/auditor.ts'
import { smallBody, smallJsonOf } from '../http/body/small-json.ts'
import { linkBase } from '../http/links.ts'
import { pageQuery } from '../http/page-query.ts'
import { parseRequest } from '../http/request-faults.ts'
import { json, principalOf, type Route, type Router } from '../http/router.ts'
import { type ActionRunnerDeps, createActionRunner } from './create-action-runner.ts'

const [tag, path] = ['Jobs', '/v1/job-actions'] as const

const beginRoute: Route = {
  method: 'post',
  path,
  operation: 'beginJobAction',
  audit: 'job_action.begin',
  tag,
  // Which one it is, the action says.
  scope: 'any',
  summary: 'Cancel, retry or purge all jobs that match',
  description:
    'First with `dry_run`, which counts; then with that count as `expect_count`. It counts again, and does nothing if more or fewer match now. It needs the scope that the same needs for one job: `jobs:cancel` to cancel or purge, `jobs:write` to retry. It is done page by page and survives the end of any process; jobs that are submitted later, or come to match later, are not touched.',
  request: { body: smallBody(jobActionRequestSchema) },
  responses: {
    202: json(
      'It was counted and goes on, or is done. Where it takes long to count, that goes on, too.',
      jobActionSchema,
    ),
  },
  problems: ['scope_missing', 'model_not_allowed', 'count_mismatch', 'too_many_actions', 'tenant_erased'],
}

const listRoute: Route = {
  method: 'get',
  path,
  operation: 'listJobActions',
  tag,
  scope: 'jobs:read',
  summary: 'List actions on many jobs, newest first',
  description: 'Those that go on, and those of the last 7 days; at most 200.',
  request: { query: z.strictObject(pageQuery) },
  responses: { 200: json('One page. It may be short where the key is not for all models.', jobActionListSchema) },
}

const params = z.object({ id: z.string().max(64) })

const readRoute: Route = {
  method: 'get',
  path: `${path}/{id}`,
  operation: 'getJobAction',
  tag,
  scope: 'jobs:read',
  summary: 'Read how far an action on many jobs is',
  request: { params },
  responses: { 200: json('What it has done. It is known for 7 days.', jobActionSchema) },
  problems: ['job_action_not_found'],
}

const cancelRoute: Route = {
  method: 'post',
  path: `${path}/{id}/cancel`,
  operation: 'cancelJobAction',
  audit: 'job_action.cancel',
  tag,
  scope: 'any',
  summary: 'Cancel an action on many jobs',
  description:
    'It does nothing more; what it did stays done. One that has ended stays as it is. It needs the scope that the action needed.',
  request: { params },
  responses: { 202: json('It has ended, or ends in a moment.', jobActionSchema) },
  problems: ['scope_missing', 'job_action_not_found'],
}

/** How long an answer waits for the count. Milliseconds. */
const COUNT_MS = 8000
/** Seconds after which some may have ended. */
const RETRY_AFTER_OPEN = 5

type JobActionDeps = ActionRunnerDeps & Pick<ApiDeps, 'config' | 'closing'>

export function jobActionRoutes(router: Router, deps: JobActionDeps): void {
  const { jobActions, config, closing } = deps
  const runner = createActionRunner(deps)

  const read = async (c: ApiContext, id: string): Promise<JobAction> => {
    const found = await jobActions.get(id, readerOf(principalOf(c)))
    if (!found) throw new ProblemError('job_action_not_found')
    return found
  }
  const answer = (c: ApiContext, action: JobAction): Response =>
    c.json(action, 202, { location: `${linkBase(c, config.publicUrl)}${path}/${action.id}` })

  router.add(beginRoute, async (c) => {
    const principal = principalOf(c)
    const wish = parseRequest(jobActionRequestSchema, await smallJsonOf(c))
    requireScope(principal, wish.action)
    if (principal.models && wish.filter.model && !principal.models.names.has(wish.filter.model))
      throw new ProblemError('model_not_allowed')
    noteAudit(c, { after: told(wish) })
    const { dry_run: isDry, expect_count: expect, action, filter } = wish
    const begun = await jobActions.begin({
      ...{ tenant: principal.tenant, action, filter, isDry, models: principal.models?.names },
      expect: isDry ? undefined : expect,
    })
    if (begun.outcome === 'barred') throw new ProblemError('tenant_erased')
    if (begun.outcome === 'limited') throw new ProblemError('too_many_actions', { retryAfter: RETRY_AFTER_OPEN })
    noteAudit(c, { subject: begun.id })
    // What fails here, or takes long, is done by whoever looks next.
    const counting = runner.count(begun.id, closing)
    await settledWithin(counting, COUNT_MS)
    const counted = await read(c, begun.id)
    if (counted.status === 'refused') throw mismatch(counted)
    const goOn = () => runner.goOn(begun.id, closing)
    void counting.then(goOn, goOn)
    return answer(c, counted)
  })

  router.add(listRoute, async (c) => {
    const { actions, nextCursor } = await jobActions.list(
      readerOf(principalOf(c)),
      parseRequest(z.strictObject(pageQuery), c.req.query()),
    )
    return c.json({ object: 'list', data: actions, next_cursor: nextCursor })
  })

  router.add(readRoute, async (c) => c.json(await read(c, c.req.param('id') ?? '')))

  router.add(cancelRoute, async (c) => {
    const found = await read(c, c.req.param('id') ?? '')
    requireScope(principalOf(c), found.action)
    await jobActions.stop(found.id)
    await runner.goOn(found.id, closing)
    return answer(c, await read(c, found.id))
  })
}

function requireScope(principal: Principal, action: JobActionKind): void {
  const scope = JOB_ACTIONS[action]
  if (!mayDo(principal, scope)) throw new ProblemError('scope_missing', { detail: `This needs the scope ${scope}.` })
}

const readerOf = ({ tenant, models }: Principal): JobActionReader => ({ tenant, models: models?.names })

/** Conditions may be what a client or a person chose, so the audit has their names alone. */
function told({ action, filter, dry_run, expect_count }: ReadJobActionRequest): Record<string, unknown> {
  const { model, status, error_code } = filter
  const conditions = Object.keys(filter).toSorted()
  return { action, dry_run, expect_count: expect_count ?? null, conditions, model, status, error_code }
}

function mismatch({ matched, expect_count }: JobAction): ProblemError {
  const count = matched ?? 0
  return new ProblemError('count_mismatch', { detail: `${count} jobs match, ${expect_count} were expected.`, count })
}
