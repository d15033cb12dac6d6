/** Which media type may be kept with an object. Called by every driver before it writes one. */

/** The media type as it may be kept and sent in a header; anything odd becomes the type that claims nothing. */
export function safeContentType(text: string): string {
  return /^[\x20-\x7e]{1,255}$/.test(text) ? text : 'application/octet-stream'
}
