// Why an HTTP exchange broke, told by types and codes. Called by the deliverer and the guarded fetcher.
import { errors } from 'undici'
import { AddressNotAllowedError } from './address-not-allowed-error.ts'
import { DeadlineError } from './deadline.ts'

export type ExchangeFault =
  | 'address_not_allowed'
  | 'unreachable'
  | 'tls_failed'
  | 'timeout'
  | 'connection_lost'
  | 'invalid_answer'

const BY_CODE: Record<string, ExchangeFault> = {
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_OVERFLOW: 'invalid_answer',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'connection_lost',
  UND_ERR_SOCKET: 'connection_lost',
  ECONNRESET: 'connection_lost',
  EPIPE: 'connection_lost',
  ETIMEDOUT: 'timeout',
  // The parser was in the middle of a body when the connection ended.
  HPE_INVALID_EOF_STATE: 'connection_lost',
  EPROTO: 'tls_failed',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls_failed',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls_failed',
  HOSTNAME_MISMATCH: 'tls_failed',
}

/** What a failed request of undici means. What is not known is `unreachable`: nothing is known to have been answered. */
export function exchangeFaultOf(error: unknown): ExchangeFault {
  if (error instanceof AddressNotAllowedError) return 'address_not_allowed'
  if (error instanceof DeadlineError) return 'timeout'
  const code = (error as { code?: unknown } | null)?.code
  const known = typeof code === 'string' ? BY_CODE[code] : undefined
  if (known) return known
  if (error instanceof errors.HTTPParserError) return 'invalid_answer'
  if (typeof code === 'string' && /^(CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_)/.test(code)) return 'tls_failed'
  return 'unreachable'
}
