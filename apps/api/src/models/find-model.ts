/** The model that a request names in its path. Called by every route below `/v1/models/{model}`. */
import { modelNameSchema, ProblemError } from '@millrace/contracts'
import type { ModelLoad, ModelReader, ModelState } from '@millrace/queue'
import { mayUseModel, type Principal } from '../http/access/principal.ts'
import type { ApiContext } from '../http/api-deps.ts'
import { principalOf } from '../http/router.ts'

interface Registry<Found> {
  get(name: string): Promise<Found | undefined>
  loads(): Promise<ModelLoad[]>
  areAwaited?(): boolean
}

/** The model in the path; see findNamed. */
export const findModel = <Found = ModelState>(models: Registry<Found>, c: ApiContext): Promise<Found> =>
  findNamed(models, principalOf(c), c.req.param('model'))

/**
 * A name that no model can have is not looked up. `models` is the registry, or a ModelCache where a state that is a second
 * old will do. A model that was published once is found, whether or not a worker has it now. Throws ProblemError, one of
 * MODEL_ABSENT.
 */
export async function findNamed<Found = ModelState>(
  models: Registry<Found>,
  principal: Principal,
  name: string | undefined,
): Promise<Found> {
  const known = modelNameSchema.safeParse(name)
  if (known.success && !mayUseModel(principal, known.data)) throw new ProblemError('model_not_allowed')
  if (!known.success) throw new ProblemError('model_not_found')
  const found = await models.get(known.data)
  if (found) return found
  const load = loadIn(await models.loads(), known.data)
  // One that is not being loaded any more may just have been published.
  const published = load ? undefined : await models.get(known.data)
  if (published) return published
  throw absence(load, models.areAwaited?.() ?? false)
}

/** The name of a model that has a version, whether or not one of them is current. Throws as findModel does. */
export async function nameOfKnown(models: Pick<ModelReader, 'versions' | 'loads'>, c: ApiContext): Promise<string> {
  await findModel({ get: (name) => models.versions(name), loads: () => models.loads() }, c)
  return c.req.param('model') ?? ''
}

/** What findModel refuses with. */
export const MODEL_ABSENT = ['model_not_found', 'model_loading', 'model_failed', 'model_not_allowed'] as const

/** How it is with a model that no worker has ready. That one loads it says more than that another one could not. */
export function loadIn(loads: readonly ModelLoad[], name: string): ModelLoad | undefined {
  const own = loads.filter((load) => load.name === name)
  return own.find(({ state }) => state === 'loading') ?? own[0]
}

function absence(load: ModelLoad | undefined, isAwaited: boolean): ProblemError {
  if (!load && !isAwaited) return new ProblemError('model_not_found')
  if (!load || load.state === 'loading') return new ProblemError('model_loading', { retryAfter: LOADING_SECONDS })
  return new ProblemError('model_failed', { detail: load.reason ?? undefined })
}

const LOADING_SECONDS = 2
