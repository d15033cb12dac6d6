/** GET /v1/models/{model}/scale: how many workers a model needs, in plain numbers for an autoscaler. */
import { modelNameSchema, modelScaleSchema, ProblemError, SCALE_ASK } from '@millrace/contracts'
import type { ModelReader, ModelScaling, ScaleState } from '@millrace/queue'
import { z } from 'zod'
import { parseRequest } from '../http/request-faults.ts'
import { json, type Route, type Router } from '../http/router.ts'
import { findModel, MODEL_ABSENT } from '../models/find-model.ts'
import { scaleView } from './scale-view.ts'

/** A number that came as text. */
const whole = (from: number, to: number) =>
  z.preprocess(
    (text) => (typeof text === 'string' && /^\d{1,6}$/.test(text) ? Number(text) : text),
    z.number().int().min(from).max(to),
  )

const { mostSeconds, mostWorkers } = SCALE_ASK

const scaleQuery = z.strictObject({
  version: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe('Of the workers of this version alone: for who runs a pool of workers for each version.'),
  target_wait_seconds: whole(1, mostSeconds)
    .default(SCALE_ASK.targetWaitSeconds)
    .describe('Within so long what waits is to have begun. Never less than twice the cold start.'),
  min_workers: whole(0, mostWorkers)
    .default(SCALE_ASK.minWorkers)
    .describe('So many there are to be, whatever is to be done.'),
  max_workers: whole(1, mostWorkers)
    .optional()
    .describe(
      `And no more than so many, whatever \`min_workers\` says. Default: ${SCALE_ASK.maxWorkers}, or \`min_workers\` where that is more.`,
    ),
  cold_start_seconds: whole(0, mostSeconds)
    .optional()
    .describe(
      'How long it takes from the wish for a worker until it takes jobs. Default: as long as the last worker took to load the model, without the time that its machine took to start.',
    ),
})

const route: Route = {
  method: 'get',
  path: '/v1/models/{model}/scale',
  operation: 'getModelScale',
  summary: 'How many workers a model needs',
  description:
    'Numbers for an autoscaler, such as KEDA: what waits, how busy the workers are, and how many there should be so that what waits begins in time. Reckoned from measured run times, slots and load times; it rises at once and falls when less was needed for a while. Of all tenants, and therefore behind the scope `metrics`. It costs the same whatever waits.',
  tag: 'Models',
  // It counts the jobs of all tenants together, as the measurements do, which say the same.
  scope: 'metrics',
  request: { params: z.object({ model: modelNameSchema }), query: scaleQuery },
  responses: { 200: json('What it needs.', modelScaleSchema) },
  problems: [...MODEL_ABSENT, 'version_not_available'],
}

interface ScaleRouteDeps {
  scaling: ModelScaling
  models: Pick<ModelReader, 'loads' | 'version'>
}

export function scaleRoutes(router: Router, { scaling, models }: ScaleRouteDeps): void {
  router.add(route, async (c) => {
    const asked = parseRequest(scaleQuery, c.req.query())
    const { version, min_workers: minWorkers, target_wait_seconds: targetWaitSeconds } = asked
    const maxWorkers = asked.max_workers ?? Math.max(SCALE_ASK.maxWorkers, minWorkers)
    const ask = {
      targetWaitMs: targetWaitSeconds * 1000,
      coldStartMs: asked.cold_start_seconds === undefined ? undefined : asked.cold_start_seconds * 1000,
    }
    const known = { get: (name: string) => scaling.state(name, ask), loads: () => models.loads() }
    const state = await findModel<ScaleState>(known, c)
    const model = c.req.param('model') ?? ''
    if (version !== undefined && !state.pools.some((pool) => pool.version === version)) {
      if (!(await models.version(model, version))) throw new ProblemError('version_not_available')
    }
    return c.json(scaleView(model, state, { version, minWorkers, maxWorkers, targetWaitSeconds }))
  })
}
