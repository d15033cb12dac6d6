/**
 * `data:` URIs (RFC 2397): a small file inside a JSON value. Read as the web reads them (the forgiving base64 decoder of
 * WHATWG), but what is broken is refused and never mended. Used by the API and by the CLI where there is no server.
 */
import { mediaTypeOf } from './media-type.ts'

export interface DataUri {
  contentType: string
  isBase64: boolean
  /** Of a parameter `name` or `filename`, which some writers add; unchecked. */
  name?: string
  /** Where the data begins in the URI. */
  start: number
}

/** Where the data is broken: an index in the URI, and what is wrong there, for whoever sent it. */
export interface DataUriFault {
  at: number
  message: string
}

/** A comma must come by then. */
const HEAD_CHARS = 2048

/** Reads the part before the comma; undefined when the text is no data URI. */
export function parseDataUri(text: string): DataUri | undefined {
  if (!/^[\t\n\f\r ]*data:/i.test(text.slice(0, 64))) return undefined
  const head = headOf(text)
  if (!head) return undefined
  const [type = '', ...parameters] = head.parts
  // The standard has it last; whoever writes it before the charset means the same.
  const isBase64 = parameters.some((one) => one.toLowerCase() === 'base64')
  const name = nameOf(parameters)
  return { contentType: mediaTypeOf(type || 'text/plain', name), isBase64, ...(name && { name }), start: head.end }
}

/** What stands between the colon and the comma, parted by semicolons. In quotes neither means anything. */
function headOf(text: string): { parts: string[]; end: number } | undefined {
  const colon = text.indexOf(':')
  // A quote that is never closed quotes nothing.
  const lastQuote = text.lastIndexOf('"', HEAD_CHARS)
  const parts: string[] = []
  let [begun, quoted] = [colon + 1, false]
  for (let at = begun; at < Math.min(text.length, HEAD_CHARS); at++) {
    const char = text[at]
    if (char === '"') quoted = !quoted && at < lastQuote
    else if (!quoted && (char === ';' || char === ',')) {
      parts.push(text.slice(begun, at).trim())
      if (char === ',') return { parts, end: at + 1 }
      begun = at + 1
    }
  }
  return undefined
}

function nameOf(parameters: readonly string[]): string | undefined {
  const value = parameters.map((one) => /^(?:file)?name="?([^"]+)"?$/i.exec(one)?.[1]).find((one) => one !== undefined)
  try {
    return value && decodeURIComponent(value)
  } catch {
    return value
  }
}

/** The bytes; undefined when the base64 or the percent-encoding is broken: see `dataUriFault`. */
export function decodeDataUri(text: string, { isBase64, start }: DataUri): Uint8Array<ArrayBuffer> | undefined {
  const data = text.slice(start)
  if (/%(?![0-9a-f]{2})/i.test(data)) return undefined
  return isBase64 ? decodeBase64(data) : decodePercent(data)
}

function decodeBase64(data: string): Uint8Array<ArrayBuffer> | undefined {
  const bare = bareBase64(data)
  // A decoder stops at the first oddity; a file cut short must not pass for whole.
  if (!/^[A-Za-z0-9+/]*$/.test(bare) || bare.length % 4 === 1) return undefined
  const binary = atob(bare)
  const bytes = new Uint8Array(binary.length)
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at)
  return bytes
}

/** Without what may stand between and behind the digits. */
const bareBase64 = (data: string): string =>
  (data.includes('%') ? data.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => charOf(hex)) : data)
    .replace(/[\t\n\f\r ]+/g, '')
    .replace(/={1,2}$/, '')

const charOf = (hex: string): string => String.fromCharCode(Number.parseInt(hex, 16))

function decodePercent(data: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(data)
  let length = 0
  for (let at = 0; at < bytes.length; at++) {
    // Looked at before: two digits follow.
    const isEscape = bytes[at] === 0x25
    bytes[length++] = isEscape ? Number.parseInt(String.fromCharCode(bytes[at + 1]!, bytes[at + 2]!), 16) : bytes[at]!
    if (isEscape) at += 2
  }
  return bytes.slice(0, length)
}

/** What `decodeDataUri` could not read, and where. */
export function dataUriFault(text: string, { isBase64, start }: DataUri): DataUriFault {
  const percent = text.slice(start).search(/%(?![0-9a-f]{2})/i)
  if (percent !== -1) return { at: start + percent, message: 'two hexadecimal digits belong behind each %' }
  const odd = isBase64
    ? /%(?!2b|2f|3d|09|0a|0c|0d|20|[3-7][0-9a-f])|[^A-Za-z0-9+/=\t\n\f\r %]/i.exec(text.slice(start))
    : null
  if (odd) return { at: start + odd.index, message: 'this character is none of base64 (A-Z, a-z, 0-9, + and /)' }
  const padding = text.indexOf('=', start)
  if (padding !== -1 && bareBase64(text.slice(start)).includes('=')) {
    return { at: padding, message: 'the base64 goes on behind its padding' }
  }
  return { at: text.length, message: 'the base64 is cut off: a single digit is left over at its end' }
}
