/**
 * Signed addresses of files: whoever holds one may read that file until it expires, without a key.
 * Expiry is rounded up to the hour, so that the addresses in a job stay the same for a while and caches can work.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'

const HOUR = 3600
/** Shortest life of a fresh address. Seconds. */
const LIFE = 24 * HOUR

export interface SignedAddress {
  /** Path and query, without host. */
  path: string
  expiresAt: Date
}

export class FileSigner {
  readonly #secret: () => Promise<string>
  #known: string | undefined

  constructor(secret: string | (() => Promise<string>)) {
    this.#secret = async () => (typeof secret === 'string' ? secret : secret())
  }

  /** When an address signed now expires. Unix seconds. */
  static expiry(now = Date.now()): number {
    return Math.ceil((now / 1000 + LIFE) / HOUR) * HOUR
  }

  async sign(fileId: string, expires = FileSigner.expiry()): Promise<SignedAddress> {
    const signature = (await this.#mac(fileId, expires)).toString('base64url')
    return {
      path: `/v1/files/${fileId}/content?expires=${expires}&signature=${signature}`,
      expiresAt: new Date(expires * 1000),
    }
  }

  /** Whether the address is ours and has not expired. */
  async verify(fileId: string, expires: string, signature: string, now = Date.now()): Promise<boolean> {
    if (!/^\d{1,12}$/.test(expires)) return false
    const expected = await this.#mac(fileId, Number(expires))
    const given = Buffer.from(signature, 'base64url')
    return given.length === expected.length && timingSafeEqual(given, expected) && Number(expires) * 1000 > now
  }

  async #mac(fileId: string, expires: number): Promise<Buffer> {
    this.#known ??= await this.#secret()
    // An empty secret would let anyone sign.
    if (this.#known === '') throw new Error('the secret that signs file addresses is empty')
    return createHmac('sha256', this.#known).update(`file\n${fileId}\n${expires}`).digest()
  }
}
