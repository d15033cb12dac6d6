/** Models as OpenAI's clients list and read them: all that the key may use, whatever their task, for rows of batches may name any. */
import type { ApiContext } from '../../http/api-deps.ts'
import { mayUseModel } from '../../http/access/principal.ts'
import { principalOf } from '../../http/router.ts'
import { findModel } from '../../models/find-model.ts'
import type { DialectDeps, DialectRouter } from '../dialect.ts'
import { BASE, secondsOf } from './openai-base.ts'

const read = { method: 'get', scope: 'models:read' } as const

export function modelRoutes(router: DialectRouter, { models, cache }: DialectDeps): void {
  /** A model is as old as its oldest version. */
  const show = async (name: string) => {
    const known = await models.versions(name)
    const times = known?.versions.map(({ introducedAt }) => Date.parse(introducedAt)) ?? []
    const created = times.length === 0 ? 0 : secondsOf(Math.min(...times))
    return { id: name, object: 'model', created, owned_by: 'millrace' }
  }
  router.addUnlisted({ ...read, path: `${BASE}/models`, operation: 'openaiListModels' }, async (c: ApiContext) => {
    const names = (await models.list()).map(({ manifest }) => manifest.name)
    const usable = names.filter((name) => mayUseModel(principalOf(c), name)).toSorted()
    return c.json({ object: 'list', data: await Promise.all(usable.map(show)) })
  })
  router.addUnlisted({ ...read, path: `${BASE}/models/{model}`, operation: 'openaiGetModel' }, async (c) => {
    const { manifest } = await findModel(cache, c)
    return c.json(await show(manifest.name))
  })
}
