/**
 * The cookie of a browser session: whose key it began with, when it ends, and a signature over both and over the digest of that key.
 * So every process can check it, nothing of it is kept, it never holds the key, and it ends with the key. Used by
 * authenticate.ts and by the routes of /v1/session.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { type ApiKeyId, BASE32, base32 } from '@millrace/contracts'
import { getCookie } from 'hono/cookie'
import type { ApiConfig, ApiContext, ApiDeps } from '../api-deps.ts'
import { hostOf } from '../links.ts'

/** Of a session. Seconds. */
const LIFE = 12 * 3600
/** Stands for the key of the settings, where others have their id. */
const OWNER = 'owner'
const TICKET = new RegExp(`^(${OWNER}|${BASE32}{16})\\.(\\d{1,12})\\.(${BASE32}{26})\\.([\\w-]{43})$`)

/** What a cookie says. It is true only if `isOf` says so of the key's digest. */
export interface Ticket {
  /** Null: the key of the settings. */
  key: ApiKeyId | null
  /** Whether it was made for the key with this digest. */
  isOf(digest: Buffer): boolean
}

export class SessionCookies {
  readonly #publicUrl: string | undefined
  readonly #readSecret: () => Promise<string>
  #secret: string | undefined

  constructor({ publicUrl }: Pick<ApiConfig, 'publicUrl'>, secret: ApiDeps['fileSecret']) {
    this.#publicUrl = publicUrl
    this.#readSecret = async () => (typeof secret === 'string' ? secret : secret())
  }

  /** Whether a request brought one, good or not. */
  isShown(c: ApiContext): boolean {
    return getCookie(c, this.#name(c)) !== undefined
  }

  /** Undefined when there is none, or it is malformed or has expired. Rejects when the secret cannot be read. */
  async read(c: ApiContext, now = Date.now()): Promise<Ticket | undefined> {
    const [, who, expires, nonce, mac] = TICKET.exec(getCookie(c, this.#name(c)) ?? '') ?? []
    if (who === undefined || expires === undefined || nonce === undefined || mac === undefined) return undefined
    if (Number(expires) * 1000 <= now) return undefined
    const secret = await this.#theSecret()
    const given = Buffer.from(mac, 'base64url')
    return {
      key: who === OWNER ? null : who,
      isOf: (digest) => timingSafeEqual(given, macOf(secret, `${who}.${expires}.${nonce}`, digest)),
    }
  }

  /** The Set-Cookie header that begins a session with this key. */
  async begin(c: ApiContext, key: ApiKeyId | null, digest: Buffer, now = Date.now()): Promise<string> {
    const expires = Math.floor(now / 1000) + LIFE
    const ticket = `${key ?? OWNER}.${expires}.${base32(randomBytes(26))}`
    const mac = macOf(await this.#theSecret(), ticket, digest).toString('base64url')
    return this.#header(c, `${ticket}.${mac}`, LIFE)
  }

  /** The Set-Cookie header that makes the browser forget it. */
  end(c: ApiContext): string {
    return this.#header(c, '', 0)
  }

  #header(c: ApiContext, value: string, seconds: number): string {
    const secure = this.#isHttps(c) ? '; Secure' : ''
    return `${this.#name(c)}=${value}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${seconds}${secure}`
  }

  /** Browsers drop a secure cookie that came over plain HTTP. A proxy may have ended TLS, so Origin says how the page came. */
  #isHttps(c: ApiContext): boolean {
    return [this.#publicUrl, c.req.header('origin'), c.req.url].some((url) => url?.startsWith('https:'))
  }

  /** All ports of a host, and all paths, share their cookies: each server needs a name of its own. */
  #name(c: ApiContext): string {
    const own = this.#publicUrl
    if (own !== undefined) return `mr_session_${base32(createHash('sha256').update(own).digest().subarray(0, 8))}`
    return `mr_session_${/:(\d{1,5})$/.exec(hostOf(c))?.[1] ?? '80'}`
  }

  async #theSecret(): Promise<string> {
    this.#secret ??= await this.#readSecret()
    // An empty secret would let anyone sign.
    if (this.#secret === '') throw new Error('the secret that signs sessions is empty')
    return this.#secret
  }
}

/** The secret also signs addresses of files: what is signed begins with a word that no such address begins with. */
const macOf = (secret: string, ticket: string, digest: Buffer): Buffer =>
  createHmac('sha256', secret).update(`session\n${ticket}\n`).update(digest).digest()
