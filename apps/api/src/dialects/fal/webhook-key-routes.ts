/** The key that receivers check webhooks in the shape of fal with, where fal publishes its own. */
import { FalWebhookKey } from '@millrace/dialects'
import type { DialectDeps, DialectRouter } from '../dialect.ts'

export function webhookKeyRoutes(router: DialectRouter, { fileSecret }: Pick<DialectDeps, 'fileSecret'>): void {
  const key = new FalWebhookKey(async () => (typeof fileSecret === 'string' ? fileSecret : fileSecret()))
  const path = '/fal/rest/.well-known/jwks.json'
  router.addUnlisted({ method: 'get', auth: 'open', path, operation: 'falWebhookKeys' }, async (c) =>
    c.json(await key.keySet(), 200, { 'cache-control': 'public, max-age=3600' }),
  )
}
