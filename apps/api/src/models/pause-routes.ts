/** POST /v1/models/{model}/pause and /resume: whether jobs of a model, or of one version of it, are given to workers. */
import { modelNameSchema, ProblemError } from '@millrace/contracts'
import type { ModelControl, ModelReader, Pauses } from '@millrace/queue'
import { z } from 'zod'
import type { ApiContext } from '../http/api-deps.ts'
import { noteAudit } from '../http/audit/auditor.ts'
import { smallJsonOrNothing } from '../http/body/small-json.ts'
import { parseRequest } from '../http/request-faults.ts'
import { json, type Route, type Router } from '../http/router.ts'
import { findModel, MODEL_ABSENT } from './find-model.ts'

export const pauseSchema = z
  .object({
    since: z.iso.datetime(),
    submits: z.enum(['take', 'refuse']).describe('Whether jobs are taken meanwhile, and wait.'),
  })
  .meta({ id: 'Pause' })

const version = z.string().min(1).max(64).optional().describe('Only this version. Default: the whole model.')
const pauseBody = z.strictObject({ version, submits: z.enum(['take', 'refuse']).default('take') })
const resumeBody = z.strictObject({ version })
const pausesSchema = z
  .object({
    object: z.literal('model_pauses'),
    model: z.string(),
    paused: pauseSchema.nullable().describe('The whole model.'),
    versions: z.record(z.string(), pauseSchema).describe('The versions that are paused, by name.'),
  })
  .meta({ id: 'ModelPauses' })

const base = {
  method: 'post',
  tag: 'Models',
  scope: 'admin',
  responses: { 200: json('What is paused of the model now.', pausesSchema) },
  problems: [...MODEL_ABSENT, 'version_not_available'],
} as const
const bodyOf = (schema: z.ZodType) => ({
  params: z.object({ model: modelNameSchema }),
  body: { required: false, content: { 'application/json': { schema } } },
})

const pauseRoute: Route = {
  ...base,
  path: '/v1/models/{model}/pause',
  operation: 'pauseModel',
  audit: 'model.pause',
  summary: 'Pause a model, or one version of it',
  description:
    'No more jobs are given to workers, whether they are here or come later; what runs goes on. Submits are taken and wait, unless `submits` says otherwise. Deadlines (`expires_in`) go on. A paused version gets no job at all: neither those pinned to it nor those of its contract, which other versions may run.',
  request: bodyOf(pauseBody),
}

const resumeRoute: Route = {
  ...base,
  path: '/v1/models/{model}/resume',
  operation: 'resumeModel',
  audit: 'model.resume',
  summary: 'Give out jobs of a model, or of one version of it, again',
  description: 'A version that is resumed stays paused while its model is, and the other way round.',
  request: bodyOf(resumeBody),
}

export function pauseRoutes(router: Router, { models }: { models: ModelReader & ModelControl }): void {
  /** The model's name. Throws ProblemError when there is no such model, or no such version of it. */
  const check = async (c: ApiContext, wanted: string | undefined): Promise<string> => {
    const { manifest } = await findModel(models, c)
    const known = wanted === undefined || (await models.version(manifest.name, wanted))
    if (!known)
      throw new ProblemError('version_not_available', { detail: `The current version is ${manifest.version}.` })
    return manifest.name
  }
  const told = async (model: string) => {
    const { paused, versions } = pausesView(model, await models.pauses(model))
    return { paused, versions }
  }
  const answer = async (c: ApiContext, model: string): Promise<Response> => {
    const view = pausesView(model, await models.pauses(model))
    noteAudit(c, { after: { paused: view.paused, versions: view.versions } })
    return c.json(view)
  }

  router.add(pauseRoute, async (c) => {
    const wish = parseRequest(pauseBody, await smallJsonOrNothing(c))
    const model = await check(c, wish.version)
    noteAudit(c, { before: await told(model) })
    await models.pause(model, wish)
    return answer(c, model)
  })

  router.add(resumeRoute, async (c) => {
    const wish = parseRequest(resumeBody, await smallJsonOrNothing(c))
    const model = await check(c, wish.version)
    noteAudit(c, { before: await told(model) })
    await models.resume(model, wish)
    return answer(c, model)
  })
}

const pausesView = (model: string, { model: paused, versions }: Pauses): z.infer<typeof pausesSchema> => ({
  ...{ object: 'model_pauses', model, paused, versions: { ...versions } },
})
