/** `data:` URIs (RFC 2397): a small file inside a JSON body. */
import { mediaTypeOf } from '@millrace/contracts'

export interface DataUri {
  contentType: string
  isBase64: boolean
  /** Where the data begins in the URI. */
  start: number
}

/** Reads the part before the comma; undefined when the text is no data URI. */
export function parseDataUri(text: string): DataUri | undefined {
  if (!/^data:/i.test(text)) return undefined
  const comma = text.slice(0, 512).indexOf(',')
  if (comma === -1) return undefined
  const [type = '', ...parameters] = text.slice(5, comma).split(';')
  const isBase64 = parameters.at(-1)?.trim().toLowerCase() === 'base64'
  return { contentType: mediaTypeOf(type || 'text/plain', undefined), isBase64, start: comma + 1 }
}

/** The bytes; undefined when the base64 or the percent-encoding is broken. */
export function decodeDataUri(text: string, { isBase64, start }: DataUri): Buffer | undefined {
  const data = text.slice(start)
  return isBase64 ? decodeBase64(data) : decodePercent(data)
}

function decodeBase64(data: string): Buffer | undefined {
  // Node decodes whatever it meets and stops at the first oddity; a file cut short must not pass for whole.
  const bare = data.replace(/={1,2}$/, '')
  if (!/^[A-Za-z0-9+/]*$/.test(bare) || bare.length % 4 === 1) return undefined
  return Buffer.from(bare, 'base64')
}

function decodePercent(data: string): Buffer | undefined {
  if (/%(?![0-9a-f]{2})/i.test(data)) return undefined
  const latin1 = Buffer.from(data, 'utf8')
    .toString('latin1')
    .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(latin1, 'latin1')
}
