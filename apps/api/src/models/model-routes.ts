/** GET /v1/models, /v1/models/{model} and its own OpenAPI document. */
import { manifestSchema, modelNameSchema, ProblemError } from '@millrace/contracts'
import type { ModelLoad, ModelReader, ModelState } from '@millrace/queue'
import { z } from 'zod'
import type { ApiConfig } from '../http/api-deps.ts'
import { linkBase } from '../http/links.ts'
import { findModel, findNamed, loadIn, MODEL_ABSENT } from './find-model.ts'
import { pauseSchema } from './pause-routes.ts'
import { modelDocument } from './model-document.ts'
import { shownManifest } from './shown-manifest.ts'
import { mayDo, mayUseModel, type Principal } from '../http/access/principal.ts'
import { json, principalOf, type Route, type Router } from '../http/router.ts'

const MODEL_STATES = ['ready', 'loading', 'failed', 'none'] as const

const count = z.number().int().min(0)

const modelSchema = manifestSchema
  .extend({
    object: z.literal('model'),
    version: z
      .string()
      .max(64)
      .describe('Chosen by its author. Empty, like the schemas, until a worker has loaded it once.'),
    examples: manifestSchema.shape.examples.describe(
      'Inputs to try the model with. Left out in lists, and when it has none.',
    ),
    state: z
      .enum(MODEL_STATES)
      .describe(
        '`ready`: a worker has it. Else `loading`: a worker loads it; `failed`: it could not be loaded, see `reason`; `none`: no worker has it. A model that was ready once takes jobs in each state; they wait. More words may come.',
      ),
    reason: z.string().nullable().describe('Why it could not be loaded, in one line; null unless `failed`.'),
    ready: z.boolean().describe('Whether a worker has it ready. Jobs are taken, and wait, when none has.'),
    workers: count.describe('Workers that have it ready.'),
    queued: count.describe('Jobs that wait: those of all tenants for a key with the scope admin, else your own.'),
    running: count.describe('Jobs that run, counted in the same way.'),
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
  operation: 'listModels',
  summary: 'List models',
  tag: 'Models',
  scope: 'models:read',
  responses: {
    200: json(
      'All models that workers have published, load, or could not load, and that the key may use, by name.',
      z.object({ object: z.literal('list'), data: z.array(modelSchema) }).meta({ id: 'ModelList' }),
    ),
  },
}

const readRoute: Route = {
  method: 'get',
  path: '/v1/models/{model}',
  operation: 'getModel',
  summary: 'Read about a model',
  tag: 'Models',
  scope: 'models:read',
  request: {
    params,
    query: z.object({
      version: manifestSchema.shape.version
        .optional()
        .describe(
          'Of which version the manifest is told. Default: the current one. State and counts are those of the model.',
        ),
    }),
  },
  responses: { 200: json('Its manifest and its state.', modelSchema) },
  problems: ['model_not_found', 'model_not_allowed', 'version_not_available'],
}

const documentRoute: Route = {
  method: 'get',
  path: '/v1/models/{model}/openapi.json',
  operation: 'getModelDocument',
  summary: "Read a model's own OpenAPI document",
  tag: 'Models',
  scope: 'models:read',
  request: { params },
  responses: { 200: json('OpenAPI 3.1, with the input and output of this model.', z.record(z.string(), z.unknown())) },
  problems: MODEL_ABSENT,
}

export function modelRoutes(router: Router, deps: { models: ModelReader; config: ApiConfig }): void {
  const { models, config } = deps

  router.add(listRoute, async (c) => {
    const principal = principalOf(c)
    const base = linkBase(c, config.publicUrl)
    // The states first: a model that is published between the two is in one of them.
    const loads = await models.loads()
    const states = await models.list()
    const published = new Set(states.map(({ manifest }) => manifest.name))
    const others = new Set(loads.map(({ name }) => name).filter((name) => !published.has(name)))
    const usable = [...states, ...[...others].map(neverReady)].filter(({ manifest }) =>
      mayUseModel(principal, manifest.name),
    )
    const data = (await countedFor(principal, usable, models)).map((state) =>
      // Left out, for they may be many times as much as all the rest, and lists are asked for again and again.
      ({ ...modelView(state, loadIn(loads, state.manifest.name), base), examples: undefined }),
    )
    data.sort((a, b) => (a.name < b.name ? -1 : 1))
    return c.json({ object: 'list', data })
  })

  router.add(readRoute, async (c) => {
    const name = c.req.param('model') ?? ''
    const model = await readModel(models, principalOf(c), { name, base: linkBase(c, config.publicUrl) })
    const version = c.req.query('version')
    if (version === undefined || version === model.version) return c.json(model)
    const manifest = await models.version(name, version)
    if (!manifest) throw new ProblemError('version_not_available')
    return c.json({ ...model, examples: undefined, ...shownManifest(manifest) })
  })

  router.add(documentRoute, async (c) => {
    const { manifest } = await findModel(models, c)
    const place = { base: linkBase(c, config.publicUrl), needsKey: config.apiKey !== undefined }
    return c.json(modelDocument(shownManifest(manifest), place))
  })
}

/** A model as one may see it who may use it. Throws ProblemError `model_not_found` or `model_not_allowed`. */
export async function readModel(
  models: ModelReader,
  principal: Principal,
  { name, base }: { name: string; base: string },
) {
  const loads = await models.loads()
  const state = await findNamed(models, principal, name).catch((error: unknown) => {
    if (error instanceof ProblemError && UNREADY.has(error.code)) return neverReady(name)
    throw error
  })
  const [counted = state] = await countedFor(principal, [state], models)
  return modelView(counted, loadIn(loads, name), base)
}

/** What others do is not told: a key that is no administrator's sees its tenant's own jobs counted. */
async function countedFor(
  principal: Principal,
  states: ModelState[],
  models: Pick<ModelReader, 'jobsOf'>,
): Promise<ModelState[]> {
  if (mayDo(principal, 'admin')) return states
  const names = states.map(({ manifest }) => manifest.name)
  const own = await models.jobsOf(principal.tenant, names)
  return states.map((state, i) => ({ ...state, ...own[i] }))
}

const UNREADY: ReadonlySet<string> = new Set(['model_loading', 'model_failed'])

/** A model that no worker has had ready yet, so that nobody knows its schemas. */
function neverReady(name: string): ModelState {
  const manifest = manifestSchema.parse({ name, version: '-', input_schema: {}, output_schema: {} })
  const pauses = { model: null, versions: {} }
  const tally = { requeued: 0, failed: 0, canceled: 0, expired: 0 }
  return { manifest: { ...manifest, version: '' }, workers: 0, queued: 0, running: 0, pauses, tally }
}

function modelView(
  { manifest, workers, queued, running, pauses }: ModelState,
  load: ModelLoad | undefined,
  base: string,
): z.infer<typeof modelSchema> {
  const self = `${base}/v1/models/${manifest.name}`
  const urls = { self, jobs: `${self}/jobs`, openapi: `${self}/openapi.json` }
  const ready = workers > 0
  return {
    object: 'model',
    ...shownManifest(manifest),
    state: ready ? 'ready' : (load?.state ?? 'none'),
    reason: ready ? null : (load?.reason ?? null),
    ready,
    workers,
    queued,
    running,
    paused: pauses.model,
    urls,
  }
}
