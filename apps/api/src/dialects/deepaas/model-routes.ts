/** What a DEEPaaS server says of itself and of its models. */
import { toMetadata, toSwagger } from '@millrace/dialects'
import type { Manifest } from '@millrace/contracts'
import { mayUseModel } from '../../http/access/principal.ts'
import type { ApiContext } from '../../http/api-deps.ts'
import { principalOf } from '../../http/router.ts'
import { findModel } from '../../models/find-model.ts'
import type { DialectDeps, DialectRouter } from '../dialect.ts'
import { addSlashed, BASE } from './add-slashed.ts'
import { sendJson } from './send-json.ts'

const V2 = `${BASE}/v2`
const VERSION = { version: 'stable', id: 'v2', links: [{ rel: 'self', type: 'application/json', href: `${V2}/` }] }
const VERSIONS = {
  versions: [VERSION],
  links: [
    { rel: 'help', type: 'text/html', href: `${BASE}/api` },
    { rel: 'describedby', type: 'application/json', href: `${BASE}/swagger.json` },
  ],
}

export function modelRoutes(router: DialectRouter, deps: DialectDeps): void {
  const open = { method: 'get', auth: 'open' } as const
  const read = { method: 'get', scope: 'models:read' } as const

  // The original knows only the first when it has a base path, and only the second when it has none.
  router.addUnlisted({ ...open, path: BASE, operation: 'deepaasVersions' }, (c) => sendJson(c, VERSIONS))
  router.addUnlisted({ ...open, path: `${BASE}/`, operation: 'deepaasVersionsSlashed' }, (c) => sendJson(c, VERSIONS))
  addSlashed(router, { ...open, path: `${V2}/`, operation: 'deepaasVersion' }, (c) => sendJson(c, VERSION))
  addSlashed(router, { ...open, path: `${V2}/debug/`, operation: 'deepaasDebug' }, (c) => c.body(null, 204))
  // The page of the original shows the document; ours shows all of this API, and the document is a link in it.
  router.addUnlisted({ ...open, path: `${BASE}/api`, operation: 'deepaasPage' }, (c) => c.redirect('../docs', 302))

  router.addUnlisted({ ...read, path: `${BASE}/swagger.json`, operation: 'deepaasDocument' }, async (c) =>
    sendJson(c, toSwagger(await usable(c, deps), BASE)),
  )
  addSlashed(router, { ...read, path: `${V2}/models/`, operation: 'deepaasModels' }, async (c) => {
    const models = await usable(c, deps)
    return sendJson(c, { models: models.map((model) => toMetadata(model, V2)) })
  })
  addSlashed(router, { ...read, path: `${V2}/models/{model}/`, operation: 'deepaasModel' }, async (c) => {
    const { manifest } = await findModel(deps.models, c)
    return sendJson(c, toMetadata(manifest, V2))
  })
}

async function usable(c: ApiContext, { models }: DialectDeps): Promise<Manifest[]> {
  const principal = principalOf(c)
  const states = await models.list()
  return states.map(({ manifest }) => manifest).filter(({ name }) => mayUseModel(principal, name))
}
