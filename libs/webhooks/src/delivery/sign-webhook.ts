/**
 * Signs webhooks as Standard Webhooks 1.0 says. The deliverer signs each try; the API makes the secrets. Receivers check the
 * signature with `verifyWebhook` of `@millrace/client` or with any library of that standard.
 */
import { createHmac, randomBytes } from 'node:crypto'

const PREFIX = 'whsec_'

export interface WebhookToSign {
  /** The `webhook-id`: the same on every try. */
  id: string
  /** The time of this try, in seconds since 1970. */
  timestampSeconds: number
  /** The body exactly as it is sent. */
  body: string
  /**
   * Usually one secret. While a secret is being replaced there are several: each gives a signature, and a receiver needs one
   * that it knows.
   */
  secrets: readonly string[]
}

export type WebhookHeaders = Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>

/** Makes a new secret: `whsec_` and 32 random bytes in base64. */
export const createWebhookSecret = (): string => PREFIX + randomBytes(32).toString('base64')

/**
 * Returns the three headers of a signed webhook. Throws TypeError when the id is not visible ASCII without dots, when there
 * is no secret, or when a secret is not `whsec_` and base64 of 24 to 64 bytes.
 */
export function signWebhook({ id, timestampSeconds, body, secrets }: WebhookToSign): WebhookHeaders {
  // With a dot, a part of the id could pass for a timestamp in the signed text.
  if (!/^[\x21-\x2d\x2f-\x7e]{1,255}$/.test(id)) throw new TypeError('a webhook id is visible ASCII without dots')
  if (secrets.length === 0) throw new TypeError('a webhook needs a secret to be signed with')
  const signed = `${id}.${timestampSeconds}.${body}`
  const signatures = secrets.map((secret) => createHmac('sha256', keyOf(secret)).update(signed).digest('base64'))
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': signatures.map((signature) => `v1,${signature}`).join(' '),
  }
}

function keyOf(secret: string): Buffer {
  const text = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : ''
  const key = /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : Buffer.alloc(0)
  // The message must never contain the secret: it would end in a log.
  if (key.length < 24 || key.length > 64) throw new TypeError('a webhook secret is whsec_ and base64 of 24 to 64 bytes')
  return key
}
