/** The model that a request names in its path. Called by every route below `/v1/models/{model}`. */
import { modelNameSchema, ProblemError } from '@millrace/contracts'
import type { ModelState } from '@millrace/queue'
import { mayUseModel } from '../http/access/principal.ts'
import type { ApiContext } from '../http/api-deps.ts'
import { principalOf } from '../http/router.ts'

/**
 * A name that no model can have is not looked up. `models` is the registry, or a ModelCache where a state that is a second
 * old will do. Throws ProblemError `model_not_found`, or `model_not_allowed` when the key names other models.
 */
export async function findModel<Found = ModelState>(
  models: { get(name: string): Promise<Found | undefined> },
  c: ApiContext,
): Promise<Found> {
  const known = modelNameSchema.safeParse(c.req.param('model'))
  if (known.success && !mayUseModel(principalOf(c), known.data)) throw new ProblemError('model_not_allowed')
  const found = known.success ? await models.get(known.data) : undefined
  if (!found) throw new ProblemError('model_not_found')
  return found
}
