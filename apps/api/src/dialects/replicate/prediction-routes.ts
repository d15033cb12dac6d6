/** Predictions as Replicate's clients make, read and cancel them. */
import { type JobRecord, ProblemError } from '@millrace/contracts'
import { splitVersion, toPrediction } from '@millrace/dialects'
import type { ApiContext } from '../../http/api-deps.ts'
import { linkBase } from '../../http/links.ts'
import { preferredWait } from '../../http/parse-wait.ts'
import { type UnlistedRoute, tenantOf } from '../../http/router.ts'
import { found, jobIdOf } from '../../jobs/job-context.ts'
import type { DialectDeps, DialectRouter } from '../dialect.ts'
import { type DialectJob, MOST_WAIT } from '../intake.ts'

const BASE = '/replicate/v1'

const createRoute: UnlistedRoute = {
  method: 'post',
  path: `${BASE}/predictions`,
  operation: 'replicateCreatePrediction',
  audit: 'none',
  scope: 'jobs:write',
}
const createOfModelRoute: UnlistedRoute = {
  ...createRoute,
  path: `${BASE}/models/{owner}/{model}/predictions`,
  operation: 'replicateCreateModelPrediction',
}
const readRoute: UnlistedRoute = {
  method: 'get',
  path: `${BASE}/predictions/{id}`,
  operation: 'replicateGetPrediction',
  scope: 'jobs:read',
}
const cancelRoute: UnlistedRoute = {
  method: 'post',
  path: `${BASE}/predictions/{id}/cancel`,
  operation: 'replicateCancelPrediction',
  audit: 'none',
  scope: 'jobs:cancel',
}

export function predictionRoutes(router: DialectRouter, deps: DialectDeps): void {
  const { doorway } = deps
  const show = (c: ApiContext, record: JobRecord) => predictionOf(c, deps, record)

  const create = async (c: ApiContext, toJob: (body: Record<string, unknown>) => DialectJob): Promise<Response> => {
    const seconds = Math.min(preferredWait(c.req.header('prefer')) ?? 0, MOST_WAIT)
    const record = await doorway.json(c, toJob, { seconds })
    const prediction = await show(c, record)
    // A client that waited takes any other status for the end, with no output.
    if (record.finished_at === null) prediction.status = 'starting'
    return c.json(prediction, 201)
  }

  router.addUnlisted(createRoute, (c) =>
    create(c, (body) => {
      const { model, version } = splitVersion(typeof body.version === 'string' ? body.version : '')
      if (model === undefined) throw new ProblemError('version_not_available')
      return { model, version, input: inputOf(body) }
    }),
  )
  router.addUnlisted(createOfModelRoute, (c) =>
    create(c, (body) => ({ model: c.req.param('model') ?? '', input: inputOf(body) })),
  )
  router.addUnlisted(readRoute, async (c) => c.json(await show(c, await doorway.read(c, jobIdOf(c)))))
  router.addUnlisted(cancelRoute, async (c) => {
    const { record } = found(await deps.jobs.cancel(jobIdOf(c), tenantOf(c)))
    return c.json(await show(c, record))
  })
}

async function predictionOf(c: ApiContext, deps: DialectDeps, record: JobRecord): Promise<Record<string, unknown>> {
  const base = linkBase(c, deps.config.publicUrl)
  const [input, output] = await Promise.all([deps.values.input(record, base), deps.values.output(record, base)])
  return toPrediction({ record, owner: 'millrace', input, output, logs: '', links: { base: `${base}${BASE}` } })
}

function inputOf({ input }: Record<string, unknown>): Record<string, unknown> {
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input as Record<string, unknown>
  throw new ProblemError('invalid_request', {
    errors: [{ path: '/input', code: 'type', message: 'expected an object' }],
  })
}
