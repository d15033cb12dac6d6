/** What Cog's server says of itself and of its model: index, health-check, openapi.json. */
import { ProblemError } from '@millrace/contracts'
import type { ModelState } from '@millrace/queue'
import type { ApiContext } from '../../http/api-deps.ts'
import { linkBase } from '../../http/links.ts'
import { principalOf, type UnlistedRoute } from '../../http/router.ts'
import { mayUseModel } from '../../http/access/principal.ts'
import { findModel, loadIn } from '../../models/find-model.ts'
import type { DialectDeps, DialectRouter } from '../dialect.ts'
import { cogDocument } from './cog-document.ts'

const read = { method: 'get', scope: 'models:read' } as const
const indexRoute: UnlistedRoute = { ...read, path: '/cog/{model}', operation: 'cogIndex' }
const healthRoute: UnlistedRoute = { ...read, path: '/cog/{model}/health-check', operation: 'cogHealth' }
const documentRoute: UnlistedRoute = { ...read, path: '/cog/{model}/openapi.json', operation: 'cogDocument' }

type ServiceDeps = Pick<DialectDeps, 'models' | 'queues' | 'config' | 'cache'>

export function cogServiceRoutes(router: DialectRouter, deps: ServiceDeps): void {
  router.addUnlisted(indexRoute, async (c) => {
    const { manifest } = await findModel(deps.cache, c)
    return c.json(indexOf(`${linkBase(c, deps.config.publicUrl)}/cog/${manifest.name}`, manifest.training !== null))
  })
  router.addUnlisted(healthRoute, async (c) => c.json(await healthOf(c, deps)))
  router.addUnlisted(documentRoute, async (c) => c.json(cogDocument((await findModel(deps.cache, c)).manifest)))
}

/** Which addresses there are. Nobody but an operator can shut a model down here. */
function indexOf(base: string, isTrained: boolean): Record<string, string> {
  const of = (word: string, id: string) => ({
    [`${word}_url`]: `${base}/${word}`,
    [`${word}_idempotent_url`]: `${base}/${word}/{${id}}`,
    [`${word}_cancel_url`]: `${base}/${word}/{${id}}/cancel`,
  })
  return {
    openapi_url: `${base}/openapi.json`,
    healthcheck_url: `${base}/health-check`,
    ...of('predictions', 'prediction_id'),
    ...(isTrained && of('trainings', 'training_id')),
  }
}

/** `BUSY`: as many run as can at once. What is sent meanwhile waits all the same. */
async function healthOf(c: ApiContext, { models, queues }: ServiceDeps): Promise<Record<string, unknown>> {
  const name = c.req.param('model') ?? ''
  if (!mayUseModel(principalOf(c), name)) throw new ProblemError('model_not_allowed')
  const state = await models.get(name)
  if (state && state.workers > 0) {
    const { slots } = await queues.look(name, { pauses: state.pauses, running: state.running })
    const [introducedAt, version] = [await introducedOf(models, state), state.manifest.version]
    return {
      status: state.running >= Math.max(slots, 1) ? 'BUSY' : 'READY',
      setup: { started_at: introducedAt, completed_at: introducedAt, logs: '', status: 'succeeded' },
      version: { model: version },
    }
  }
  const load = loadIn(await models.loads(), name)
  if (!state && !load) throw new ProblemError('model_not_found')
  const hasFailed = load?.state === 'failed'
  return {
    status: hasFailed ? 'SETUP_FAILED' : 'STARTING',
    setup: {
      started_at: null,
      completed_at: null,
      logs: load?.reason ?? '',
      status: hasFailed ? 'failed' : 'starting',
    },
  }
}

/** When the version came; Millrace does not keep how long its set-up took. */
async function introducedOf(models: ServiceDeps['models'], { manifest }: ModelState): Promise<string | null> {
  const known = await models.versions(manifest.name)
  return known?.versions.find(({ manifest: { version } }) => version === manifest.version)?.introducedAt ?? null
}
