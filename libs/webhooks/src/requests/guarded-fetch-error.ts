/** The reason why an address could not be read. Its messages name no address, port or banner. Thrown by the guarded fetcher. */
import type { ExchangeFault } from './exchange-fault.ts'

const MEANINGS = {
  address_not_allowed: 'the address is not allowed, or nobody knows its host',
  unreachable: 'nothing answers there',
  tls_failed: 'no safe connection could be made',
  timeout: 'the server took too long',
  too_slow: 'the server sends too slowly',
  connection_lost: 'the connection ended too early',
  invalid_answer: 'the answer is no proper HTTP, or its headers are too large',
  bad_status: 'the server did not answer with 200',
  too_large: 'the content is larger than allowed',
  encoded: 'the content is compressed, though it was asked for as it is',
  too_many_redirects: 'too many redirects',
  insecure_redirect: 'a redirect leads from https to http',
} as const satisfies Record<ExchangeFault, string> & Record<string, string>
export type FetchErrorCode = keyof typeof MEANINGS

const PASSING: readonly FetchErrorCode[] = ['unreachable', 'timeout', 'too_slow', 'connection_lost', 'invalid_answer']

/** An address could not be read. Branch on `code`. */
export class GuardedFetchError extends Error {
  readonly code: FetchErrorCode
  /** Set only for `bad_status`. */
  readonly status: number | undefined

  constructor(code: FetchErrorCode, options: { status?: number; cause?: unknown } = {}) {
    super(MEANINGS[code], { cause: options.cause })
    this.name = 'GuardedFetchError'
    this.code = code
    this.status = options.status
  }

  /** True when another try may succeed. */
  get retryable(): boolean {
    return PASSING.includes(this.code) || (this.status !== undefined && (this.status >= 500 || this.status === 429))
  }
}
