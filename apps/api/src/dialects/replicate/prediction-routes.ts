/** The routes of predictions, of trainings, and of deployments, which are another name for models. */
import type { UnlistedRoute } from '../../http/router.ts'
import type { DialectDeps, DialectRouter } from '../dialect.ts'
import { BASE, Predictions, targetOf } from './predictions.ts'

const write = { method: 'post', audit: 'none', scope: 'jobs:write' } as const
const read = { method: 'get', scope: 'jobs:read' } as const
const cancel = { method: 'post', audit: 'none', scope: 'jobs:cancel' } as const
const route = <Kind extends object>(kind: Kind, path: string, operation: string) => ({
  ...kind,
  path: `${BASE}${path}`,
  operation: `replicate${operation}`,
})

const CREATE: UnlistedRoute = route(write, '/predictions', 'CreatePrediction')
/** Each names its model. */
const CREATE_NAMED: readonly UnlistedRoute[] = [
  route(write, '/models/{owner}/{model}/predictions', 'CreateModelPrediction'),
  route(write, '/models/{owner}/{model}/versions/{version}/predictions', 'CreateVersionPrediction'),
  route(write, '/deployments/{owner}/{model}/predictions', 'CreateDeploymentPrediction'),
]
const TRAIN: UnlistedRoute = route(write, '/models/{owner}/{model}/versions/{version}/trainings', 'CreateTraining')

export function predictionRoutes(router: DialectRouter, deps: DialectDeps): void {
  const predictions = new Predictions(deps)
  const trainings = new Predictions(deps, 'training')
  router.addUnlisted(CREATE, (c) => predictions.create(c))
  for (const named of CREATE_NAMED) router.addUnlisted(named, (c) => predictions.create(c, targetOf(c)))
  router.addUnlisted(TRAIN, (c) => trainings.create(c, targetOf(c)))
  readRoutes(router, predictions, 'predictions', 'Prediction')
  readRoutes(router, trainings, 'trainings', 'Training')
}

function readRoutes(router: DialectRouter, of: Predictions, path: string, operation: string): void {
  router.addUnlisted(route(read, `/${path}`, `List${operation}s`), (c) => of.list(c))
  router.addUnlisted(route(read, `/${path}/{id}`, `Get${operation}`), (c) => of.read(c))
  router.addUnlisted(route(cancel, `/${path}/{id}/cancel`, `Cancel${operation}`), (c) => of.cancel(c))
}
