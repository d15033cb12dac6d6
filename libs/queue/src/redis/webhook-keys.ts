/** Where webhooks are in Redis. Events and deliveries of a job are in its model's shard; settings and tests in one of their own. */
import { base32 } from '@millrace/contracts'
import { createHash } from 'node:crypto'
import { prefixOfTag } from './keys.ts'

/** No model has this tag: its letters are not all of the alphabet of tags. */
const OWN_TAG = 'webhooks'
export const WEBHOOKS_SHARD = prefixOfTag(OWN_TAG)
/** Hash of the settings by tenant. */
export const HOOKS_KEY = `${WEBHOOKS_SHARD}hooks`
/** Tenants whose last change some shard may not have heard of. */
export const UNMARKED_KEY = `${WEBHOOKS_SHARD}unmarked`

/** The shard that a delivery id names. Any text gives one; there may be nothing. */
export const shardOfDelivery = (id: string): string => prefixOfTag(id.slice(4, 12))

/** The same message to the same receiver has the same id, whoever makes it. */
export function deliveryIdOf(shard: string, webhookId: string, receiver: string): string {
  const hash = createHash('sha256').update(`${webhookId}\n${receiver}`).digest()
  return `whd_${shard.slice(4, 12)}${base32(hash.subarray(0, 26))}`
}

/** Stands where other deliveries have an endpoint: they go to the hook of the operator. No endpoint has such an id. */
export const AFTER_END = 'after_end'
/** Whose the deliveries to that hook are. No tenant has such a name, so none sees them. */
export const HOOK_OWNER = '*'

/** What goes to one endpoint waits together, and so does what goes to one host on behalf of a tenant's jobs. */
export const laneOf = (tenant: string, target: { endpointId: string | null; url: string }): string =>
  target.endpointId ?? `host:${tenant}:${hostOf(target.url)}`

export const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : '')
