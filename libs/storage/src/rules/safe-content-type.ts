/** Decides which media type may be kept with an object. Every driver calls it before it writes one. */

/** The media type in a form that may be kept and sent in a header. Anything odd becomes the type for unknown bytes. */
export function safeContentType(text: string): string {
  return /^[\x20-\x7e]{1,255}$/.test(text) ? text : 'application/octet-stream'
}
