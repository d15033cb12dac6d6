/** GET /v1/models, /v1/models/{model} and its own OpenAPI document. */
import { manifestSchema, modelNameSchema } from '@millrace/contracts'
import type { ModelReader, ModelState } from '@millrace/queue'
import { z } from 'zod'
import type { ApiConfig } from '../http/api-deps.ts'
import { linkBase } from '../http/links.ts'
import { findModel } from './find-model.ts'
import { pauseSchema } from './pause-routes.ts'
import { modelDocument } from './model-document.ts'
import { shownManifest } from './shown-manifest.ts'
import { mayUseModel } from '../http/access/principal.ts'
import { json, principalOf, type Route, type Router } from '../http/router.ts'

const count = z.number().int().min(0)

const modelSchema = manifestSchema
  .extend({
    object: z.literal('model'),
    ready: z.boolean().describe('Whether a worker has it ready. Jobs are taken, and wait, when none has.'),
    workers: count.describe('Workers that have it ready.'),
    queued: count.describe('Jobs that wait.'),
    running: count.describe('Jobs that run.'),
    paused: pauseSchema
      .nullable()
      .describe('Somebody has paused the model: no jobs are given out. See its versions too.'),
    urls: z.object({ self: z.string(), jobs: z.string(), openapi: z.string() }),
  })
  .meta({ id: 'Model' })

const params = z.object({ model: modelNameSchema })

const listRoute: Route = {
  method: 'get',
  path: '/v1/models',
  summary: 'List models',
  tag: 'Models',
  scope: 'models:read',
  responses: {
    200: json(
      'All models that workers have published and that the key may use, by name.',
      z.object({ object: z.literal('list'), data: z.array(modelSchema) }).meta({ id: 'ModelList' }),
    ),
  },
}

const readRoute: Route = {
  method: 'get',
  path: '/v1/models/{model}',
  summary: 'Read about a model',
  tag: 'Models',
  scope: 'models:read',
  request: { params },
  responses: { 200: json('Its manifest and its state.', modelSchema) },
  problems: ['model_not_found', 'model_not_allowed'],
}

const documentRoute: Route = {
  method: 'get',
  path: '/v1/models/{model}/openapi.json',
  summary: "Read a model's own OpenAPI document",
  tag: 'Models',
  scope: 'models:read',
  request: { params },
  responses: { 200: json('OpenAPI 3.1, with the input and output of this model.', z.record(z.string(), z.unknown())) },
  problems: ['model_not_found', 'model_not_allowed'],
}

export function modelRoutes(router: Router, deps: { models: ModelReader; config: ApiConfig }): void {
  const { models, config } = deps

  router.add(listRoute, async (c) => {
    const principal = principalOf(c)
    const states = (await models.list()).filter(({ manifest }) => mayUseModel(principal, manifest.name))
    const data = states.map((state) => modelView(state, linkBase(c, config.publicUrl)))
    data.sort((a, b) => (a.name < b.name ? -1 : 1))
    return c.json({ object: 'list', data })
  })

  router.add(readRoute, async (c) => {
    const state = await findModel(models, c)
    return c.json(modelView(state, linkBase(c, config.publicUrl)))
  })

  router.add(documentRoute, async (c) => {
    const { manifest } = await findModel(models, c)
    const place = { base: linkBase(c, config.publicUrl), needsKey: config.apiKey !== undefined }
    return c.json(modelDocument(shownManifest(manifest), place))
  })
}

function modelView(
  { manifest, workers, queued, running, pauses }: ModelState,
  base: string,
): z.infer<typeof modelSchema> {
  const self = `${base}/v1/models/${manifest.name}`
  const urls = { self, jobs: `${self}/jobs`, openapi: `${self}/openapi.json` }
  return {
    object: 'model',
    ...shownManifest(manifest),
    ready: workers > 0,
    workers,
    queued,
    running,
    paused: pauses.model,
    urls,
  }
}
