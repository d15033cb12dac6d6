/**
 * What the web page may load and run (Content Security Policy): its own files, and pictures and films from where the store serves
 * them. No text can become code in it. Called by page-routes.ts.
 */
import type { DirectAccess } from '@millrace/storage'

const policyFor = (origin: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src 'self' blob: data:${origin}`,
    `media-src 'self' blob:${origin}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')

export class PagePolicy {
  readonly #store: DirectAccess
  #text: string | undefined

  constructor(store: DirectAccess) {
    this.#store = store
  }

  /** Without the origin of a store that cannot be asked yet; the next page has it. */
  async text(): Promise<string> {
    if (this.#text !== undefined) return this.#text
    const { downloads } = this.#store
    if (!downloads) return (this.#text = policyFor(''))
    try {
      const options = { expiresInSeconds: 1, fileName: 'page', contentType: 'text/plain' }
      const { origin } = new URL(await downloads.sign('page', options))
      return (this.#text = policyFor(` ${origin}`))
    } catch {
      return policyFor('')
    }
  }
}
