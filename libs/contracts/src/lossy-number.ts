/** Numbers that would be changed without a word when they are read: JSON text may hold what no double can. */

export interface LossyNumber {
  /** Where it begins in the text. */
  index: number
  /** As it is written. */
  number: string
}

/** Nearly all texts have nothing like it, and are passed over as fast as memory is read. */
const SUSPECT = /\d{16}|\d[eE]\+?\d{3}/
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(\.\d+)?([eE][+-]?\d+)?/gs
const SHOWN_CHARS = 40

/**
 * Of well-formed JSON text: each whole number that would be written again as another, such as 9007199254740993, and each
 * number beyond a double's range, such as 1e400; at most `most` of them. Fractions are rounded, as everywhere.
 */
export function findLossyNumbers(text: string, most: number): LossyNumber[] {
  if (!SUSPECT.test(text)) return []
  const found: LossyNumber[] = []
  for (const { 0: number, 1: fraction, 2: exponent, index } of text.matchAll(TOKEN)) {
    if (number.startsWith('"')) continue
    const read = Number(number)
    const isWhole = fraction === undefined && exponent === undefined
    if (!(isWhole ? isExact(number, read) : Number.isFinite(read))) found.push({ index, number })
    if (found.length === most) break
  }
  return found
}

/** What JavaScript itself writes for a large double is not its exact value, but is read as the same double again. */
const isExact = (token: string, read: number): boolean =>
  Number.isSafeInteger(read) || (Number.isFinite(read) && (String(read) === token || BigInt(read) === BigInt(token)))

/** What is wrong with it, and what to do. */
export const lossyNumberMessage = (number: string): string =>
  `${number.slice(0, SHOWN_CHARS)} cannot be kept exactly as a JSON number; give it as text, or as a number up to 2^53`
