/** `data:` URIs in an input, with Node's buffers. Called by whoever resolves the files of an input. */
import { type DataUri, decodeDataUri as decode } from '@millrace/contracts'

export { dataUriFault, parseDataUri } from '@millrace/contracts'

/** The bytes; undefined when the base64 or the percent-encoding is broken. */
export function decodeDataUri(text: string, uri: DataUri): Buffer | undefined {
  const bytes = decode(text, uri)
  return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}
