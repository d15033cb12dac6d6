/** Tells why an HTTP exchange broke, by types and codes of errors. Called by the deliverer and the guarded fetcher. */
import { AddressNotAllowedError } from '../guard/address-not-allowed-error.ts'
import { DeadlineError } from '@millrace/async'

export type ExchangeFault =
  | 'address_not_allowed'
  | 'unreachable'
  | 'tls_failed'
  | 'timeout'
  | 'connection_lost'
  | 'invalid_answer'

const BY_CODE: Record<string, ExchangeFault> = {
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
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

/** The body ended before it was complete. */
export class ConnectionLostError extends Error {
  constructor() {
    super('the answer ended too early')
    this.name = 'ConnectionLostError'
  }
}

/** The answer is HTTP, but it does not fit the request. */
export class InvalidAnswerError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'InvalidAnswerError'
  }
}

/** True when Node's parser could not read the answer as HTTP. */
export const isParserFault = (error: unknown): boolean =>
  String((error as { code?: unknown } | undefined)?.code).startsWith('HPE_')

/** Names the fault of a failed exchange. An unknown error is `unreachable`, because no answer is known to have come. */
export function exchangeFaultOf(error: unknown): ExchangeFault {
  if (error instanceof AddressNotAllowedError) return 'address_not_allowed'
  if (error instanceof DeadlineError) return 'timeout'
  if (error instanceof ConnectionLostError) return 'connection_lost'
  if (error instanceof InvalidAnswerError) return 'invalid_answer'
  const code = (error as { code?: unknown } | null)?.code
  const known = typeof code === 'string' ? BY_CODE[code] : undefined
  if (known) return known
  if (typeof code !== 'string') return 'unreachable'
  if (isParserFault(error)) return 'invalid_answer'
  if (/^(CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_)/.test(code)) return 'tls_failed'
  return 'unreachable'
}
