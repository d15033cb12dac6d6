/** Finds the type of a file from its first bytes, and compares it with the declared type. Called by FileInspection. */
import { canonicalMediaType } from '@millrace/contracts'
import { SHOWN, signatureOf } from './media-signatures.ts'

/** The media type whose signature these bytes have. Undefined for the many types without one. */
export const sniffMediaType = (head: Buffer): string | undefined => SHOWN.find(([, fits]) => fits(head))?.[0]

/** These types say nothing about the file, so it gets the type that its bytes show. */
const UNDECLARED = new Set(['', 'application/octet-stream', 'text/plain'])

const familyOf = (type: string): string => {
  const top = type.split('/', 1)[0] ?? ''
  return top === 'audio' || top === 'video' ? 'media' : top
}

/**
 * Decides the type of a file from the declared type and its first bytes. Undefined when the two contradict each other. When
 * the declared type has a signature, the bytes must have it. But an image that is another kind of image gets its real type.
 */
export function settleMediaType(declared: string, head: Buffer, shown = sniffMediaType(head)): string | undefined {
  if (UNDECLARED.has(declared)) return shown ?? declared
  const meant = canonicalMediaType(declared)
  if (meant === shown) return declared
  const isSameFamily = shown !== undefined && familyOf(declared) === familyOf(shown)
  const fits = signatureOf(meant)
  if (fits?.(head)) return declared
  // A png that is declared as a jpeg is a common mistake and does no harm.
  if (isSameFamily && familyOf(shown) === 'image') return shown
  if (fits) return undefined
  const isMarkup = shown === 'text/html' && /^application\/.*xml$/.test(meant)
  return shown === undefined || isSameFamily || isMarkup ? declared : undefined
}
