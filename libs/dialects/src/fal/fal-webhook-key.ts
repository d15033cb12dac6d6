/**
 * Signs webhooks as fal does, beside our own signature: Ed25519 over the request, the user, the time and the hash of the body. Receivers
 * fetch the key from an address of ours where they fetched fal's. The key follows from the secret of the installation, so that each
 * process has the same and nobody has to keep it. Used by the worker, which sends, and by the API, which tells the key.
 */
import { createHash, createHmac, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'

/** What stands before the 32 bytes of such a key in its DER form (RFC 8410). */
const DER_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex')

export interface FalWebhook {
  requestId: string
  /** Whose request it was: a tenant. */
  userId: string
  /** Of this try, in seconds since 1970. */
  timestampSeconds: number
  /** Exactly as it is sent. */
  body: string
}

/** A set of public keys (RFC 7517), as fal publishes its own. */
export interface FalKeySet {
  keys: { kty: 'OKP'; crv: 'Ed25519'; x: string; kid: string; use: 'sig'; alg: 'EdDSA' }[]
}

export class FalWebhookKey {
  readonly #secret: () => Promise<string>
  #known: KeyObject | undefined

  /** `secret`: that of the installation. */
  constructor(secret: () => Promise<string>) {
    this.#secret = secret
  }

  /** The headers that a receiver looks for. Rejects when the secret cannot be read. */
  async sign({ requestId, userId, timestampSeconds, body }: FalWebhook): Promise<Record<string, string>> {
    const digest = createHash('sha256').update(body).digest('hex')
    const text = [requestId, userId, timestampSeconds, digest].join('\n')
    return {
      'x-fal-webhook-request-id': requestId,
      'x-fal-webhook-user-id': userId,
      'x-fal-webhook-timestamp': String(timestampSeconds),
      'x-fal-webhook-signature': sign(null, Buffer.from(text), await this.#key()).toString('hex'),
    }
  }

  /** Rejects when the secret cannot be read. */
  async keySet(): Promise<FalKeySet> {
    const { x = '' } = createPublicKey(await this.#key()).export({ format: 'jwk' })
    return { keys: [{ kty: 'OKP', crv: 'Ed25519', x, kid: 'millrace', use: 'sig', alg: 'EdDSA' }] }
  }

  async #key(): Promise<KeyObject> {
    if (this.#known) return this.#known
    const secret = await this.#secret()
    // An empty secret would let anyone sign.
    if (secret === '') throw new Error('the secret that signs webhooks is empty')
    const seed = createHmac('sha256', secret).update('webhooks as fal signs them').digest()
    return (this.#known = createPrivateKey({ key: Buffer.concat([DER_HEAD, seed]), format: 'der', type: 'pkcs8' }))
  }
}
