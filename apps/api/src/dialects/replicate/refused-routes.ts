/** What Replicate's clients can ask for and a server of workers does not do: each refusal says what to do instead. */
import { ProblemError } from '@millrace/contracts'
import type { DialectRouter } from '../dialect.ts'
import { BASE } from './predictions.ts'

const MODELS =
  'Models are published by workers: put the folder of the model where a worker looks for models (docs/models.md). It is found within seconds, and gone when no worker has it.'
const DEPLOYMENTS =
  'A deployment is another name for a model: use /deployments/OWNER/MODEL as it is. An administrator may change its version with a PATCH.'
const COLLECTIONS = 'There are no collections. GET /replicate/v1/models lists all models, and QUERY searches them.'

const ONE = '{owner}/{model}'
const change = { audit: 'none', scope: 'models:read' } as const

export function refusedRoutes(router: DialectRouter): void {
  const refuse = (detail: string) => () => {
    throw new ProblemError('method_not_allowed', { detail })
  }
  const add = (method: 'post' | 'patch' | 'delete', path: string, operation: string, detail: string) =>
    router.addUnlisted({ ...change, method, path: `${BASE}${path}`, operation }, refuse(detail))
  add('post', '/models', 'replicateCreateModel', MODELS)
  add('patch', `/models/${ONE}`, 'replicateUpdateModel', MODELS)
  add('delete', `/models/${ONE}`, 'replicateDeleteModel', MODELS)
  add('delete', `/models/${ONE}/versions/{version}`, 'replicateDeleteVersion', MODELS)
  add('post', '/deployments', 'replicateCreateDeployment', DEPLOYMENTS)
  add('delete', `/deployments/${ONE}`, 'replicateDeleteDeployment', DEPLOYMENTS)
  const collection = { method: 'get', path: `${BASE}/collections/{slug}`, operation: 'replicateGetCollection' } as const
  router.addUnlisted({ ...collection, scope: 'models:read' }, () => {
    throw new ProblemError('not_found', { detail: COLLECTIONS })
  })
}
