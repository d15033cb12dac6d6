/**
 * `data:` URIs (RFC 2397): a small file inside a JSON value. They are read as browsers read them (forgiving base64 of
 * WHATWG), but broken data is refused, never repaired. Called by the API, and by the CLI when it runs without a server.
 */
import { mediaTypeOf } from './media-type.ts'

export interface DataUri {
  /** Media type, lower case, without parameters; `text/plain` when none is given. */
  contentType: string
  isBase64: boolean
  /** From a parameter `name` or `filename`, which some writers add. Not checked: make it safe before use. */
  name?: string
  /** Index in the URI where the data begins. */
  start: number
}

/** Where the data is broken (an index in the URI) and what is wrong there, in words for the sender. */
export interface DataUriFault {
  at: number
  message: string
}

/** The comma must come within so many characters; otherwise the text is no data URI. */
const HEAD_CHARS = 2048

/** Reads the part before the comma. Returns undefined when the text is no data URI. The data itself is not checked. */
export function parseDataUri(text: string): DataUri | undefined {
  if (!/^[\t\n\f\r ]*data:/i.test(text.slice(0, 64))) return undefined
  const head = headOf(text)
  if (!head) return undefined
  const [type = '', ...parameters] = head.parts
  // The standard puts `base64` last. Some writers put it before the charset and mean the same.
  const isBase64 = parameters.some((one) => one.toLowerCase() === 'base64')
  const name = nameOf(parameters)
  return { contentType: mediaTypeOf(type || 'text/plain', name), isBase64, ...(name && { name }), start: head.end }
}

/** Splits the text between colon and comma at its semicolons. A semicolon or comma in quotes does not count. */
function headOf(text: string): { parts: string[]; end: number } | undefined {
  const colon = text.indexOf(':')
  // A quote that is never closed is an ordinary character.
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

/** Returns the bytes, or undefined when the base64 or percent-encoding is broken; `dataUriFault` then says where. */
export function decodeDataUri(text: string, { isBase64, start }: DataUri): Uint8Array<ArrayBuffer> | undefined {
  const data = text.slice(start)
  if (/%(?![0-9a-f]{2})/i.test(data)) return undefined
  return isBase64 ? decodeBase64(data) : decodePercent(data)
}

function decodeBase64(data: string): Uint8Array<ArrayBuffer> | undefined {
  const bare = bareBase64(data)
  // `atob` is strict, and other decoders stop at the first odd character: a file cut short must not pass as whole.
  if (!/^[A-Za-z0-9+/]*$/.test(bare) || bare.length % 4 === 1) return undefined
  const binary = atob(bare)
  const bytes = new Uint8Array(binary.length)
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at)
  return bytes
}

/** The base64 digits alone: percent-encoding undone, white space and final padding removed. */
const bareBase64 = (data: string): string =>
  (data.includes('%') ? data.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => charOf(hex)) : data)
    .replace(/[\t\n\f\r ]+/g, '')
    .replace(/={1,2}$/, '')

const charOf = (hex: string): string => String.fromCharCode(Number.parseInt(hex, 16))

function decodePercent(data: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(data)
  let length = 0
  for (let at = 0; at < bytes.length; at++) {
    // `decodeDataUri` has checked that two digits follow each %.
    const isEscape = bytes[at] === 0x25
    bytes[length++] = isEscape ? Number.parseInt(String.fromCharCode(bytes[at + 1]!, bytes[at + 2]!), 16) : bytes[at]!
    if (isEscape) at += 2
  }
  return bytes.slice(0, length)
}

/** Explains why `decodeDataUri` returned undefined: what is wrong, and where. */
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
