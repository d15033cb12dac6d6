/** What Replicate's clients ask about themselves: account, hardware, collections, and the secret that signs their webhooks. */
import type { UnlistedRoute } from '../../http/router.ts'
import { tenantOf } from '../../http/router.ts'
import { EndpointBook } from '../../webhooks/endpoint-book.ts'
import type { DialectDeps, DialectRouter } from '../dialect.ts'
import { BASE } from './predictions.ts'

const route = (path: string, operation: string): UnlistedRoute => ({
  ...{ method: 'get', path: `${BASE}${path}`, operation: `replicate${operation}`, scope: 'any' },
})
const secretRoute: UnlistedRoute = {
  ...{ method: 'get', path: `${BASE}/webhooks/default/secret`, operation: 'replicateGetWebhookSecret' },
  ...{ scope: 'webhooks', audit: 'webhook_secret.read' },
}

export function accountRoutes(router: DialectRouter, { config, webhooks }: DialectDeps): void {
  const book = new EndpointBook(webhooks.settings)
  router.addUnlisted(route('/account', 'GetAccount'), (c) => {
    return c.json({ type: 'organization', username: config.replicateOwner, name: tenantOf(c), github_url: null })
  })
  // Workers take what they have; nobody chooses.
  router.addUnlisted(route('/hardware', 'ListHardware'), (c) => c.json([{ name: 'Any worker', sku: 'any' }]))
  router.addUnlisted(route('/collections', 'ListCollections'), (c) =>
    c.json({ previous: null, next: null, results: [] }),
  )
  router.addUnlisted(secretRoute, async (c) => c.json({ key: await book.jobSecret(tenantOf(c), { turn: false }) }))
}
