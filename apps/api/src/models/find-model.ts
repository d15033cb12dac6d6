/** The model that a request names in its path. Called by every route below `/v1/models/{model}`. */
import { modelNameSchema, ProblemError } from '@millrace/contracts'
import type { ModelReader, ModelState } from '@millrace/queue'

/**
 * A name that no model can have is not looked up. `models` is the registry, or a ModelCache where a state that is a second
 * old will do. Throws ProblemError `model_not_found`.
 */
export async function findModel(models: Pick<ModelReader, 'get'>, name: string | undefined): Promise<ModelState> {
  const known = modelNameSchema.safeParse(name)
  const state = known.success ? await models.get(known.data) : undefined
  if (!state) throw new ProblemError('model_not_found')
  return state
}
