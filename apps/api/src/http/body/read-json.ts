/** Makes a JSON value of bytes from a client, and refuses each danger by its own code. Used for bodies and parts of forms. */
import { LIMITS, ProblemError } from '@millrace/contracts'
import { refuseLossyNumbers } from './refuse-lossy-numbers.ts'
import { refuseReservedKeys } from './refuse-reserved-keys.ts'
import { scanJson } from './scan-json.ts'

export interface ReadJson {
  value: unknown
  /** How many values it holds. */
  nodes: number
}

// Keeps a byte order mark, which JSON.parse then refuses.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Throws ProblemError `invalid_utf8`, `json_too_deep`, `json_too_large`, `malformed_json`, `reserved_key`, or
 * `invalid_request` for a number that would not be kept as it is.
 *
 * @param at Pointer of the value in the request.
 * @param maxNodes Values that it may hold.
 */
export function readJson(bytes: Uint8Array, at = '', maxNodes: number = LIMITS.jsonNodes): ReadJson {
  const text = decodeUtf8(bytes)
  const { nodes } = scanJson(text, { maxDepth: LIMITS.jsonDepth, maxNodes })
  const value = parse(text)
  refuseReservedKeys(text, value, at)
  refuseLossyNumbers(text, at)
  return { value, nodes }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own message would repeat the text.
    throw new ProblemError('malformed_json')
  }
}

/** Throws ProblemError `invalid_utf8`. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new ProblemError('invalid_utf8')
  }
}
