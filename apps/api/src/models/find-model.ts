/** The model that a request names in its path. Called by every route below `/v1/models/{model}`. */
import { modelNameSchema, ProblemError } from '@millrace/contracts'
import type { ModelLoad, ModelState } from '@millrace/queue'
import { mayUseModel } from '../http/access/principal.ts'
import type { ApiContext } from '../http/api-deps.ts'
import { principalOf } from '../http/router.ts'

/**
 * A name that no model can have is not looked up. `models` is the registry, or a ModelCache where a state that is a second
 * old will do. A model that was published once is found, whether or not a worker has it now. Throws ProblemError, one of
 * MODEL_ABSENT.
 */
export async function findModel<Found = ModelState>(
  models: { get(name: string): Promise<Found | undefined>; loads(): Promise<ModelLoad[]> },
  c: ApiContext,
): Promise<Found> {
  const known = modelNameSchema.safeParse(c.req.param('model'))
  if (known.success && !mayUseModel(principalOf(c), known.data)) throw new ProblemError('model_not_allowed')
  const found = known.success ? await models.get(known.data) : undefined
  if (found) return found
  throw absence(known.success ? loadIn(await models.loads(), known.data) : undefined)
}

/** What findModel refuses with. */
export const MODEL_ABSENT = ['model_not_found', 'model_loading', 'model_failed', 'model_not_allowed'] as const

/** How it is with a model that no worker has ready. That one loads it says more than that another one could not. */
export function loadIn(loads: readonly ModelLoad[], name: string): ModelLoad | undefined {
  const own = loads.filter((load) => load.name === name)
  return own.find(({ state }) => state === 'loading') ?? own[0]
}

function absence(load: ModelLoad | undefined): ProblemError {
  if (!load) return new ProblemError('model_not_found')
  if (load.state === 'loading') return new ProblemError('model_loading', { retryAfter: LOADING_SECONDS })
  return new ProblemError('model_failed', { detail: load.reason ?? undefined })
}

const LOADING_SECONDS = 2
