/** What the first bytes of a file say it is, and whether that is what it is declared as. Called by FileInspection. */
import { canonicalMediaType } from '@millrace/contracts'
import { SHOWN, signatureOf } from './media-signatures.ts'

/** The media type that these bytes begin like; undefined for the many that have no signature. */
export const sniffMediaType = (head: Buffer): string | undefined => SHOWN.find(([, fits]) => fits(head))?.[0]

/** These say nothing of the file: it goes by what its bytes show. */
const UNDECLARED = new Set(['', 'application/octet-stream', 'text/plain'])

const familyOf = (type: string): string => {
  const top = type.split('/', 1)[0] ?? ''
  return top === 'audio' || top === 'video' ? 'media' : top
}

/**
 * The type that a file goes by, from what was declared and what its first bytes are; undefined when the two contradict
 * each other. A declared type that has a signature must show it; an image that is another kind of image goes by what it is.
 */
export function settleMediaType(declared: string, head: Buffer, shown = sniffMediaType(head)): string | undefined {
  if (UNDECLARED.has(declared)) return shown ?? declared
  const meant = canonicalMediaType(declared)
  if (meant === shown) return declared
  const isSameFamily = shown !== undefined && familyOf(declared) === familyOf(shown)
  const fits = signatureOf(meant)
  if (fits?.(head)) return declared
  // A png that calls itself a jpeg is one mistake of many.
  if (isSameFamily && familyOf(shown) === 'image') return shown
  if (fits) return undefined
  const isMarkup = shown === 'text/html' && /^application\/.*xml$/.test(meant)
  return shown === undefined || isSameFamily || isMarkup ? declared : undefined
}
