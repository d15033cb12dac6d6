/** POST /v1/models/{model}/promote and /rollback, PUT /v1/models/{model}/traffic: which version takes the submits that name none. */
import { modelNameSchema, ProblemError } from '@millrace/contracts'
import { z } from 'zod'
import type { ApiContext } from '../http/api-deps.ts'
import { noteAudit } from '../http/audit/auditor.ts'
import { smallBody, smallJsonOf } from '../http/body/small-json.ts'
import { parseRequest } from '../http/request-faults.ts'
import { json, type Route, type Router } from '../http/router.ts'
import { MODEL_ABSENT, nameOfKnown } from './find-model.ts'
import {
  guardSchema,
  type VersionList,
  type VersionRouteDeps,
  versionListSchema,
  viewVersions,
} from './version-routes.ts'

const params = z.object({ model: modelNameSchema })
const version = z.string().min(1).max(64)
const answer = { 200: json('Its versions, as they stand now.', versionListSchema) }

const promoteSchema = z
  .strictObject({ version: version.nullable().describe('Null: the newest, and from then on whichever is newest.') })
  .meta({ id: 'PromoteRequest' })

const promoteRoute: Route = {
  method: 'post',
  path: '/v1/models/{model}/promote',
  operation: 'promoteVersion',
  audit: 'model.promote',
  summary: 'Make a version the current one',
  description: 'Submits that name no version go to it, whatever is published later. A split of traffic ends.',
  tag: 'Models',
  scope: 'admin',
  request: { params, body: smallBody(promoteSchema) },
  responses: answer,
  problems: [...MODEL_ABSENT, 'version_not_available'],
}

const rollbackRoute: Route = {
  method: 'post',
  path: '/v1/models/{model}/rollback',
  operation: 'rollBackVersion',
  audit: 'model.rollback',
  summary: 'Go back to the version that was current before',
  description: 'A split of traffic ends. A second rollback undoes the first.',
  tag: 'Models',
  scope: 'admin',
  request: { params },
  responses: answer,
  problems: [...MODEL_ABSENT, 'version_not_available'],
}

const trafficSchema = z
  .strictObject({
    versions: z
      .record(version, z.number().min(0).max(100))
      .refine((shares) => Object.keys(shares).length <= 10, 'at most 10 versions')
      .refine((shares) => sumOf(Object.values(shares)) <= 100.001, 'all shares together are at most 100')
      .meta({ maxProperties: 10 })
      .describe(
        'Percent of the submits that name no version, by version. The rest goes to the current version. Empty: no split.',
      ),
    guard: guardSchema
      .nullable()
      .optional()
      .describe('When a version that is not current loses its share by itself. Null: never. Default: `{}`.'),
  })
  .meta({ id: 'TrafficRequest', examples: [{ versions: { '1.4.0': 90, '1.5.0': 10 } }] })

const trafficRoute: Route = {
  method: 'put',
  path: '/v1/models/{model}/traffic',
  operation: 'splitTraffic',
  audit: 'model.traffic',
  summary: 'Split submits between versions',
  description:
    'Each submit that names no version is checked by, and runs on, the version that its id falls to. The share of a version that no worker has goes to the current one. If no operator has set the current version, that of the largest share is set.',
  tag: 'Models',
  scope: 'admin',
  request: { params, body: smallBody(trafficSchema) },
  responses: answer,
  problems: [...MODEL_ABSENT, 'version_not_available'],
}

export function steerRoutes(router: Router, deps: VersionRouteDeps): void {
  const { steering, models } = deps
  const nameOf = (c: ApiContext): Promise<string> => nameOfKnown(models, c)
  /** Steers, and answers with what has come of it. */
  const steer = async (c: ApiContext, act: (model: string) => Promise<void>): Promise<Response> => {
    const model = await nameOf(c)
    noteAudit(c, { before: told(await viewVersions(c, deps)) })
    await act(model)
    const view = await viewVersions(c, deps)
    noteAudit(c, { after: told(view) })
    return c.json(view)
  }

  router.add(promoteRoute, async (c) => {
    const { version: wanted } = await bodyAs(c, promoteSchema)
    return steer(c, async (model) => {
      if ((await steering.promote(model, wanted)) === 'missing') throw unknown(wanted)
    })
  })

  router.add(rollbackRoute, (c) =>
    steer(c, async (model) => {
      if ((await steering.rollback(model)) === 'missing') {
        throw new ProblemError('version_not_available', { detail: 'No other version was current before.' })
      }
    }),
  )

  router.add(trafficRoute, async (c) => {
    const { versions, guard = guardSchema.parse({}) } = await bodyAs(c, trafficSchema)
    const shares = Object.entries(versions).map(([name, share]) => ({ version: name, share }))
    return steer(c, async (model) => {
      const result = await steering.split(model, shares, guard)
      if (result.outcome === 'missing') throw unknown(result.version)
    })
  })
}

/** For the audit. */
const told = ({ current, data, guard }: VersionList) => ({
  ...{ current: current.version, set_by: current.set_by, guard },
  traffic: Object.fromEntries(data.flatMap(({ version, traffic }) => (traffic === null ? [] : [[version, traffic]]))),
})

const bodyAs = async <S extends z.ZodType>(c: ApiContext, schema: S): Promise<z.output<S>> =>
  parseRequest(schema, await smallJsonOf(c))

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0)

const unknown = (name: string | null) =>
  new ProblemError('version_not_available', { detail: `There is no version ${name ?? ''}.` })
