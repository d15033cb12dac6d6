/**
 * For receivers of webhooks: checks that a webhook really comes from your Millrace. It uses only WebCrypto, so it runs
 * in Node, in browsers and at the edge, and brings nothing else of this package into a bundle.
 */
import type { WebhookMessage } from '@millrace/contracts'

/** Codes to branch on; they do not change. Answer 400 to each. `invalid_secret` is an error in your own settings. */
export type WebhookVerificationCode =
  | 'missing_header'
  | 'invalid_header'
  | 'too_old'
  | 'too_new'
  | 'no_match'
  | 'invalid_body'
  | 'invalid_secret'

/** The webhook is not from your Millrace, or is too old. Do not act on it. */
export class WebhookVerificationError extends Error {
  readonly code: WebhookVerificationCode

  constructor(code: WebhookVerificationCode, message: string) {
    super(message)
    this.name = 'WebhookVerificationError'
    this.code = code
  }
}

/** `Headers` of a fetch request, or an object such as Node's `request.headers`. */
export type WebhookHeaderSource = { get(name: string): string | null } | Record<string, string | string[] | undefined>

export interface VerifyWebhookOptions {
  headers: WebhookHeaderSource
  /** The body exactly as it came, not parsed and written again. */
  body: string | Uint8Array | ArrayBuffer
  /** `whsec_…`. Give either `secret` or `secrets`. */
  secret?: string
  /** All valid secrets, while a secret is rotated. One that fits is enough. */
  secrets?: readonly string[]
  /** Largest difference between the time of sending and now, in seconds, in both directions. Default 300. */
  toleranceSeconds?: number
  /** Milliseconds since 1970. Default: Date.now(). */
  now?: () => number
}

/** Most signatures that are checked, one for each secret of the sender. The limit keeps a long header cheap. */
const MOST_SIGNATURES = 10

/**
 * Resolves with the event when signature and time are right. Rejects with WebhookVerificationError. WebCrypto compares
 * in constant time, so the time tells nothing about a forged signature.
 */
export async function verifyWebhook(options: VerifyWebhookOptions): Promise<WebhookMessage> {
  const { headers, body, secret, secrets = secret === undefined ? [] : [secret] } = options
  if (secrets.length === 0) throw new WebhookVerificationError('invalid_secret', 'no secret was given')
  const id = header(headers, 'webhook-id')
  const sentAt = header(headers, 'webhook-timestamp')
  const signatures = header(headers, 'webhook-signature').split(' ').slice(0, MOST_SIGNATURES).flatMap(signatureOf)
  checkTime(sentAt, options)
  const bytes = typeof body === 'string' ? utf8(body) : new Uint8Array(body)
  const signed = joined(utf8(`${id}.${sentAt}.`), bytes)
  if (!(await fits(await Promise.all(secrets.map(keyOf)), signatures, signed))) {
    throw new WebhookVerificationError(
      'no_match',
      'no signature fits: it is forged, changed, or signed with another secret',
    )
  }
  return parsed(bytes)
}

function header(headers: WebhookHeaderSource, name: string): string {
  const get = (headers as Headers).get
  const value =
    typeof get === 'function'
      ? get.call(headers, name)
      : Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1]
  if (typeof value === 'string' && value !== '') return value
  throw new WebhookVerificationError('missing_header', `the header ${name} is missing`)
}

function checkTime(sentAt: string, { toleranceSeconds = 300, now = Date.now }: VerifyWebhookOptions): void {
  if (!/^\d{1,12}$/.test(sentAt)) {
    throw new WebhookVerificationError('invalid_header', 'the header webhook-timestamp is not in seconds')
  }
  const age = Math.floor(now() / 1000) - Number(sentAt)
  if (age > toleranceSeconds) throw new WebhookVerificationError('too_old', `it was sent ${age} s ago`)
  if (age < -toleranceSeconds) throw new WebhookVerificationError('too_new', `it was sent ${-age} s from now`)
}

async function fits(keys: Key[], signatures: Bytes[], signed: Bytes): Promise<boolean> {
  for (const key of keys) {
    for (const signature of signatures) {
      if (await crypto.subtle.verify('HMAC', key, signature, signed)) return true
    }
  }
  return false
}

function keyOf(secret: string): Promise<Key> {
  const key = base64(secret.replace(/^whsec_/, ''))
  // With an empty or short key, anybody could make valid signatures.
  if (!key || key.length < 16) {
    return Promise.reject(new WebhookVerificationError('invalid_secret', 'the secret is not whsec_ and base64'))
  }
  return crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])
}

function parsed(bytes: Bytes): WebhookMessage {
  try {
    const message: unknown = JSON.parse(new TextDecoder().decode(bytes))
    if (typeof (message as { type?: unknown } | null)?.type === 'string') return message as WebhookMessage
  } catch {
    // The error below covers this case too.
  }
  throw new WebhookVerificationError('invalid_body', 'the body is signed, but it is no event')
}

type Bytes = Uint8Array<ArrayBuffer>
type Key = Awaited<ReturnType<typeof crypto.subtle.importKey>>

const utf8 = (text: string): Bytes => new TextEncoder().encode(text)

function joined(first: Bytes, second: Bytes): Bytes {
  const all = new Uint8Array(first.length + second.length)
  all.set(first)
  all.set(second, first.length)
  return all
}

/** The bytes of a `v1` signature. Empty for another version or an unreadable text. */
function signatureOf(text: string): Bytes[] {
  const bytes = text.startsWith('v1,') ? base64(text.slice(3)) : undefined
  return bytes ? [bytes] : []
}

function base64(text: string): Bytes | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  } catch {
    return undefined
  }
}
