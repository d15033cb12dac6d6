/** The model that a request names in its path. Called by every route below `/v1/models/{model}`. */
import { modelNameSchema, ProblemError } from '@millrace/contracts'
import type { ModelState } from '@millrace/queue'

/**
 * A name that no model can have is not looked up. `models` is the registry, or a ModelCache where a state that is a second
 * old will do. Throws ProblemError `model_not_found`.
 */
export async function findModel<Found = ModelState>(
  models: { get(name: string): Promise<Found | undefined> },
  name: string | undefined,
): Promise<Found> {
  const known = modelNameSchema.safeParse(name)
  const found = known.success ? await models.get(known.data) : undefined
  if (!found) throw new ProblemError('model_not_found')
  return found
}
