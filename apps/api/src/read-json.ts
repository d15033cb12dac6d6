/** Bytes from a client to a JSON value, each danger refused by its own code. Used for bodies and for multipart parts. */
import { LIMITS, ProblemError } from '@millrace/contracts'
import { scanJson } from './scan-json.ts'

export interface ReadJson {
  value: unknown
  /** How many values it holds. */
  nodes: number
}

// Tells a byte order mark apart from text, as JSON.parse does.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Throws ProblemError `invalid_utf8`, `json_too_deep`, `json_too_large` or `malformed_json`. */
export function readJson(bytes: Uint8Array): ReadJson {
  const text = decodeUtf8(bytes)
  const { nodes } = scanJson(text, { maxDepth: LIMITS.jsonDepth, maxNodes: LIMITS.jsonNodes })
  try {
    return { value: JSON.parse(text), nodes }
  } catch {
    // The parser's own message repeats the text.
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
